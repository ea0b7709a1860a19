package localaws

// A tracePrice is what X-Ray costs for the traces that it records.
type tracePrice struct {
	Date       string  `json:"date"` // of the page, when it was read
	Page       string  `json:"page"`
	Region     string  `json:"region"`
	FreeTraces float64 `json:"freeTraces"` // a month and account
	PerMillion float64 `json:"perMillion"` // US dollars, for traces beyond
}

// recordedPrice is the classic price: with Transaction Search, spans are paid
// for by the gigabyte instead.
var recordedPrice = tracePrice{
	Date: "2026-11-23", Page: "https://aws.amazon.com/xray/pricing/", Region: "us-east-1",
	FreeTraces: 100_000, PerMillion: 5,
}

// monthSeconds is what AWS's price examples take for one.
const monthSeconds = 30 * 24 * 60 * 60

// cost is what so many traces a month cost, in US dollars.
func (p tracePrice) cost(traces float64) float64 {
	return max(0, traces-p.FreeTraces) * p.PerMillion / 1e6
}

// A metricPrice is what CloudWatch costs for custom metrics, by PutMetricData
// and by the embedded metric format.
type metricPrice struct {
	Date        string       `json:"date"` // of the page, when it was read
	Page        string       `json:"page"`
	Region      string       `json:"region"`
	FreeMetrics int          `json:"freeMetrics"` // an account
	Tiers       []metricTier `json:"tiers"`
}

// A metricTier is the price of the next so many metrics; 0 is all further ones.
type metricTier struct {
	Metrics  int     `json:"metrics"`
	PerMonth float64 `json:"perMonth"` // US dollars, for each
}

// customMetricPrice is for a metric that has data in every hour of a month; AWS
// charges by the hour.
var customMetricPrice = metricPrice{
	Date: "2026-11-23", Page: "https://aws.amazon.com/cloudwatch/pricing/", Region: "us-east-1", FreeMetrics: 10,
	Tiers: []metricTier{{10_000, 0.30}, {240_000, 0.10}, {750_000, 0.05}, {0, 0.02}},
}

// cost is what so many metrics cost a month, in US dollars.
func (p metricPrice) cost(metrics int) float64 {
	left := max(0, metrics-p.FreeMetrics)
	total := 0.0
	for _, tier := range p.Tiers {
		n := left
		if tier.Metrics > 0 {
			n = min(left, tier.Metrics)
		}
		total += float64(n) * tier.PerMonth
		left -= n
	}
	return total
}
