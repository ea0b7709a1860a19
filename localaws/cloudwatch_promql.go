package localaws

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// CloudWatch's Prometheus-compatible API: /api/v1/query and query_range,
// series, labels and label/NAME/values, by GET with a query string or by POST
// with a form, signed for monitoring. Answers and errors have Prometheus' JSON.
// It leaves out Prometheus' other paths, which AWS has not either.
//
// Read from promqlQueryPage, promqlSeriesPage, promqlLabelsPage and promqlPage.

// The paths, by which the rules and [Server.Control] call the operations.
const (
	promqlQueryPath  = "/api/v1/query"
	promqlRangePath  = "/api/v1/query_range"
	promqlSeriesPath = "/api/v1/series"
	promqlLabelsPath = "/api/v1/labels"
	promqlValuesPath = "/api/v1/label/{name}/values"

	promqlPrefix  = "/api/v1/"
	promqlLabel   = promqlPrefix + "label/"
	promqlValues  = "/values"
	promqlAnyPath = promqlPrefix + "*" // in rules: all of them
)

func promqlOperations() []operation {
	op := func(path string, run func(c *call, form url.Values) (*promAnswer, error)) operation {
		return operation{service: serviceCloudWatch, name: path, path: path, reads: true, run: func(c *call, _ *wire.Input) (any, error) {
			form, err := c.promForm()
			if err != nil {
				return nil, c.refuse(&rulePromQLParameter, "body", err, c.body)
			}
			answer, err := run(c, form)
			return answer, c.promRefused(form, err)
		}}
	}
	return []operation{
		op(promqlQueryPath, (*call).promQuery),
		op(promqlRangePath, (*call).promQuery),
		op(promqlSeriesPath, (*call).promSeries),
		op(promqlLabelsPath, (*call).promLabels),
		op(promqlValuesPath, (*call).promLabels),
	}
}

// labelOfPath is the name in /api/v1/label/NAME/values.
func labelOfPath(path string) (string, bool) {
	name, found := strings.CutPrefix(path, promqlLabel)
	name, ends := strings.CutSuffix(name, promqlValues)
	return name, found && ends && name != ""
}

// promForm is the query string and the form of the body.
func (c *call) promForm() (url.Values, error) {
	form := c.request.URL.Query()
	if c.request.Method != http.MethodPost {
		return form, nil
	}
	body, err := url.ParseQuery(string(c.body))
	for name, values := range body {
		form[name] = append(values, form[name]...)
	}
	return form, err
}

// promRefused records a query that was turned away, and is AWS's error.
func (c *call) promRefused(form url.Values, err error) error {
	var refusal *promRefusal
	switch {
	case errors.As(err, &refusal):
		out := c.refuse(refusal.rule, "query", refusal.value, []byte(form.Encode()))
		return withStatus(out, promStatus(refusal.rule))
	case errors.Is(err, context.Canceled):
		return nil // nobody waits for the answer
	}
	return err
}

// promStatus is the status of a rule, from promqlPage; a parameter that cannot
// be read has Prometheus' 400.
func promStatus(rule *Rule) int {
	switch {
	case rule == &rulePromQLConcurrent:
		return http.StatusTooManyRequests
	case rule.Code == promBadData:
		return http.StatusBadRequest
	}
	return http.StatusUnprocessableEntity
}

// admitProm takes one of the places of a kind of call, until done is called.
func (c *call) admitProm(limit *rateLimit, places chan struct{}, tooOften *Rule) (done func(), err error) {
	if limit.take(c.now, 1) == 0 {
		return nil, &promRefusal{tooOften, limit.most}
	}
	select {
	case places <- struct{}{}:
		return func() { <-places }, nil
	default:
		return nil, &promRefusal{&rulePromQLConcurrent, maxPromQLConcurrent}
	}
}

// promQuery answers query and query_range.
func (c *call) promQuery(form url.Values) (*promAnswer, error) {
	o := c.srv.otlp
	done, err := c.admitProm(&o.queries, o.querying, &rulePromQLCalls)
	if err != nil {
		return nil, err
	}
	defer done()
	q, err := c.promQueryOf(form)
	if err != nil {
		return nil, err
	}
	answer, err := o.query(c.request.Context(), q)
	if err == nil && answer.truncated > 0 {
		c.note(&rulePromQLTruncated, "query", answer.truncated, []byte(q.Expr))
	}
	return answer, err
}

func (c *call) promQueryOf(form url.Values) (promQuery, error) {
	q := promQuery{Expr: form.Get("query")}
	var err error
	if q.Limit, err = promLimit(form, maxPromQLSeries); err != nil {
		return q, err
	}
	if q.Expr == "" {
		return q, badParameter("query", errors.New("is required"))
	}
	if c.op.name == promqlQueryPath {
		q.Start, err = promTime(form, "time", c.now)
		return q, err
	}
	if q.Start, q.End, err = promRange(form, true); err != nil {
		return q, err
	}
	if q.Step, err = promDuration(form.Get("step")); err != nil {
		return q, badParameter("step", err)
	}
	if q.Step <= 0 {
		return q, badParameter("step", errors.New("zero or negative query resolution step widths are not accepted. Try a positive integer"))
	}
	return q, nil
}

