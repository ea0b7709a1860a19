package localaws

import (
	"encoding/json"
	"fmt"

	"github.com/updraft-otel/updraft/localaws/internal/chart"
	"github.com/updraft-otel/updraft/localaws/internal/metricmath"
)

// GetMetricWidgetImage as AWS does it: a PNG of a widget with up to 100 metrics and
// expressions, as lines, stacked areas or numbers, with annotations, two axes and a
// legend. It looks like CloudWatch's graphs, not the same. It leaves out: the views
// other than timeSeries and singleValue, and alarms as annotations, which are
// refused loudly; other regions and accounts. Read from getMetricWidgetImagePage.

type getMetricWidgetImageInput struct {
	MetricWidget *string `json:"MetricWidget"`
	OutputFormat *string `json:"OutputFormat"`
}

type getMetricWidgetImageOutput struct {
	MetricWidgetImage []byte `json:"MetricWidgetImage"`

	alone bool // the image is the whole answer
}

// raw is the image as the answer's body, if that is asked for.
func (o *getMetricWidgetImageOutput) raw() (contentType string, body []byte) {
	if !o.alone {
		return "", nil
	}
	return imagePNG, o.MetricWidgetImage
}

// imagePNG is the format that has the image alone as the answer.
const imagePNG = "image/png"

func getMetricWidgetImage(c *call, in *getMetricWidgetImageInput) (*getMetricWidgetImageOutput, error) {
	v := &violations{c: c, in: in}
	it := v.whole()
	format := deref(in.OutputFormat)
	if format != "" && format != "png" && format != imagePNG {
		it.fail(&ruleWidgetFormat, "OutputFormat", format, shown(format))
	}
	if !it.required("MetricWidget", in.MetricWidget) {
		return nil, v.err()
	}
	if n := len(*in.MetricWidget); n > maxWidget {
		it.fail(&ruleWidgetSize, "MetricWidget", n)
	}
	if err := v.err(); err != nil {
		return nil, err
	}
	image, err := drawWidget(c, v, *in.MetricWidget)
	if err != nil {
		return nil, err
	}
	return &getMetricWidgetImageOutput{image, format == imagePNG}, nil
}

// drawWidget reads a widget, computes its data and draws it.
func drawWidget(c *call, v *violations, text string) ([]byte, error) {
	it := v.whole()
	w := new(widget)
	if err := json.Unmarshal([]byte(text), w); err != nil {
		it.fail(&ruleWidgetJSON, "MetricWidget", shown(text), err)
		return nil, v.err()
	}
	if what := w.unsupported(); what != "" {
		it.fail(&ruleWidgetUnsupported, "MetricWidget", what, what)
		return nil, v.err()
	}
	ch, rows, err := w.prepare(c)
	if err != nil {
		it.fail(&ruleWidget, "MetricWidget", err.Error(), err)
		return nil, v.err()
	}
	queries := make([]metricDataQuery, len(rows))
	for i := range rows {
		queries[i] = rows[i].metricDataQuery
	}
	r := &metricRequest{
		now: c.now.Unix(), start: ch.Start.Unix(), end: ch.End.Unix(),
		queries: it.queries("metrics", queries), zone: it.zone(&labelOptions{&w.Timezone}),
	}
	if err := v.err(); err != nil {
		return nil, err
	}
	ch.Zone = r.zone
	answer, err := c.srv.metrics.evaluate(r)
	if err != nil {
		return nil, v.refuseExpression("metrics", err)
	}
	addLines(ch, rows, answer)
	return ch.PNG()
}

// unsupported names what of a widget AWS can draw and localaws cannot.
func (w *widget) unsupported() string {
	switch w.View {
	case "", "timeSeries", "singleValue":
	default:
		return "view " + shown(w.View)
	}
	switch {
	case len(w.Annotations.Alarms) > 0:
		return "annotations.alarms"
	case w.Region != "" && w.Region != Region:
		return "region " + shown(w.Region)
	}
	return ""
}

// prepare is the chart without lines, and the rows of the metrics array.
func (w *widget) prepare(c *call) (*chart.Chart, []widgetRow, error) {
	rows, err := w.rows()
	if err != nil {
		return nil, nil, err
	}
	ch, err := w.shape()
	if err != nil {
		return nil, nil, err
	}
	if w.View == "singleValue" {
		ch.View = chart.SingleValue
	}
	for i := range rows {
		if _, err := widgetColor(rows[i].options.Color); err != nil {
			return nil, nil, fmt.Errorf("metrics[%d]: %w", i, err)
		}
	}
	if w.Timezone == "" {
		w.Timezone = "+0000"
	}
	ch.Start, ch.End, err = w.times(c.now)
	return ch, rows, err
}

// addLines gives a chart the lines of an answer. Metrics without labels are told
// apart by what they differ in.
func addLines(ch *chart.Chart, rows []widgetRow, answer *metricAnswer) {
	byID := make(map[string]*widgetRow)
	for i := range rows {
		byID[*rows[i].ID] = &rows[i]
	}
	var lines []*metricLine
	var unnamed []seriesInfo
	var names []*string
	for i := range answer.lines {
		line := &answer.lines[i]
		if !line.returned {
			continue
		}
		lines = append(lines, line)
		if of, ok := line.series.Metric.(*measure); ok && byID[line.id].Label == nil && byID[line.id].MetricStat != nil {
			unnamed = append(unnamed, seriesInfo{namespace: of.namespace, name: of.name, dimensions: of.dimensions})
			names = append(names, &line.label)
		}
	}
	for i, label := range searchLabels(unnamed) {
		*names[i] = label
	}
	for _, line := range lines {
		row := byID[line.id]
		own, err := widgetColor(row.options.Color)
		if err != nil || answer.kinds[line.id] == metricmath.KindArray {
			own = nil // the series of an array cannot all have the same
		}
		ch.Lines = append(ch.Lines, chart.Line{
			Label: line.label, Color: own, Right: row.options.YAxis == "right",
			Period: line.series.Period, Times: line.series.Times, Values: line.series.Values,
		})
	}
}
