package localaws

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// PutMetricData as AWS does it: every rule of namespace, names, dimensions,
// values, units, resolution and time; one bad metric refuses the whole request,
// and all that is wrong is told at once. Metrics with an entity are stored as
// those without. It leaves out: storing the entity, the header
// X-Amzn-Failure-Message, the quota of calls per second, and that AWS shows
// data only after a while. Read from putMetricDataPage.

type putMetricDataInput struct {
	Namespace              *string            `json:"Namespace"`
	MetricData             []metricDatum      `json:"MetricData"`
	EntityMetricData       []entityMetricData `json:"EntityMetricData"`
	StrictEntityValidation *bool              `json:"StrictEntityValidation"`
}

type entityMetricData struct {
	Entity     *metricEntity `json:"Entity"`
	MetricData []metricDatum `json:"MetricData"`
}

type metricEntity struct {
	KeyAttributes map[string]string `json:"KeyAttributes"`
	Attributes    map[string]string `json:"Attributes"`
}

func putMetricData(c *call, in *putMetricDataInput) (*emptyOutput, error) {
	if len(c.body) > maxMetricBody {
		return nil, c.refuse(&ruleMetricBody, "body", len(c.body), nil)
	}
	v := &violations{c: c, in: in}
	v.whole().namespace(in.Namespace, true)
	in.checkCounts(v)
	data := v.datums("MetricData", in.MetricData)
	for i, e := range in.EntityMetricData {
		path := fmt.Sprintf("EntityMetricData.member.%d", i+1)
		in.checkEntity(v, path, e.Entity)
		data = append(data, v.datums(path+".MetricData", e.MetricData)...)
	}
	if err := v.err(); err != nil {
		return nil, err
	}
	b := &metricBatch{Namespace: *in.Namespace, Data: data}
	payload, err := json.Marshal(b)
	if err != nil {
		return nil, err
	}
	if err := c.srv.journal.append(kindMetricData, c.now, payload); err != nil {
		return nil, err
	}
	c.srv.addMetrics(b, c.now)
	return &emptyOutput{}, nil
}

// addMetrics stores accepted metrics, after what alarms had to be evaluated
// without them.
func (s *Server) addMetrics(b *metricBatch, now time.Time) {
	s.alarms.catchUp(now)
	s.metrics.add(b, now)
}

// checkCounts checks how many metrics and entities there are.
func (in *putMetricDataInput) checkCounts(v *violations) {
	total := len(in.MetricData)
	for _, e := range in.EntityMetricData {
		total += len(e.MetricData)
	}
	switch {
	case len(in.MetricData) == 0 && len(in.EntityMetricData) == 0:
		v.whole().fail(&ruleMetricRequired, "MetricData", "", "MetricData")
	case total > maxMetricDatums:
		v.whole().fail(&ruleMetricDatums, "MetricData", total, "MetricData")
	}
	if n := len(in.EntityMetricData); n > maxEntityMetricData {
		in.entityFails(v, &ruleMetricEntityCount, "EntityMetricData", n, "EntitySizeTooLarge", "EntityMetricData")
	}
	if len(in.EntityMetricData) > 0 && in.StrictEntityValidation == nil {
		v.whole().fail(&ruleMetricRequired, "StrictEntityValidation", "", "StrictEntityValidation")
	}
}

// checkEntity checks the entity of some metrics.
func (in *putMetricDataInput) checkEntity(v *violations, path string, e *metricEntity) {
	if e == nil {
		return
	}
	if trouble := entityTrouble(e.KeyAttributes, e.Attributes, maxMetricEntityValue, maxMetricEntityValue); trouble != "" {
		in.entityFails(v, &ruleMetricEntity, path+".Entity", trouble, trouble, path, trouble)
	}
}

// failureHeader tells what is wrong with an entity of a request that is accepted.
const failureHeader = "X-Amzn-Failure-Message"

// entityFails refuses a request whose entity is bad if it is strict; otherwise the
// metrics are taken without it, and the answer says so. Args are for the rule's
// text.
func (in *putMetricDataInput) entityFails(v *violations, rule *Rule, field string, value any, trouble string, args ...any) {
	if deref(in.StrictEntityValidation) {
		v.whole().fail(rule, field, value, args...)
		return
	}
	v.c.record(rule, field, value, shownJSON(in), fmt.Sprintf(rule.Message, args...), false)
	if v.c.reply == nil {
		v.c.reply = map[string]string{failureHeader: trouble} // the first of several
	}
}