// promSeries answers series.
func (c *call) promSeries(form url.Values) (*promAnswer, error) {
	d, err := c.discovery(form, true)
	if err != nil {
		return nil, err
	}
	defer d.done()
	for i, set := range d.sets {
		if !namesMetric(set) {
			return nil, &promRefusal{&rulePromQLName, form["match[]"][i]}
		}
	}
	var found []labels.Labels
	c.srv.otlp.store.Series(d.from, d.to, d.sets, func(l labels.Labels) bool {
		found = append(found, l)
		return true
	})
	slices.SortFunc(found, labels.Compare)
	answer := &promAnswer{Status: "success"}
	found = found[:answer.cut(len(found), d.limit, maxPromQLLabels, "series")]
	data := make([]map[string]string, len(found))
	for i, l := range found {
		data[i] = l.Map()
	}
	answer.Data = data
	return answer, nil
}

// promLabels answers labels and label/NAME/values.
func (c *call) promLabels(form url.Values) (*promAnswer, error) {
	d, err := c.discovery(form, false)
	if err != nil {
		return nil, err
	}
	defer d.done()
	label, isValues := labelOfPath(c.request.URL.Path)
	seen := make(map[string]bool)
	c.srv.otlp.store.Series(d.from, d.to, d.sets, func(l labels.Labels) bool {
		if !isValues {
			l.Range(func(label labels.Label) { seen[label.Name] = true })
		} else if v := l.Get(bareLabel(label)); v != "" {
			seen[v] = true
		}
		return true
	})
	data := make([]string, 0, len(seen))
	for text := range seen {
		data = append(data, text)
	}
	slices.Sort(data)
	answer := &promAnswer{Status: "success"}
	answer.Data = data[:answer.cut(len(data), d.limit, maxPromQLLabels, "labels")]
	return answer, nil
}

// A discovery is what series and labels have in common.
type discovery struct {
	from, to int64 // milliseconds
	sets     [][]*labels.Matcher
	limit    int
	done     func()
}

// discovery admits a call and reads its parameters; strict wants all of them.
func (c *call) discovery(form url.Values, strict bool) (*discovery, error) {
	o := c.srv.otlp
	done, err := c.admitProm(&o.discoveries, o.discovering, &rulePromQLDiscoveries)
	if err != nil {
		return nil, err
	}
	d := &discovery{done: done}
	if err := d.read(o, form, strict); err != nil {
		done()
		return nil, err
	}
	return d, nil
}

func (d *discovery) read(o *otlpMetrics, form url.Values, strict bool) error {
	var err error
	if d.limit, err = promLimit(form, maxPromQLLabels); err != nil {
		return err
	}
	from, to, err := promRange(form, strict)
	if err != nil {
		return err
	}
	d.from, d.to = from.UnixMilli(), to.UnixMilli()
	if strict && len(form["match[]"]) == 0 {
		return badParameter("match[]", errors.New("no match[] parameter provided"))
	}
	size := 0
	for _, selector := range form["match[]"] {
		if size += len(selector); size > maxPromQLText {
			return &promRefusal{&rulePromQLText, size}
		}
	}
	if d.sets, err = o.parser.ParseMetricSelectors(form["match[]"]); err != nil {
		return badParameter("match[]", err)
	}
	for _, set := range d.sets {
		bareMatchers(set)
	}
	return nil
}

// badParameter is the refusal of a parameter, in Prometheus' words.
func badParameter(name string, err error) error {
	return &promRefusal{&rulePromQLParameter, fmt.Errorf("%q: %w", name, err)}
}

// promRange is start and end. Where they may be absent, that is all time.
func promRange(form url.Values, required bool) (from, to time.Time, err error) {
	if required {
		for _, name := range []string{"start", "end"} {
			if form.Get(name) == "" {
				return from, to, badParameter(name, errors.New("is required"))
			}
		}
	}
	if from, err = promTime(form, "start", time.UnixMilli(0)); err != nil {
		return from, to, err
	}
	if to, err = promTime(form, "end", time.UnixMilli(math.MaxInt64)); err != nil {
		return from, to, err
	}
	switch {
	case to.Before(from):
		return from, to, badParameter("end", errors.New("end timestamp must not be before start time"))
	case required && to.Sub(from) > maxPromQLRange:
		return from, to, &promRefusal{&rulePromQLRange, to.Sub(from)}
	}
	return from, to, nil
}

// promTime reads seconds since 1970 or a time of RFC 3339.
func promTime(form url.Values, name string, otherwise time.Time) (time.Time, error) {
	text := form.Get(name)
	if text == "" {
		return otherwise, nil
	}
	const most = 1 << 40 // seconds, far beyond any time that milliseconds hold
	if seconds, err := strconv.ParseFloat(text, 64); err == nil && math.Abs(seconds) < most {
		return time.UnixMilli(int64(math.Round(seconds * 1000))).UTC(), nil
	}
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return at, nil
	}
	return otherwise, badParameter(name, fmt.Errorf("cannot parse %q to a valid timestamp", text))
}

// promDuration reads seconds or a duration as 5m.
func promDuration(text string) (time.Duration, error) {
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		if math.Abs(seconds) > maxPromQLRange.Seconds() || math.IsNaN(seconds) {
			return 0, fmt.Errorf("cannot parse %q to a valid duration", text)
		}
		return time.Duration(seconds * float64(time.Second)).Truncate(time.Millisecond), nil
	}
	d, err := model.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("cannot parse %q to a valid duration", text)
	}
	return time.Duration(d), nil
}

// promLimit is how many series or labels are wanted, from 1 to the most.
func promLimit(form url.Values, most int) (int, error) {
	text := form.Get("limit")
	if text == "" {
		return most, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, badParameter("limit", fmt.Errorf("%q is not a number from 1 to %d", text, most))
	}
	return n, nil
}
