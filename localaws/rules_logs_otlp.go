package localaws

// otlpLogsPage tells of CloudWatch Logs' OTLP endpoint, bearerPage of its tokens.
const (
	otlpLogsPage = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_HTTP_Endpoints_OTLP.html"
	bearerPage   = logsAPI + "API_PutBearerTokenAuthentication.html"
)

func otlpLogRules() []*Rule {
	return []*Rule{
		&ruleOTLPLogTarget, &ruleOTLPLogBytes, &ruleOTLPLogEvent, &ruleOTLPLogRecords, &ruleOTLPLogResource, &ruleOTLPLogGap,
		&ruleBearerToken, &ruleBearerGroup,
	}
}

var ruleOTLPLogTarget = Rule{
	ID: "logs.otlp.target", Service: "logs", Operation: otlpLogsOperation,
	Title: "Two headers name the log group and the log stream, which both exist; the query string is not looked at.", Limit: "x-aws-log-group, x-aws-log-stream",
	Code: invalidParameter, Message: "The header %v is required.",
	Page: otlpLogsPage, Certainty: documented,
	Fix: "Set OTEL_EXPORTER_OTLP_LOGS_HEADERS=x-aws-log-group=…,x-aws-log-stream=…",
}

var ruleOTLPLogBytes = Rule{
	ID: "logs.otlp.bytes", Service: "logs", Operation: otlpLogsOperation,
	Title: "The records of a request are at most 1 MB, decompressed and decoded, with 26 bytes for each.", Limit: "1,048,576 bytes",
	Code: invalidParameter, Message: "Upload too large: %v bytes exceeds limit of 1048576",
	Page: otlpLogsPage, Certainty: documented,
	Fix: "Export smaller batches; each record counts with its resource and scope.",
}

var ruleOTLPLogEvent = Rule{
	ID: "logs.otlp.event", Service: "logs", Operation: otlpLogsOperation,
	Title: "A record is at most 1 MB, with its resource, its scope and 26 bytes.", Limit: "1,048,576 bytes",
	Code: invalidParameter, Message: "Log event too large: %v bytes exceeds limit of 1048576",
	Page: otlpLogsPage, Certainty: documented,
	Fix: "Cut long bodies and attributes before sending.",
}

var ruleOTLPLogRecords = Rule{
	ID: "logs.otlp.records", Service: "logs", Operation: otlpLogsOperation,
	Title: "A request carries at most 10,000 records.", Limit: "10,000 records",
	Code: invalidParameter, Message: "The request of %v records has more than 10000",
	Page: otlpLogsPage, Certainty: documented,
	Fix: "Export smaller batches.",
}

var ruleOTLPLogResource = Rule{
	ID: "logs.otlp.resource", Service: "logs", Operation: otlpLogsOperation,
	Title: "A resource and its scope are together at most 16 KB.", Limit: "16,384 bytes",
	Code: invalidParameter, Message: "A resource and its scope of %v bytes are larger than 16384 bytes",
	Page: otlpLogsPage, Certainty: documented,
	Fix: "Give the resource fewer or shorter attributes.",
}

var ruleOTLPLogGap = Rule{
	ID: "logs.otlp.gap", Service: "logs", Operation: otlpLogsOperation,
	Title: "The records of a request lie within 24 hours.", Limit: "24 hours",
	Code: invalidParameter, Message: "The records of the request span %v, more than 24 hours",
	Page: otlpLogsPage, Certainty: documented,
	Fix: "Batch old and new records apart.",
}

var ruleBearerToken = Rule{
	ID: "logs.bearer.token", Service: "logs", Operation: otlpLogsOperation,
	Title: "A bearer token is one that the service knows; here it is Config.LogsBearerToken.",
	Code:  "UnrecognizedClientException", Message: "The bearer token included in the request is invalid.",
	Page: otlpLogsPage, Certainty: unsettled,
	Fix: "Use the whole token, which begins with ACWL.",
}

var ruleBearerGroup = Rule{
	ID: "logs.bearer.group", Service: "logs", Operation: otlpLogsOperation,
	Title: "A log group takes bearer tokens only where they are turned on.",
	Code:  "AccessDeniedException", Message: "Bearer token authentication is not enabled for the log group %v.",
	Page: bearerPage, Certainty: unsettled,
	Fix: "Turn them on with PutBearerTokenAuthentication, or sign the request.",
}
