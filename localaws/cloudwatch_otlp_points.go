package localaws

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"

	"github.com/updraft-otel/updraft/localaws/internal/tsmem"
)

// How a data point becomes a sample with labels, as CloudWatch flattens it:
// resource attributes are @resource.NAME, those of the scope
// @instrumentation.NAME, fields of either have a second @, attributes of the
// data point are bare; see promqlQueryingPage. The labels that begin with two
// underscores were seen in public tests of AWS's agent against real accounts.

// Labels of CloudWatch's own.
const (
	resourcePrefix        = "@resource."
	instrumentationPrefix = "@instrumentation."
	datapointPrefix       = "@datapoint."
	fieldMark             = "@"
	accountLabel          = "@aws.account"
	regionLabel           = "@aws.region"
	typeLabel             = "__type__"
	unitLabel             = "__unit__"
	temporalityLabel      = "__temporality__"
	monotonicityLabel     = "__monotonicity__"
)

// A dataPoint is what OTLP's kinds of data points have in common.
type dataPoint interface {
	GetAttributes() []*commonpb.KeyValue
	GetTimeUnixNano() uint64
	GetFlags() uint32
}

// An otlpPoint is a data point and where it stands.
type otlpPoint struct {
	resource *metricspb.ResourceMetrics
	scope    *metricspb.ScopeMetrics
	metric   *metricspb.Metric
	data     *otlpData
	point    dataPoint
	indexes  [4]int // of resource, scope, metric and data point

	resourceCost, scopeCost *attributeCost // nil: not known yet
}

// path is where the point stands, as AWS writes it: counted from 1.
func (p *otlpPoint) path() string {
	i := p.indexes
	return fmt.Sprintf("ResourceMetrics.%d.ScopeMetrics.%d.Metrics.%d.Datapoint.%d", i[0]+1, i[1]+1, i[2]+1, i[3]+1)
}

// eachDatapoint calls f with every data point of a request; the otlpPoint is
// the same one each time.
func eachDatapoint(request *metricspb.MetricsData, f func(p *otlpPoint)) {
	p := &otlpPoint{}
	for i, rm := range request.GetResourceMetrics() {
		p.resourceCost = nil
		for j, sm := range rm.GetScopeMetrics() {
			p.scopeCost = nil
			for k, m := range sm.GetMetrics() {
				p.resource, p.scope, p.metric, p.data = rm, sm, m, otlpDataOf(m)
				for n, point := range p.data.points {
					p.point, p.indexes = point, [4]int{i, j, k, n}
					f(p)
				}
			}
		}
	}
}

// otlpData is what kind of data a metric has.
type otlpData struct {
	kind         string // the label __type__
	temporality  string // "cumulative", "delta" or, where it has none, ""
	monotonicity string // "true", "false" or ""
	unspecified  bool   // a temporality is wanting
	points       []dataPoint
}

// otlpDataOf is the data of a metric. That an exponential histogram has a type
// of its own, as in OTLP, is not documented.
func otlpDataOf(m *metricspb.Metric) *otlpData {
	switch d := m.GetData().(type) {
	case *metricspb.Metric_Gauge:
		return &otlpData{kind: "Gauge", points: dataPoints(d.Gauge.GetDataPoints())}
	case *metricspb.Metric_Sum:
		out := &otlpData{kind: "Sum", points: dataPoints(d.Sum.GetDataPoints())}
		out.monotonicity = strconv.FormatBool(d.Sum.GetIsMonotonic())
		return out.with(d.Sum.GetAggregationTemporality())
	case *metricspb.Metric_Histogram:
		out := &otlpData{kind: "Histogram", points: dataPoints(d.Histogram.GetDataPoints())}
		return out.with(d.Histogram.GetAggregationTemporality())
	case *metricspb.Metric_ExponentialHistogram:
		out := &otlpData{kind: "ExponentialHistogram", points: dataPoints(d.ExponentialHistogram.GetDataPoints())}
		return out.with(d.ExponentialHistogram.GetAggregationTemporality())
	case *metricspb.Metric_Summary:
		return &otlpData{kind: "Summary", points: dataPoints(d.Summary.GetDataPoints())}
	}
	return &otlpData{}
}

func dataPoints[P dataPoint](list []P) []dataPoint {
	out := make([]dataPoint, len(list))
	for i, p := range list {
		out[i] = p
	}
	return out
}

func (d *otlpData) with(t metricspb.AggregationTemporality) *otlpData {
	switch t {
	case metricspb.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE:
		d.temporality = "cumulative"
	case metricspb.AggregationTemporality_AGGREGATION_TEMPORALITY_DELTA:
		d.temporality = "delta"
	default:
		d.unspecified = true
	}
	return d
}

// stored is the point as the store has it, or the rule that rejects it.
func (p *otlpPoint) stored(region string) (storedPoint, *Rule, any) {
	if rule, v := p.check(); rule != nil {
		return storedPoint{}, rule, v
	}
	sample, err := p.sample()
	if err != nil {
		return storedPoint{}, &ruleOTLPHistogram, err
	}
	return storedPoint{p.labels(region), sample}, nil, nil
}

