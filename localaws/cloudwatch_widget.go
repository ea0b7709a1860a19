package localaws

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/color"
	"strconv"
	"strings"
	"time"

	"github.com/updraft-otel/updraft/localaws/internal/chart"
)

// A widget is CloudWatch's JSON of a graph as
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Metric-Widget-Structure.html
// has it. Members that it does not know are passed over.
type widget struct {
	Metrics     []json.RawMessage `json:"metrics"`
	Annotations widgetAnnotations `json:"annotations"`
	Start       *string           `json:"start"`
	End         *string           `json:"end"`
	Width       *int              `json:"width"`
	Height      *int              `json:"height"`
	Legend      struct {
		Position string `json:"position"`
	} `json:"legend"`
	Period   *int   `json:"period"`
	Region   string `json:"region"`
	Stacked  bool   `json:"stacked"`
	Stat     string `json:"stat"`
	Timezone string `json:"timezone"`
	Title    string `json:"title"`
	View     string `json:"view"`
	YAxis    struct {
		Left  widgetAxis `json:"left"`
		Right widgetAxis `json:"right"`
	} `json:"yAxis"`
}

type widgetAxis struct {
	Min   *float64 `json:"min"`
	Max   *float64 `json:"max"`
	Label string   `json:"label"`
}

type widgetAnnotations struct {
	Alarms     []string          `json:"alarms"`
	Horizontal []json.RawMessage `json:"horizontal"`
	Vertical   []json.RawMessage `json:"vertical"`
}

// An annotation is one of them; the value is a number, or a time as text.
type widgetAnnotation struct {
	Value   json.RawMessage `json:"value"`
	Label   string          `json:"label"`
	Color   string          `json:"color"`
	Fill    string          `json:"fill"`
	Visible *bool           `json:"visible"`
	YAxis   string          `json:"yAxis"`
}

// widgetOptions are the properties in which a metric differs from the widget, or
// an expression.
type widgetOptions struct {
	Expression *string `json:"expression"`
	ID         *string `json:"id"`
	Label      *string `json:"label"`
	Color      string  `json:"color"`
	Period     *int    `json:"period"`
	Stat       string  `json:"stat"`
	Visible    *bool   `json:"visible"`
	YAxis      string  `json:"yAxis"`
	Region     string  `json:"region"`
	AccountID  *string `json:"accountId"`
}

// Defaults of a widget.
const (
	widgetWidth  = 600
	widgetHeight = 400
	widgetPeriod = 300
	widgetStart  = "-PT3H"
	widgetEnd    = "-PT0H"
)

// A widgetRow is one line of the metrics array: a query and how it is drawn.
type widgetRow struct {
	metricDataQuery
	options widgetOptions
}

// rows reads the metrics array. A row may say "." for what stands at the same
// place of the row before, and "..." for all that is missing from its front.
func (w *widget) rows() ([]widgetRow, error) {
	if n := len(w.Metrics); n < 1 || n > maxWidgetMetrics {
		return nil, fmt.Errorf("metrics must have 1 to %d items, not %d", maxWidgetMetrics, n)
	}
	var previous []string
	rows := make([]widgetRow, len(w.Metrics))
	for i, raw := range w.Metrics {
		at := fmt.Sprintf("metrics[%d]", i)
		texts, options, err := splitRow(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", at, err)
		}
		rows[i].options = options
		if options.Expression == nil {
			if texts, err = expandRow(texts, previous); err != nil {
				return nil, fmt.Errorf("%s: %w", at, err)
			}
			previous = texts
		} else if len(texts) > 0 {
			return nil, fmt.Errorf("%s: an expression stands alone", at)
		}
		if err := w.query(&rows[i], texts); err != nil {
			return nil, fmt.Errorf("%s: %w", at, err)
		}
	}
	nameRows(rows)
	return rows, nil
}

// splitRow takes a row apart: texts, and behind them an object or nothing.
func splitRow(raw json.RawMessage) (texts []string, options widgetOptions, err error) {
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return nil, options, fmt.Errorf("is no array")
	}
	for i, item := range items {
		if bytes.HasPrefix(item, []byte("{")) && i == len(items)-1 {
			return texts, options, json.Unmarshal(item, &options)
		}
		var text string
		if err := json.Unmarshal(item, &text); err != nil {
			return nil, options, fmt.Errorf("item %d is no text", i)
		}
		texts = append(texts, text)
	}
	return texts, options, nil
}

func expandRow(texts, previous []string) ([]string, error) {
	var out []string
	for i, text := range texts {
		switch at := len(out); {
		case text == "..." && i == 0:
			n := len(previous) - (len(texts) - 1)
			if n < 0 {
				return nil, fmt.Errorf("%q has nothing to stand for", text)
			}
			out = append(out, previous[:n]...)
		case text == "." && at >= len(previous):
			return nil, fmt.Errorf("%q has nothing to stand for", text)
		case text == ".":
			out = append(out, previous[at])
		default:
			out = append(out, text)
		}
	}
	if len(out) < 2 || len(out)%2 != 0 {
		return nil, fmt.Errorf("a metric has a namespace, a name, and dimensions each with a value")
	}
	return out, nil
}

