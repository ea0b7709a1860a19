package localaws

// Pages that the rules of the OTLP endpoint and of the daemon's port come from.
const (
	otlpPage        = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-OTLPEndpoint.html"
	otlpTroublePage = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-OTLPTroubleshooting.html"
	otlpSpecPage    = "https://opentelemetry.io/docs/specs/otlp/"
	daemonPage      = "https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html"
)

// otlpOperation is what the rules and [Server.Control] call the OTLP endpoint.
const otlpOperation = "/v1/traces"

// daemonOperation is what the rules call a datagram to the X-Ray daemon's port.
const daemonOperation = "UDP datagram"

func otlpRules() []*Rule {
	return []*Rule{
		&ruleTransactionSearch, &ruleOTLPBytes, &ruleOTLPSpans, &ruleOTLPResource, &ruleOTLPSpanBytes,
		&ruleOTLPPast, &ruleOTLPFuture, &ruleOTLPGap, &ruleOTLPTraceID, &ruleOTLPSpanID,
		&ruleDatagramHeader, &ruleDatagramOTLP,
	}
}

var ruleTransactionSearch = Rule{
	ID:        "xray.otlp.transaction_search",
	Service:   "xray",
	Operation: otlpOperation,
	Title:     "The account has Transaction Search on, which sends traces to CloudWatch Logs; only with Config.NoTransactionSearch, it is on here by default.",
	Code:      "InvalidRequestException",
	Message:   "The OTLP API is supported with CloudWatch Logs as a Trace Segment Destination. Please enable the CloudWatch Logs destination for your traces using the UpdateTraceSegmentDestination API (https://docs.aws.amazon.com/xray/latest/api/API_UpdateTraceSegmentDestination.html)",
	Page:      otlpTroublePage,
	Fix:       "Turn Transaction Search on (aws xray update-trace-segment-destination --destination CloudWatchLogs), or send segment documents.",
	Certainty: observed,
}

var ruleOTLPBytes = Rule{
	ID:        "xray.otlp.bytes",
	Service:   "xray",
	Operation: otlpOperation,
	Title:     "A request is at most 5 MB long, before compression.",
	Limit:     "5,242,880 bytes",
	Code:      "InvalidRequestException",
	Message:   "The request of %v bytes is larger than 5242880 bytes",
	Page:      otlpPage,
	Fix:       "Export smaller batches.",
	Certainty: documented,
}

var ruleOTLPSpans = Rule{
	ID:        "xray.otlp.spans",
	Service:   "xray",
	Operation: otlpOperation,
	Title:     "A request carries at most 10,000 spans.",
	Limit:     "10,000 spans",
	Code:      "InvalidRequestException",
	Message:   "The request of %v spans has more than 10000",
	Page:      otlpPage,
	Fix:       "Export smaller batches.",
	Certainty: documented,
}

var ruleOTLPResource = Rule{
	ID:        "xray.otlp.resource",
	Service:   "xray",
	Operation: otlpOperation,
	Title:     "A resource and its scope are together at most 16 KB.",
	Limit:     "16,384 bytes",
	Code:      "InvalidRequestException",
	Message:   "A resource and its scope of %v bytes are larger than 16384 bytes",
	Page:      otlpPage,
	Fix:       "Give the resource fewer or shorter attributes.",
	Certainty: documented,
}

var ruleOTLPSpanBytes = Rule{
	ID:        "xray.otlp.span.bytes",
	Service:   "xray",
	Operation: otlpOperation,
	Title:     "A span is at most 200 KB; a larger one is rejected alone. That this is told as a partial success is not documented.",
	Limit:     "204,800 bytes",
	Code:      "partialSuccess",
	Message:   "a span of %v bytes is larger than 204800 bytes",
	Page:      otlpPage,
	Fix:       "Give the span shorter attributes and fewer events, e.g. by OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT.",
	Certainty: unsettled,
}

var ruleOTLPPast = Rule{
	ID:        "xray.otlp.past",
	Service:   "xray",
	Operation: otlpOperation,
	Title:     "No span of a request is more than 14 days old.",
	Limit:     "14 days",
	Code:      "InvalidRequestException",
	Message:   "A span started at %v, more than 14 days in the past",
	Page:      otlpPage,
	Fix:       "Drop old spans before sending; check the sender's clock.",
	Certainty: documented,
}

var ruleOTLPFuture = Rule{
	ID:        "xray.otlp.future",
	Service:   "xray",
	Operation: otlpOperation,
	Title:     "No span of a request is more than 2 hours in the future.",
	Limit:     "2 hours",
	Code:      "InvalidRequestException",
	Message:   "A span started at %v, more than 2 hours in the future",
	Page:      otlpPage,
	Fix:       "Check the sender's clock.",
	Certainty: documented,
}

var ruleOTLPGap = Rule{
	ID:        "xray.otlp.gap",
	Service:   "xray",
	Operation: otlpOperation,
	Title:     "The spans of a request started within 24 hours.",
	Limit:     "24 hours",
	Code:      "InvalidRequestException",
	Message:   "The spans of the request started over %v, more than 24 hours",
	Page:      otlpPage,
	Fix:       "Batch old and new spans apart.",
	Certainty: documented,
}

var ruleOTLPTraceID = Rule{
	ID:        "xray.otlp.trace_id",
	Service:   "xray",
	Operation: otlpOperation,
	Title:     "A span's trace id is 16 bytes, not all zero.",
	Limit:     "16 bytes",
	Code:      "partialSuccess",
	Message:   "invalid trace id %q",
	Page:      otlpSpecPage,
	Fix:       "Use an OpenTelemetry SDK's ids; in JSON they are in hexadecimal.",
	Certainty: unsettled,
}

var ruleOTLPSpanID = Rule{
	ID:        "xray.otlp.span_id",
	Service:   "xray",
	Operation: otlpOperation,
	Title:     "A span's id is 8 bytes, not all zero; its parent's id is as long, or absent.",
	Limit:     "8 bytes",
	Code:      "partialSuccess",
	Message:   "invalid span id %q",
	Page:      otlpSpecPage,
	Fix:       "Use an OpenTelemetry SDK's ids; in JSON they are in hexadecimal.",
	Certainty: unsettled,
}

var ruleDatagramHeader = Rule{
	ID:        "xray.daemon.header",
	Service:   "xray",
	Operation: daemonOperation,
	Title:     "A datagram begins with {\"format\": \"json\", \"version\": 1} and a line feed.",
	Code:      "none, the daemon logs it",
	Message:   "a datagram without the daemon's header: %v",
	Page:      daemonPage,
	Fix:       "Put the header and a line feed before the one document of the datagram.",
	Certainty: documented,
}

var ruleDatagramOTLP = Rule{
	ID:        "xray.daemon.otlp",
	Service:   "xray",
	Operation: daemonOperation,
	Title:     "Behind T1S or T1U stands an ExportTraceServiceRequest in protobuf, in standard base64. Only the daemon inside Lambda takes this form.",
	Code:      "none",
	Message:   "%v",
	Page:      otlpSpecPage,
	Fix:       "Send one request a datagram, whole; 49,104 bytes of protobuf fit.",
	Certainty: observed,
}
