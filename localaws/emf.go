package localaws

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// The embedded metric format as CloudWatch reads it: a log event that is one
// JSON object with _aws.CloudWatchMetrics becomes metrics, one for each
// dimension set and metric of each directive. The sender is told of no mistake.
// It leaves out the older form, with its members at the root, and entities.
// How much AWS drops for one mistake is not documented: here it is the
// directive, and its whole event where _aws itself is wrong.
//
// Read from emfPage.

// Limits of the format, from emfPage.
const (
	maxEMFMetrics    = 100
	maxEMFDimensions = 30
	maxEMFKey        = 250
	maxEMFName       = 1024
	maxEMFValues     = 100
)

// An emfEvent is what a log event says of metrics.
type emfEvent struct {
	root map[string]json.RawMessage
	at   time.Time
	list []json.RawMessage // its directives
}

type emfMetadata struct {
	Timestamp         json.RawMessage
	CloudWatchMetrics json.RawMessage
}

type emfDirective struct {
	Namespace  *string
	Dimensions [][]string
	Metrics    []emfMetric
}

type emfMetric struct {
	Name              *string
	Unit              *string
	StorageResolution *int
}

// An emfTrouble is a rule that an event breaks.
type emfTrouble struct {
	rule  *Rule
	field string
	value any
}

func (t *emfTrouble) Error() string { return t.rule.message(t.value) }

func emfFail(rule *Rule, field string, value any) error { return &emfTrouble{rule, field, value} }

// looksLikeEMF tells which events are worth reading as JSON.
func looksLikeEMF(message string) bool {
	return strings.Contains(message, `"CloudWatchMetrics"`) && strings.Contains(message, `"_aws"`)
}

