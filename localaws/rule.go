package localaws

// A Rule is one thing AWS refuses. The server refuses by this table, the
// console explains by it, and the documentation lists it.
type Rule struct {
	ID        string `json:"id"`        // stable, e.g. "xray.segment.name"
	Service   string `json:"service"`   // "xray", "logs" or "cloudwatch"
	Operation string `json:"operation"` // AWS's name of the call
	Title     string `json:"title"`     // one sentence: what AWS wants
	Limit     string `json:"limit"`     // e.g. "50 documents"; empty where it is no number
	Code      string `json:"code"`      // AWS's error code
	Message   string `json:"message"`   // AWS's text, a fmt format for the value seen
	Page      string `json:"page"`      // where AWS says so
	Fix       string `json:"fix"`       // what the sender can do
	Certainty string `json:"certainty"` // "documented", "observed" or "unsettled"
}
