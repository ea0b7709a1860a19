package localaws

import (
	"bytes"
	"fmt"
	"net/http"
	"time"

	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/protobuf/proto"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/updraft-otel/updraft/localaws/internal/sigv4"
	"github.com/updraft-otel/updraft/localaws/internal/tsmem"
	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// POST /v1/metrics, CloudWatch's OTLP endpoint: takes OpenTelemetry's metrics in
// protobuf or JSON, plain or gzip'ed, signed for monitoring or with a bearer
// token; refuses a request as a whole over AWS's limits, and rejects data points
// with too many or too long labels one by one. What it takes is read with PromQL
// and with nothing else: GetMetricData and ListMetrics do not see it, as in AWS.
//
// It leaves out: gRPC, which AWS has not either; that AWS takes tokens over
// HTTPS only; exemplars, and the minimum and maximum of histograms. Summaries,
// of which AWS says nothing, it rejects.
//
// Read from otlpPage, promqlQueryingPage and metricsBearerPage.

// Limits of a request, from otlpPage.
const (
	maxOTLPMetricBytes  = 1 << 20 // uncompressed
	maxOTLPDatapoints   = 1000
	maxOTLPLabels       = 150      // of resource, scope and data point
	maxOTLPLabelBytes   = 40 << 10 // of their names and values
	maxOTLPMetricPast   = 14 * 24 * time.Hour
	maxOTLPMetricFuture = 10 * time.Minute
	maxOTLPCalls        = 500 // a second
	maxOTLPNewSeries    = 1_000_000
	otlpNewSeriesWindow = 10 * time.Minute
)

// otlpMetricsOperation is what the rules and [Server.Control] call the endpoint.
const otlpMetricsOperation = "/v1/metrics"

func otlpMetricsOperations() []operation {
	return []operation{{service: serviceCloudWatch, name: otlpMetricsOperation, path: otlpMetricsOperation, run: exportMetrics}}
}

func exportMetrics(c *call, _ *wire.Input) (any, error) {
	if c.srv.otlp.calls.take(c.now, 1) == 0 {
		return nil, withStatus(c.refuse(&ruleOTLPMetricCalls, "request", maxOTLPCalls, nil), http.StatusTooManyRequests)
	}
	if len(c.body) > maxOTLPMetricBytes {
		return nil, c.refuse(&ruleOTLPMetricBytes, "body", len(c.body), nil)
	}
	request := &metricspb.MetricsData{}
	if err := c.decodeOTLPMetrics(request); err != nil {
		return nil, c.malformed(err)
	}
	if rule, field, value := checkMetrics(request, c.now); rule != nil {
		return nil, c.refuse(rule, field, value, nil)
	}
	return c.keepOTLPMetrics(request)
}

func (c *call) decodeOTLPMetrics(request *metricspb.MetricsData) error {
	if c.protocol == wire.OTLPJSON {
		return unmarshalOTLPJSON(c.body, request)
	}
	if err := proto.Unmarshal(c.body, request); err != nil {
		return fmt.Errorf("protobuf: %w", err)
	}
	return nil
}

// checkMetrics checks what concerns the request as a whole.
func checkMetrics(request *metricspb.MetricsData, now time.Time) (*Rule, string, any) {
	n := 0
	var rule *Rule
	var field string
	var value any
	eachDatapoint(request, func(p *otlpPoint) {
		n++
		at := nanoTime(p.point.GetTimeUnixNano())
		switch {
		case rule != nil:
		case now.Sub(at) > maxOTLPMetricPast:
			rule, field, value = &ruleOTLPMetricPast, p.path(), at.Format(time.RFC3339)
		case at.Sub(now) > maxOTLPMetricFuture:
			rule, field, value = &ruleOTLPMetricFuture, p.path(), at.Format(time.RFC3339)
		}
	})
	if n > maxOTLPDatapoints {
		return &ruleOTLPMetricDatapoints, "resourceMetrics", n
	}
	return rule, field, value
}

// keepOTLPMetrics journals and stores a request, but for the data points that
// are rejected. When none is left the request is refused, as otlpPage says.
func (c *call) keepOTLPMetrics(request *metricspb.MetricsData) (any, error) {
	region := c.region()
	kept, rejected := c.datapoints(request, region)
	answer := &wire.PartialSuccess{Items: "rejectedDataPoints", Rejected: int64(len(rejected))}
	if len(rejected) > 0 {
		answer.Message = rejected[0].message()
		if len(kept) == 0 {
			return nil, c.refuseDatapoints(rejected)
		}
	}
	for i := range rejected {
		c.note(rejected[i].rule, rejected[i].path, rejected[i].value, nil)
	}
	if len(kept) == 0 {
		return answer, nil
	}
	payload, err := otlpChunk(region, request)
	if err != nil {
		return nil, err
	}
	if err := c.srv.journal.append(kindOTLPMetrics, c.now, payload); err != nil {
		return nil, err
	}
	for _, p := range kept {
		c.srv.otlp.store.Append(p.labels, p.sample)
	}
	return answer, nil
}

// A storedPoint is a data point as the store has it.
type storedPoint struct {
	labels labels.Labels
	sample tsmem.Sample
}

// A rejectedPoint is one that is not taken, and why.
type rejectedPoint struct {
	rule  *Rule
	path  string
	value any
}

// message is the rule's text, which names the data point.
func (p *rejectedPoint) message() string { return p.rule.message(p.path) }

// datapoints converts the data points of a request.
func (c *call) datapoints(request *metricspb.MetricsData, region string) (kept []storedPoint, rejected []rejectedPoint) {
	created := make(map[string]bool)
	eachDatapoint(request, func(p *otlpPoint) {
		stored, rule, value := p.stored(region)
		if rule == nil && !c.admitSeries(stored.labels, created) {
			rule, value = &ruleOTLPMetricSeries, maxOTLPNewSeries
		}
		if rule != nil {
			rejected = append(rejected, rejectedPoint{rule, p.path(), value})
			return
		}
		kept = append(kept, stored)
	})
	return kept, rejected
}

// admitSeries counts a series that is new against the limit of new ones.
func (c *call) admitSeries(l labels.Labels, created map[string]bool) bool {
	key := string(l.Bytes(nil))
	if created[key] || c.srv.otlp.store.Has(l) {
		return true
	}
	if c.srv.otlp.created.take(c.now, 1) == 0 {
		return false
	}
	created[key] = true
	return true
}

// refuseDatapoints is the answer to a request without a data point that is right.
func (c *call) refuseDatapoints(rejected []rejectedPoint) error {
	first := &rejected[0]
	message := first.message()
	c.record(first.rule, first.path, first.value, nil, message, true)
	err := newError(c.op.service, first.rule.Code, message)
	for i := range rejected {
		if rejected[i].rule != &ruleOTLPMetricSeries {
			return err
		}
	}
	return withStatus(err, http.StatusTooManyRequests)
}

// region is the one the request was signed for, or the server's.
func (c *call) region() string {
	if region := sigv4.Region(c.request); region != "" {
		return region
	}
	return Region
}

// otlpChunk is a request as the journal keeps it: the region, a zero, the request.
func otlpChunk(region string, request *metricspb.MetricsData) ([]byte, error) {
	body, err := proto.MarshalOptions{}.MarshalAppend(append([]byte(region), 0), request)
	if err != nil {
		return nil, fmt.Errorf("keep metrics: %w", err)
	}
	return body, nil
}

// restore takes a request back. What was rejected is rejected again.
func (o *otlpMetrics) restore(payload []byte) error {
	region, body, found := bytes.Cut(payload, []byte{0})
	request := &metricspb.MetricsData{}
	if err := proto.Unmarshal(body, request); err != nil || !found {
		return fmt.Errorf("restore OTLP metrics: %w", err)
	}
	eachDatapoint(request, func(p *otlpPoint) {
		if stored, rule, _ := p.stored(string(region)); rule == nil {
			o.store.Append(stored.labels, stored.sample)
		}
	})
	return nil
}

// admitMetricsBearer checks the token of a call to /v1/metrics.
func (c *call) admitMetricsBearer(token string) error {
	if token == c.srv.cfg.MetricsBearerToken {
		return nil
	}
	return withStatus(c.refuse(&ruleMetricsBearer, "Authorization", "", nil), http.StatusForbidden)
}
