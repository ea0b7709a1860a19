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
