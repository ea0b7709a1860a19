package localaws

import "slices"

// ListMetrics as AWS does it: metrics by namespace, name and dimensions, of the
// last two weeks or, with RecentlyActive, three hours; 500 a page. It leaves
// out: linked accounts, and that AWS lists a new metric only after up to 15
// minutes. Read from listMetricsPage.

type listMetricsInput struct {
	Namespace      *string           `json:"Namespace"`
	MetricName     *string           `json:"MetricName"`
	Dimensions     []metricDimension `json:"Dimensions"`
	NextToken      *string           `json:"NextToken"`
	RecentlyActive *string           `json:"RecentlyActive"`
}

type listMetricsOutput struct {
	Metrics   []metricName `json:"Metrics"`
	NextToken string       `json:"NextToken,omitempty"`
}

// recentSeconds is PT3H, listedSeconds how long a metric without data is listed.
const (
	recentSeconds = 3 * 3600
	listedSeconds = 14 * 24 * 3600
)

func listMetrics(c *call, in *listMetricsInput) (*listMetricsOutput, error) {
	after := ""
	if in.NextToken != nil {
		var ok bool
		if after, ok = decodeToken(*in.NextToken); !ok {
			return nil, c.refuse(&ruleMetricToken, "NextToken", *in.NextToken, nil)
		}
	}
	if err := in.check(c); err != nil {
		return nil, err
	}
	active := int64(listedSeconds)
	if in.RecentlyActive != nil {
		active = recentSeconds
	}
	since := c.now.Unix() - active
	list := c.srv.metrics.list(func(m *metricSeries) bool { return m.last >= since && m.key > after && in.wants(m) })
	out := &listMetricsOutput{Metrics: []metricName{}}
	for i := range list {
		if i == listMetricsPageSize {
			out.NextToken = encodeToken(list[i-1].key)
			break
		}
		m := &list[i]
		out.Metrics = append(out.Metrics, metricName{&m.namespace, &m.name, shapeDimensions(m.dimensions)})
	}
	return out, nil
}

func (in *listMetricsInput) check(c *call) error {
	v := &violations{c: c, in: in}
	it := v.whole()
	if in.Namespace != nil {
		it.namespace(in.Namespace, false)
	}
	if in.MetricName != nil && it.required("MetricName", in.MetricName) {
		it.text("MetricName", *in.MetricName, maxMetricName)
	}
	if len(in.Dimensions) > maxDimensionFilters {
		it.fail(&ruleDimensionFilters, "Dimensions", len(in.Dimensions), "Dimensions")
	}
	if in.RecentlyActive != nil && *in.RecentlyActive != "PT3H" {
		it.fail(&ruleRecentlyActive, "RecentlyActive", *in.RecentlyActive)
	}
	for _, d := range in.Dimensions {
		it.required("Dimensions.member.Name", d.Name)
	}
	return v.err()
}

func (in *listMetricsInput) wants(m *metricSeries) bool {
	if in.Namespace != nil && *in.Namespace != m.namespace || in.MetricName != nil && *in.MetricName != m.name {
		return false
	}
	for _, want := range in.Dimensions {
		if !slices.ContainsFunc(m.dimensions, func(d dimension) bool {
			return d.name == *want.Name && (want.Value == nil || d.value == *want.Value)
		}) {
			return false
		}
	}
	return true
}

// shapeDimensions are dimensions as an answer has them.
func shapeDimensions(list []dimension) []metricDimension {
	out := make([]metricDimension, len(list))
	for i, d := range list {
		out[i] = metricDimension{&d.name, &d.value}
	}
	return out
}