// parseEMF reads the root of an event; nil for one that is no EMF.
func parseEMF(message string, now time.Time) (*emfEvent, error) {
	e := &emfEvent{}
	dec := json.NewDecoder(strings.NewReader(message))
	if err := dec.Decode(&e.root); err != nil {
		return nil, emfFail(&ruleEMFJSON, "message", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, emfFail(&ruleEMFJSON, "message", "data after the object")
	}
	raw, ok := e.root["_aws"]
	if !ok {
		return nil, nil // the names stand somewhere deeper
	}
	var meta emfMetadata
	if err := json.Unmarshal(raw, &meta); err != nil {
		return nil, emfFail(&ruleEMFMetadata, "_aws", err)
	}
	if meta.CloudWatchMetrics == nil {
		return nil, nil
	}
	if err := json.Unmarshal(meta.CloudWatchMetrics, &e.list); err != nil {
		return nil, emfFail(&ruleEMFMetadata, "_aws.CloudWatchMetrics", err)
	}
	var millis *int64
	if err := json.Unmarshal(orNull(meta.Timestamp), &millis); err != nil || millis == nil {
		return nil, emfFail(&ruleEMFTimestamp, "_aws.Timestamp", string(meta.Timestamp))
	}
	e.at = time.UnixMilli(*millis)
	if age := now.Sub(e.at); age > metricPastSeconds*time.Second || age < -metricFutureSeconds*time.Second {
		return nil, emfFail(&ruleEMFTimestamp, "_aws.Timestamp", *millis)
	}
	return e, nil
}

func orNull(raw json.RawMessage) json.RawMessage {
	if raw == nil {
		return json.RawMessage("null")
	}
	return raw
}

// directive reads one directive and makes its metrics.
func (e *emfEvent) directive(i int) (*metricBatch, error) {
	at := fmt.Sprintf("_aws.CloudWatchMetrics[%d]", i)
	var d emfDirective
	if err := json.Unmarshal(e.list[i], &d); err != nil {
		return nil, emfFail(&ruleEMFMetadata, at, err)
	}
	switch {
	case d.Namespace == nil || !hasLength(*d.Namespace, maxEMFName):
		return nil, emfFail(&ruleEMFNamespace, at+".Namespace", deref(d.Namespace))
	case len(d.Dimensions) == 0:
		return nil, emfFail(&ruleEMFDimensionSets, at+".Dimensions", 0)
	case len(d.Metrics) > maxEMFMetrics:
		return nil, emfFail(&ruleEMFMetrics, at+".Metrics", len(d.Metrics))
	}
	data, err := e.metrics(at, d.Metrics)
	if err != nil {
		return nil, err
	}
	b := &metricBatch{Namespace: *d.Namespace}
	for k, set := range d.Dimensions {
		dimensions, err := e.dimensions(fmt.Sprintf("%s.Dimensions[%d]", at, k), set)
		if err != nil {
			return nil, err
		}
		for _, datum := range data {
			datum.Dimensions = dimensions
			b.Data = append(b.Data, datum)
		}
	}
	return b, nil
}

// dimensions finds the values of one dimension set.
func (e *emfEvent) dimensions(at string, set []string) ([]metricDimension, error) {
	if len(set) > maxEMFDimensions {
		return nil, emfFail(&ruleEMFDimensions, at, len(set))
	}
	var list []metricDimension
	for i, key := range set {
		if !hasLength(key, maxEMFKey) {
			return nil, emfFail(&ruleEMFKey, at, key)
		}
		if slices.Contains(set[:i], key) {
			continue
		}
		raw, ok := e.root[key]
		if !ok {
			return nil, emfFail(&ruleEMFTarget, at, key)
		}
		var value *string
		if err := json.Unmarshal(raw, &value); err != nil || value == nil || !hasLength(*value, maxDimensionValue) {
			return nil, emfFail(&ruleEMFDimensionValue, at, key)
		}
		list = append(list, metricDimension{&key, value})
	}
	return list, nil
}

func hasLength(text string, most int) bool {
	return text != "" && utf8.RuneCountInString(text) <= most
}

// metrics makes the metrics of a directive, without their dimensions.
func (e *emfEvent) metrics(at string, list []emfMetric) ([]metricDatum, error) {
	var data []metricDatum
	for i := range list {
		m := &list[i]
		at := fmt.Sprintf("%s.Metrics[%d]", at, i)
		switch {
		case m.Name == nil || !hasLength(*m.Name, maxEMFName):
			return nil, emfFail(&ruleEMFName, at+".Name", deref(m.Name))
		case m.Unit != nil && !slices.Contains(strings.Split(units, ", "), *m.Unit):
			return nil, emfFail(&ruleEMFUnit, at+".Unit", *m.Unit)
		case m.StorageResolution != nil && *m.StorageResolution != 1 && *m.StorageResolution != minuteResolution:
			return nil, emfFail(&ruleEMFResolution, at+".StorageResolution", *m.StorageResolution)
		}
		raw, ok := e.root[*m.Name]
		if !ok {
			return nil, emfFail(&ruleEMFTarget, at+".Name", *m.Name)
		}
		d := metricDatum{MetricName: m.Name, Unit: m.Unit, StorageResolution: m.StorageResolution, Timestamp: wire.TimePtr(e.at)}
		if err := d.setEMF(raw); err != nil {
			return nil, emfFail(&ruleEMFValue, *m.Name, err)
		}
		if n := len(d.Values); n > maxEMFValues {
			return nil, emfFail(&ruleEMFValues, *m.Name, n)
		}
		if d.Value == nil && d.StatisticValues == nil && len(d.Values) == 0 {
			continue // an empty list is no data
		}
		data = append(data, d)
	}
	return data, nil
}

// An emfDistribution is a metric's target as the CloudWatch agent and the
// collector's exporter write it: values with their counts, or a statistic set.
// emfPage does not tell of it.
type emfDistribution struct {
	Values, Counts       []*float64
	Max, Min, Count, Sum *float64
}

var (
	errEMFKind   = errors.New("is no number, no list of numbers and no distribution")
	errEMFRange  = errors.New("has a number beyond 2^360")
	errEMFCounts = errors.New("has not as many Counts as Values, or a negative one")
)

// setEMF takes a number, a list of numbers, or a distribution.
func (d *metricDatum) setEMF(raw json.RawMessage) error {
	var all []*float64
	var one *float64
	var set *emfDistribution
	switch {
	case json.Unmarshal(raw, &one) == nil && one != nil:
		v := number(*one)
		d.Value, all = &v, []*float64{one}
	case json.Unmarshal(raw, &all) == nil && all != nil:
		d.Values = numbers(all)
	case json.Unmarshal(raw, &set) == nil && set != nil:
		return d.setDistribution(set)
	default:
		return errEMFKind
	}
	return inMetricRange(all...)
}

func (d *metricDatum) setDistribution(set *emfDistribution) error {
	if len(set.Values) > 0 {
		if len(set.Counts) != len(set.Values) {
			return errEMFCounts
		}
		for _, n := range set.Counts {
			if n == nil || *n < 0 {
				return errEMFCounts
			}
		}
		d.Values, d.Counts = numbers(set.Values), numbers(set.Counts)
		return inMetricRange(slices.Concat(set.Values, set.Counts)...)
	}
	if set.Max == nil || set.Min == nil || set.Count == nil || set.Sum == nil {
		return errEMFKind
	}
	if *set.Count < 0 || *set.Min > *set.Max {
		return errEMFCounts
	}
	d.StatisticValues = &statisticSet{
		SampleCount: (*number)(set.Count), Sum: (*number)(set.Sum), Minimum: (*number)(set.Min), Maximum: (*number)(set.Max),
	}
	return inMetricRange(set.Max, set.Min, set.Count, set.Sum)
}

// numbers drops nothing: inMetricRange has refused what is null.
func numbers(list []*float64) []number {
	out := make([]number, len(list))
	for i, f := range list {
		out[i] = number(deref(f))
	}
	return out
}

func inMetricRange(list ...*float64) error {
	for _, f := range list {
		if f == nil {
			return errEMFKind
		}
		if math.Abs(*f) > math.Ldexp(1, maxMetricExponent) {
			return errEMFRange
		}
	}
	return nil
}
