package localaws

// PutTelemetryRecords: takes what a sender of segments says of itself, and keeps
// nothing of it, as no call of AWS's shows it.
//
// Read from https://docs.aws.amazon.com/xray/latest/api/API_PutTelemetryRecords.html

const telemetryPage = "https://docs.aws.amazon.com/xray/latest/api/API_PutTelemetryRecords.html"

type putTelemetryRecordsInput struct {
	TelemetryRecords []struct {
		Timestamp *float64 `json:"Timestamp"`
	} `json:"TelemetryRecords"`
}

type putTelemetryRecordsOutput struct{}

func putTelemetryRecords(c *call, in *putTelemetryRecordsInput) (*putTelemetryRecordsOutput, error) {
	if in.TelemetryRecords == nil {
		return nil, c.refuse(&ruleTelemetryRecords, "TelemetryRecords", "", c.body)
	}
	for _, r := range in.TelemetryRecords {
		if r.Timestamp == nil {
			return nil, c.refuse(&ruleTelemetryRecords, "TelemetryRecords.Timestamp", "", c.body)
		}
	}
	return &putTelemetryRecordsOutput{}, nil
}

var ruleTelemetryRecords = Rule{
	ID:        "xray.telemetry",
	Service:   "xray",
	Operation: "PutTelemetryRecords",
	Title:     "TelemetryRecords is there, and each record has a Timestamp.",
	Code:      "InvalidRequestException",
	Message:   "TelemetryRecords and their Timestamp are required",
	Page:      telemetryPage,
	Fix:       "Send {\"TelemetryRecords\": [{\"Timestamp\": <seconds>, …}]}.",
	Certainty: documented,
}
