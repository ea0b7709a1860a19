package localaws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/updraft-otel/updraft/localaws/internal/tsmem"
)

var promTime0 = time.Unix(1795435200, 0)

// promStore is what a query reads: n series of x, and a histogram h.
func promStore(n int) *otlpMetrics {
	o := newOTLPMetrics(64 << 20)
	for i := range n {
		o.store.Append(labels.FromStrings("__name__", "x", "i", fmt.Sprintf("%03d", i)), tsmem.Sample{T: promTime0.UnixMilli(), F: float64(i)})
	}
	o.store.Append(labels.FromStrings("__name__", "h", "quote", `"<`), tsmem.Sample{T: promTime0.UnixMilli() + 1, H: &histogram.FloatHistogram{
		Schema: 0, Count: 7, Sum: 1e22, ZeroCount: 1, ZeroThreshold: 0.5,
		PositiveSpans: []histogram.Span{{Offset: 1, Length: 2}}, PositiveBuckets: []float64{2, 3},
		NegativeSpans: []histogram.Span{{Offset: 1, Length: 1}}, NegativeBuckets: []float64{1},
	}})
	return o
}

func TestPromAnswer(t *testing.T) {
	o := promStore(2)
	f := func(expr string, step time.Duration, want string) {
		t.Helper()
		at := promTime0.Add(time.Second)
		answer, err := o.query(t.Context(), promQuery{Expr: expr, Start: at, End: at.Add(step), Step: step, Limit: maxPromQLSeries})
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(answer)
		if err != nil {
			t.Fatal(err)
		}
		if decode(t, string(got)) != decode(t, want) {
			t.Errorf("%s is\n%s\nwant\n%s", expr, got, want)
		}
	}
	f("x", 0, `{"status":"success","data":{"resultType":"vector","result":[`+
		`{"metric":{"__name__":"x","i":"000"},"value":[1795435201,"0"]},{"metric":{"__name__":"x","i":"001"},"value":[1795435201,"1"]}]}}`)
	f("h", 0, `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"h","quote":"\"<"},"histogram":[1795435201,`+
		`{"count":"7","sum":"1e+22","buckets":[[1,"-2","-1","1"],[3,"-0.5","0.5","1"],[0,"1","2","2"],[0,"2","4","3"]]}]}]}}`)
	f("0/0 * x{i='000'}", time.Millisecond, `{"status":"success","data":{"resultType":"matrix","result":[`+
		`{"metric":{"i":"000"},"values":[[1795435201,"NaN"],[1795435201.001,"NaN"]]}]}}`)
	f("max(h)", 0, `{"status":"success","data":{"resultType":"vector","result":[]},"infos":["PromQL info: ignored histogram in max aggregation (1:5)"]}`)
	f("1e-7", 0, `{"status":"success","data":{"resultType":"scalar","result":[1795435201,"1e-07"]}}`)
}

// decode is JSON with its members in order; Prometheus' order is none.
func decode(t *testing.T, text string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestPromAnswer_truncated(t *testing.T) {
	o := promStore(maxPromQLSeries + 1)
	f := func(expr string, limit, series int, warning string) {
		t.Helper()
		answer, err := o.query(t.Context(), promQuery{Expr: expr, Start: promTime0, Limit: limit})
		if err != nil {
			t.Fatal(err)
		}
		var result []json.RawMessage
		if err := json.Unmarshal(answer.Data.(promData).Result, &result); err != nil {
			t.Fatal(err)
		}
		if len(result) != series || strings.Join(answer.Warnings, "") != warning {
			t.Errorf("%s: %d series, warnings %q; want %d, %q", expr, len(result), answer.Warnings, series, warning)
		}
	}
	f("x", maxPromQLSeries, 500, "result truncated to the maximum of 500 series; refine the query or use the limit parameter")
	f("x != 0", maxPromQLSeries, 500, "")
	f("x", 10, 10, "results truncated due to limit")
	f("sum(x)", maxPromQLSeries, 1, "")
}

// TestPromQuery_limits asks for too much of each kind.
func TestPromQuery_limits(t *testing.T) {
	o := promStore(2)
	f := func(ctx context.Context, expr string, rule *Rule) {
		t.Helper()
		_, err := o.query(ctx, promQuery{Expr: expr, Start: promTime0, Limit: maxPromQLSeries})
		var refusal *promRefusal
		if !errors.As(err, &refusal) || refusal.rule != rule {
			t.Errorf("%s: %v, want it refused by %s", expr, err, rule.ID)
		}
	}
	f(t.Context(), "x + on() x", &rulePromQLExecution)
	f(t.Context(), "rate(x[8d])", &rulePromQLRange)
	f(t.Context(), "x offset 1d + x[", &rulePromQLParse)
	late, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	f(late, "x", &rulePromQLTimeout)
	for err, rule := range map[error]*Rule{tsmem.ErrSeries: &rulePromQLScanned, tsmem.ErrSamples: &rulePromQLSamples} {
		var refusal *promRefusal
		if !errors.As(promError(t.Context(), fmt.Errorf("storage: %w", err)), &refusal) || refusal.rule != rule {
			t.Errorf("%v is refused by %v, want %s", err, refusal, rule.ID)
		}
	}
}

func TestPromQL_atTheSameTime(t *testing.T) {
	srv := startTest(t, Config{})
	c := &call{srv: srv, now: promTime0}
	for range maxPromQLConcurrent {
		if _, err := c.admitProm(&srv.otlp.queries, srv.otlp.querying, &rulePromQLCalls); err != nil {
			t.Fatal(err)
		}
	}
	_, err := c.admitProm(&srv.otlp.queries, srv.otlp.querying, &rulePromQLCalls)
	var refusal *promRefusal
	if !errors.As(err, &refusal) || promStatus(refusal.rule) != 429 {
		t.Errorf("query 31 is answered %v, want 429", err)
	}
	for range maxPromQLCalls - maxPromQLConcurrent - 1 {
		srv.otlp.queries.take(promTime0, 1)
	}
	_, err = c.admitProm(&srv.otlp.queries, make(chan struct{}, 1), &rulePromQLCalls)
	if !errors.As(err, &refusal) || promStatus(refusal.rule) != 422 {
		t.Errorf("query 301 of a second is answered %v, want 422", err)
	}
}

// FuzzPromQL holds that no parameters break the server.
func FuzzPromQL(f *testing.F) {
	f.Add("rate(x[5m])", "1795435200", "60")
	f.Add(`sum by ("@datapoint.i") ({"@datapoint.@name"="x"} @ 5) / on("@datapoint.i") group_left x`, "2026-11-23T00:00:00Z", "1m")
	f.Add("histogram_quantile(0.9, h)", "1e3", "NaN")
	srv := newServer(Config{}.withDefaults())
	srv.otlp = promStore(3)
	f.Fuzz(func(t *testing.T, expr, at, step string) {
		form := url.Values{"query": {expr}, "start": {at}, "end": {at}, "time": {at}, "step": {step}}
		for _, path := range []string{promqlQueryPath, promqlRangePath} {
			c := &call{srv: srv, now: promTime0, op: &operation{service: serviceCloudWatch, name: path}}
			q, err := c.promQueryOf(form)
			if err != nil {
				continue
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if answer, err := srv.otlp.query(ctx, q); err == nil {
				if _, err := json.Marshal(answer); err != nil {
					t.Errorf("%q: %v", expr, err)
				}
			}
			cancel()
		}
	})
}
