package localaws

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/updraft-otel/updraft/localaws/internal/metricstat"
	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// GetMetricStatistics as AWS does it: up to five statistics or ten extended
// ones of one metric, at most 1,440 data points, one series for each unit. It
// leaves out: that AWS returns the points in no order. Read from
// getMetricStatisticsPage.

type getMetricStatisticsInput struct {
	Namespace          *string           `json:"Namespace"`
	MetricName         *string           `json:"MetricName"`
	Dimensions         []metricDimension `json:"Dimensions"`
	StartTime          *wire.Time        `json:"StartTime"`
	EndTime            *wire.Time        `json:"EndTime"`
	Period             *int              `json:"Period"`
	Statistics         []string          `json:"Statistics"`
	ExtendedStatistics []string          `json:"ExtendedStatistics"`
	Unit               *string           `json:"Unit"`
}

type getMetricStatisticsOutput struct {
	Label      string      `json:"Label"`
	Datapoints []datapoint `json:"Datapoints"`
}

type datapoint struct {
	Timestamp          wire.Time          `json:"Timestamp"`
	SampleCount        *float64           `json:"SampleCount,omitempty"`
	Average            *float64           `json:"Average,omitempty"`
	Sum                *float64           `json:"Sum,omitempty"`
	Minimum            *float64           `json:"Minimum,omitempty"`
	Maximum            *float64           `json:"Maximum,omitempty"`
	Unit               string             `json:"Unit"`
	ExtendedStatistics map[string]float64 `json:"ExtendedStatistics,omitempty"`
}

func getMetricStatistics(c *call, in *getMetricStatisticsInput) (*getMetricStatisticsOutput, error) {
	v := &violations{c: c, in: in}
	stats := in.check(v.whole())
	if err := v.err(); err != nil {
		return nil, err
	}
	if n := in.points(c.now); n > maxStatisticsPoints {
		return nil, c.refuse(&ruleStatisticsPoints, "Period", n, shownJSON(in))
	}
	byUnit := c.srv.metrics.query(metricQuery{
		key:  metricKey(*in.Namespace, *in.MetricName, sortedDimensions(in.Dimensions)),
		unit: deref(in.Unit), start: in.StartTime.Unix(), end: ceilSeconds(*in.EndTime), period: int64(*in.Period), now: c.now.Unix(),
	})
	out := &getMetricStatisticsOutput{Label: *in.MetricName, Datapoints: []datapoint{}}
	for unit, buckets := range byUnit {
		for i := range buckets {
			d := datapoint{Timestamp: metricTime(buckets[i].start), Unit: unit}
			if d.fill(&buckets[i].dist, stats) {
				out.Datapoints = append(out.Datapoints, d)
			}
		}
	}
	slices.SortFunc(out.Datapoints, func(a, b datapoint) int {
		return cmp.Or(a.Timestamp.Compare(b.Timestamp.Time), cmp.Compare(a.Unit, b.Unit))
	})
	return out, nil
}

// points is how many data points the request may get.
func (in *getMetricStatisticsInput) points(now time.Time) int64 {
	period := int64(*in.Period)
	start := roundedStart(in.StartTime.Unix(), period, now.Unix())
	return (ceilSeconds(*in.EndTime) - start + period - 1) / period
}

// fill computes the statistics; false: there are none.
func (d *datapoint) fill(dist *metricstat.Distribution, stats map[string]metricstat.Stat) bool {
	filled := false
	for name, stat := range stats {
		value, ok := stat.Of(dist)
		if !ok {
			continue
		}
		filled = true
		switch name {
		case "SampleCount":
			d.SampleCount = &value
		case "Average":
			d.Average = &value
		case "Sum":
			d.Sum = &value
		case "Minimum":
			d.Minimum = &value
		case "Maximum":
			d.Maximum = &value
		default:
			if d.ExtendedStatistics == nil {
				d.ExtendedStatistics = make(map[string]float64)
			}
			d.ExtendedStatistics[name] = value
		}
	}
	return filled
}

func (in *getMetricStatisticsInput) check(i item) map[string]metricstat.Stat {
	i.namespace(in.Namespace, false)
	if i.required("MetricName", in.MetricName) {
		i.text("MetricName", *in.MetricName, maxMetricName)
	}
	i.dimensions("Dimensions", in.Dimensions)
	i.period(&ruleStatisticsPeriod, "Period", in.Period)
	i.unit(&ruleUnit, "Unit", in.Unit)
	if i.times(in.StartTime, in.EndTime) && !in.StartTime.Before(in.EndTime.Time) {
		i.fail(&ruleStatisticsTimes, "EndTime", in.EndTime)
	}
	if (len(in.Statistics) == 0) == (len(in.ExtendedStatistics) == 0) {
		i.fail(&ruleStatisticsEither, "Statistics", in.Statistics)
	}
	if n := len(in.Statistics); n > maxStatistics {
		i.fail(&ruleStatisticsCount, "Statistics", n, "Statistics", maxStatistics)
	}
	if n := len(in.ExtendedStatistics); n > maxExtendedStatistic {
		i.fail(&ruleStatisticsCount, "ExtendedStatistics", n, "ExtendedStatistics", maxExtendedStatistic)
	}
	return in.statistics(i)
}

// statistics reads the names of the statistics.
func (in *getMetricStatisticsInput) statistics(i item) map[string]metricstat.Stat {
	stats := make(map[string]metricstat.Stat)
	for k, name := range in.Statistics {
		stat, err := metricstat.Parse(name)
		if err != nil || !stat.IsPlain() {
			field := fmt.Sprintf("Statistics.member.%d", k+1)
			i.fail(&ruleStatisticsName, field, name, field)
		}
		stats[name] = stat
	}
	for k, name := range in.ExtendedStatistics {
		stat, err := metricstat.Parse(name)
		if err != nil || stat.IsPlain() {
			field := fmt.Sprintf("ExtendedStatistics.member.%d", k+1)
			i.fail(&ruleStatisticsExtended, field, name, name, field)
		}
		stats[name] = stat
	}
	return stats
}

// ceilSeconds is a time in seconds, a part of one counted whole: an end that is
// exclusive must not lose what lies before it.
func ceilSeconds(t wire.Time) int64 {
	s := t.Unix()
	if t.Nanosecond() > 0 {
		s++
	}
	return s
}

func metricTime(at int64) wire.Time { return wire.NewTime(time.Unix(at, 0)) }