// An attributeCost is what a list of attributes adds to the labels of a point.
type attributeCost struct {
	count, bytes int
	unnamed      bool // one has no name
}

// attributeCostOf stops at the number of labels: a list that is over it is refused for that.
func attributeCostOf(list []*commonpb.KeyValue) *attributeCost {
	cost := &attributeCost{count: len(list)}
	if cost.count > maxOTLPLabels {
		return cost
	}
	for _, kv := range list {
		cost.unnamed = cost.unnamed || kv.GetKey() == ""
		cost.bytes += len(kv.GetKey()) + len(labelValue(kv.GetValue()))
	}
	return cost
}

// check counts labels. Those of resource and scope are counted once: a request of
// 1 MB can share one of nearly that size among 1,000 points.
func (p *otlpPoint) check() (*Rule, any) {
	if p.metric.GetName() == "" {
		return &ruleOTLPMetricName, "name"
	}
	if p.data.unspecified {
		return &ruleOTLPTemporality, p.data.kind
	}
	if p.data.kind == "Summary" {
		return &ruleOTLPSummary, p.data.kind
	}
	if p.resourceCost == nil {
		p.resourceCost = attributeCostOf(p.resource.GetResource().GetAttributes())
	}
	if p.scopeCost == nil {
		p.scopeCost = attributeCostOf(p.scope.GetScope().GetAttributes())
	}
	count, size := 0, 0
	for _, cost := range []*attributeCost{p.resourceCost, p.scopeCost, attributeCostOf(p.point.GetAttributes())} {
		if count += cost.count; count > maxOTLPLabels {
			return &ruleOTLPMetricLabels, count
		}
		if cost.unnamed {
			return &ruleOTLPMetricName, "attribute"
		}
		size += cost.bytes
	}
	if size > maxOTLPLabelBytes {
		return &ruleOTLPMetricMetadata, size
	}
	return nil, nil
}

// labels are the labels of the point. Those of the system have the last word.
func (p *otlpPoint) labels(region string) labels.Labels {
	b := labels.NewBuilder(labels.EmptyLabels())
	set := func(prefix string, list []*commonpb.KeyValue) {
		for _, kv := range list {
			b.Set(prefix+kv.GetKey(), labelValue(kv.GetValue()))
		}
	}
	set("", p.point.GetAttributes())
	set(resourcePrefix, p.resource.GetResource().GetAttributes())
	set(instrumentationPrefix, p.scope.GetScope().GetAttributes())
	b.Set(resourcePrefix+fieldMark+"schema_url", p.resource.GetSchemaUrl())
	b.Set(instrumentationPrefix+fieldMark+"name", p.scope.GetScope().GetName())
	b.Set(instrumentationPrefix+fieldMark+"version", p.scope.GetScope().GetVersion())
	b.Set(instrumentationPrefix+fieldMark+"schema_url", p.scope.GetSchemaUrl())
	b.Set(accountLabel, AccountID)
	b.Set(regionLabel, region)
	b.Set(typeLabel, p.data.kind)
	b.Set(unitLabel, p.metric.GetUnit())
	b.Set(temporalityLabel, p.data.temporality)
	b.Set(monotonicityLabel, p.data.monotonicity)
	b.Set(model.MetricNameLabel, p.metric.GetName())
	return b.Labels()
}

// labelValue is an attribute's value as text.
func labelValue(v *commonpb.AnyValue) string {
	switch v := v.GetValue().(type) {
	case nil:
		return ""
	case *commonpb.AnyValue_StringValue:
		return v.StringValue
	case *commonpb.AnyValue_DoubleValue:
		return strconv.FormatFloat(v.DoubleValue, 'g', -1, 64)
	}
	text, err := json.Marshal(anyValue(v))
	if err != nil { // anyValue leaves out what JSON has not
		return ""
	}
	return string(text)
}

// sample is the measurement of the point, at its time to the millisecond.
func (p *otlpPoint) sample() (tsmem.Sample, error) {
	out := tsmem.Sample{T: nanoTime(p.point.GetTimeUnixNano()).UnixMilli()}
	if p.point.GetFlags()&uint32(metricspb.DataPointFlags_DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK) != 0 {
		out.F = math.Float64frombits(value.StaleNaN)
		return out, nil
	}
	var err error
	switch d := p.point.(type) {
	case *metricspb.NumberDataPoint:
		if i, isInt := d.GetValue().(*metricspb.NumberDataPoint_AsInt); isInt {
			out.F = float64(i.AsInt)
		} else {
			out.F = d.GetAsDouble()
		}
	case *metricspb.HistogramDataPoint:
		out.H, err = explicitHistogram(d)
	case *metricspb.ExponentialHistogramDataPoint:
		out.H, err = exponentialHistogram(d)
	}
	return out, err
}
