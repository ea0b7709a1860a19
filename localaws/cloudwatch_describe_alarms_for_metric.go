package localaws

import (
	"slices"
)

// DescribeAlarmsForMetric as AWS does it: the alarms of just this metric, narrowed
// by statistic, period and unit; none that use it in an expression. Read from
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmsForMetric.html

type describeAlarmsForMetricInput struct {
	MetricName        *string           `json:"MetricName"`
	Namespace         *string           `json:"Namespace"`
	Statistic         *string           `json:"Statistic"`
	ExtendedStatistic *string           `json:"ExtendedStatistic"`
	Dimensions        []metricDimension `json:"Dimensions"`
	Period            *int              `json:"Period"`
	Unit              *string           `json:"Unit"`
}

type describeAlarmsForMetricOutput struct {
	MetricAlarms []*metricAlarm `json:"MetricAlarms"`
}

func describeAlarmsForMetric(c *call, in *describeAlarmsForMetricInput) (*describeAlarmsForMetricOutput, error) {
	v := &violations{c: c, in: in}
	it := v.whole()
	it.present("MetricName", in.MetricName)
	it.present("Namespace", in.Namespace)
	it.dimensions("Dimensions", in.Dimensions)
	if err := v.err(); err != nil {
		return nil, err
	}
	c.srv.alarms.catchUp(c.now)
	dimensions := sortedDimensions(in.Dimensions)
	list := c.srv.alarms.list(func(a *metricAlarm) bool {
		return a.MetricName != nil && *a.MetricName == *in.MetricName && deref(a.Namespace) == *in.Namespace &&
			slices.Equal(sortedDimensions(a.Dimensions), dimensions) &&
			fits(in.Statistic, a.Statistic) && fits(in.ExtendedStatistic, a.ExtendedStatistic) && fits(in.Period, a.Period) && fits(in.Unit, a.Unit)
	})
	return &describeAlarmsForMetricOutput{notNil(list)}, nil
}

// fits reports whether a member is what is wanted, if anything is.
func fits[T comparable](want, have *T) bool {
	return want == nil || have != nil && *want == *have
}