// query makes the query of a row.
func (w *widget) query(row *widgetRow, texts []string) error {
	o := &row.options
	if o.YAxis != "" && o.YAxis != "left" && o.YAxis != "right" {
		return fmt.Errorf("yAxis must be left or right, not %q", o.YAxis)
	}
	row.ID, row.Label, row.AccountID = o.ID, o.Label, o.AccountID
	row.ReturnData = o.Visible
	period := o.Period
	if period == nil {
		period = w.Period
	}
	if period == nil {
		period = new(widgetPeriod)
	}
	if o.Expression != nil {
		row.Expression, row.Period = o.Expression, period
		return nil
	}
	stat := o.Stat
	if stat == "" {
		stat = w.Stat
	}
	if stat == "" {
		stat = "Average"
	}
	metric := &metricName{Namespace: &texts[0], MetricName: &texts[1]}
	for i := 2; i < len(texts); i += 2 {
		metric.Dimensions = append(metric.Dimensions, metricDimension{&texts[i], &texts[i+1]})
	}
	row.MetricStat = &metricStat{Metric: metric, Period: period, Stat: &stat}
	return nil
}

// nameRows gives ids to rows without one, as CloudWatch's console does: m1, e1.
func nameRows(rows []widgetRow) {
	taken := make(map[string]bool)
	for i := range rows {
		taken[deref(rows[i].ID)] = true
	}
	for i := range rows {
		if rows[i].ID != nil {
			continue
		}
		prefix := "m"
		if rows[i].Expression != nil {
			prefix = "e"
		}
		for n := 1; rows[i].ID == nil; n++ {
			if id := prefix + strconv.Itoa(n); !taken[id] {
				taken[id], rows[i].ID = true, &id
			}
		}
	}
}

// times are the start and the end of the graph.
func (w *widget) times(now time.Time) (start, end time.Time, err error) {
	if start, err = widgetTime(w.Start, widgetStart, now); err != nil {
		return start, end, fmt.Errorf("start: %w", err)
	}
	if end, err = widgetTime(w.End, widgetEnd, now); err != nil {
		return start, end, fmt.Errorf("end: %w", err)
	}
	if !start.Before(end) {
		return start, end, fmt.Errorf("end must be after start")
	}
	return start, end, nil
}

// widgetTime reads a time, or a duration before now such as -PT3H.
func widgetTime(text *string, fallback string, now time.Time) (time.Time, error) {
	if text == nil {
		text = &fallback
	}
	if duration, ok := strings.CutPrefix(*text, "-P"); ok {
		return beforeNow(now, duration)
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, *text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time of ISO 8601 and no duration such as -PT3H", *text)
}

// maxDuration bounds a number of a duration: more than CloudWatch keeps anything.
const maxDuration = 100_000

// beforeNow goes back by a duration of ISO 8601, without its -P: 1DT12H.
func beforeNow(now time.Time, duration string) (time.Time, error) {
	bad := fmt.Errorf("%q is no duration of ISO 8601", "-P"+duration)
	days, clock, _ := strings.Cut(duration, "T")
	at, n, digits := now, 0, 0
	for i, part := range []string{days, clock} {
		for _, ch := range part {
			if ch >= '0' && ch <= '9' {
				if n, digits = n*10+int(ch-'0'), digits+1; n > maxDuration {
					return at, bad
				}
				continue
			}
			unit := string(ch)
			switch back := -n; {
			case digits == 0:
				return at, bad
			case i == 0 && unit == "Y":
				at = at.AddDate(back, 0, 0)
			case i == 0 && unit == "M":
				at = at.AddDate(0, back, 0)
			case i == 0 && unit == "W":
				at = at.AddDate(0, 0, 7*back)
			case i == 0 && unit == "D":
				at = at.AddDate(0, 0, back)
			case i == 1 && unit == "H":
				at = at.Add(time.Duration(back) * time.Hour)
			case i == 1 && unit == "M":
				at = at.Add(time.Duration(back) * time.Minute)
			case i == 1 && unit == "S":
				at = at.Add(time.Duration(back) * time.Second)
			default:
				return at, bad
			}
			n, digits = 0, 0
		}
		if digits > 0 {
			return at, bad
		}
	}
	if duration == "" || strings.HasSuffix(duration, "T") {
		return at, bad
	}
	return at, nil
}

// widgetColor reads six hexadecimal digits, or three, behind a #; nil without any.
func widgetColor(text string) (color.Color, error) {
	if text == "" {
		return nil, nil
	}
	digits, ok := strings.CutPrefix(text, "#")
	if ok && len(digits) == 3 {
		digits = string([]byte{digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]})
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	if !ok || err != nil || len(digits) != 6 {
		return nil, fmt.Errorf("color %q is not like #1f77b4", text)
	}
	return color.RGBA{uint8(n >> 16), uint8(n >> 8), uint8(n), 0xff}, nil
}

// shape is the chart without its lines.
func (w *widget) shape() (*chart.Chart, error) {
	c := &chart.Chart{
		Width: widgetWidth, Height: widgetHeight, Title: w.Title, Stacked: w.Stacked,
		Left:  chart.Axis{Label: w.YAxis.Left.Label, Min: w.YAxis.Left.Min, Max: w.YAxis.Left.Max},
		Right: chart.Axis{Label: w.YAxis.Right.Label, Min: w.YAxis.Right.Min, Max: w.YAxis.Right.Max},
	}
	if w.Width != nil {
		c.Width = *w.Width
	}
	if w.Height != nil {
		c.Height = *w.Height
	}
	if c.Width < 1 || c.Width > chart.MaxSize || c.Height < 1 || c.Height > chart.MaxSize {
		return nil, fmt.Errorf("width and height must be 1 to %d", chart.MaxSize)
	}
	switch w.Legend.Position {
	case "", "bottom":
	case "right":
		c.Legend = chart.LegendRight
	case "hidden":
		c.Legend = chart.LegendHidden
	default:
		return nil, fmt.Errorf("legend.position must be bottom, right or hidden, not %q", w.Legend.Position)
	}
	return c, w.annotate(c)
}