// datums checks metrics and gives those without a timestamp the time of now.
func (v *violations) datums(path string, data []metricDatum) []metricDatum {
	for i := range data {
		d := &data[i]
		at := fmt.Sprintf("%s.member.%d", path, i+1)
		it := v.item(d)
		if it.required(at+".MetricName", d.MetricName) {
			it.text(at+".MetricName", *d.MetricName, maxMetricName)
		}
		it.dimensions(at+".Dimensions", d.Dimensions)
		it.values(at, d)
		it.unit(&ruleUnit, at+".Unit", d.Unit)
		if r := d.StorageResolution; r != nil && *r != 1 && *r != minuteResolution {
			it.fail(&ruleResolution, at+".StorageResolution", *r, at)
		}
		if d.Timestamp == nil {
			d.Timestamp = wire.TimePtr(v.c.now)
		}
		it.timestamp(at, d.Timestamp.Time)
	}
	return data
}

func (i item) timestamp(at string, t time.Time) {
	switch age := i.c.now.Sub(t); {
	case age > metricPastSeconds*time.Second:
		i.fail(&ruleTimestampPast, at+".Timestamp", t.Format(time.RFC3339), at)
	case age < -metricFutureSeconds*time.Second:
		i.fail(&ruleTimestampFuture, at+".Timestamp", t.Format(time.RFC3339), at)
	}
}

// values checks that a metric has values, in one form, and that they are right.
func (i item) values(at string, d *metricDatum) {
	switch {
	case d.Value == nil && len(d.Values) == 0 && d.StatisticValues == nil:
		i.fail(&ruleValueMissing, at+".Value", "", at)
	case d.Value != nil && len(d.Values) > 0:
		i.fail(&ruleValueAndValues, at+".Value", *d.Value, at)
	case d.Value != nil && d.StatisticValues != nil:
		i.fail(&ruleValueAndSet, at+".StatisticValues", *d.Value, at+".Value", at+".StatisticValues")
	case len(d.Values) > 0 && d.StatisticValues != nil:
		i.fail(&ruleValueAndSet, at+".StatisticValues", len(d.Values), at+".Values", at+".StatisticValues")
	}
	if d.Value != nil {
		i.value(at+".Value", *d.Value)
	}
	if len(d.Values) > maxMetricValues {
		i.fail(&ruleValuesCount, at+".Values", len(d.Values), at)
	}
	if len(d.Counts) > 0 && len(d.Counts) != len(d.Values) {
		i.fail(&ruleValuesAndCounts, at+".Counts", len(d.Counts), at)
	}
	for _, value := range d.Values {
		i.value(at+".Values", value)
	}
	for _, count := range d.Counts {
		if f := float64(count); !(f >= 0 && f <= math.Ldexp(1, maxMetricExponent)) { // NaN is no number to compare
			i.fail(&ruleCountRange, at+".Counts", count, count, at+".Counts")
		}
	}
	if d.StatisticValues != nil {
		i.set(at+".StatisticValues", d.StatisticValues)
	}
}

// value checks one value.
func (i item) value(field string, n number) {
	f := float64(n)
	switch size := math.Abs(f); {
	case math.IsNaN(f) || math.IsInf(f, 0):
		i.fail(&ruleValueNotFinite, field, n, n, field)
	case size > math.Ldexp(1, maxMetricExponent):
		i.fail(&ruleValueRange, field, n, n, field)
	case size > 0 && size < math.Ldexp(1, -maxMetricExponent):
		i.fail(&ruleValueTiny, field, n, field)
	}
}

// set checks a statistic set.
func (i item) set(at string, s *statisticSet) {
	complete := true
	for _, m := range []struct {
		name  string
		value *number
	}{{"SampleCount", s.SampleCount}, {"Sum", s.Sum}, {"Minimum", s.Minimum}, {"Maximum", s.Maximum}} {
		field := at + "." + m.name
		if m.value == nil {
			complete = false
			i.fail(&ruleMetricRequired, field, "", field)
			continue
		}
		i.value(field, *m.value)
	}
	if !complete {
		return
	}
	if *s.SampleCount < 0 {
		i.fail(&ruleCountRange, at+".SampleCount", *s.SampleCount, *s.SampleCount, at+".SampleCount")
	}
	if *s.Minimum > *s.Maximum {
		i.fail(&ruleStatisticSet, at+".Maximum", *s.Maximum, at)
	}
}
