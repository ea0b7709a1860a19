package localaws

// The rules for the members of a segment document beyond its identity and its
// times, and for reading. The list and the pages are in rules_xray.go.

var ruleUser = Rule{
	ID:        "xray.segment.user",
	Service:   "xray",
	Operation: "PutTraceSegments",
	Title:     "user is a string of at most 250 characters.",
	Limit:     "250 characters",
	Code:      "InvalidUser",
	Message:   "Invalid user %q",
	Page:      documentsPage,
	Fix:       "Shorten it.",
	Certainty: documented,
}

var ruleHTTP = Rule{
	ID:        "xray.segment.http",
	Service:   "xray",
	Operation: "PutTraceSegments",
	Title:     "The texts of http.request have at most 250 characters; status and content_length are numbers, x_forwarded_for and traced booleans.",
	Limit:     "250 characters",
	Code:      "InvalidHttp",
	Message:   "Invalid http member %q",
	Page:      documentsPage,
	Fix:       "Shorten the URL (its query first) and the user agent.",
	Certainty: documented,
}

var ruleSQL = Rule{
	ID:        "xray.segment.sql",
	Service:   "xray",
	Operation: "PutTraceSegments",
	Title:     "The members of sql are strings; sql.user has at most 250 characters.",
	Limit:     "250 characters",
	Code:      "InvalidSql",
	Message:   "Invalid sql member %q",
	Page:      documentsPage,
	Fix:       "Shorten it.",
	Certainty: documented,
}

var ruleMetadata = Rule{
	ID:        "xray.segment.metadata",
	Service:   "xray",
	Operation: "PutTraceSegments",
	Title:     "metadata is an object, and so is each of its namespaces.",
	Code:      "InvalidMetadata",
	Message:   "Invalid metadata %v",
	Page:      documentsPage,
	Fix:       "Put values under a namespace: {\"default\": {…}}.",
	Certainty: documented,
}

var ruleAnnotationKey = Rule{
	ID:        "xray.annotation.key",
	Service:   "xray",
	Operation: "PutTraceSegments",
	Title:     "The key of an annotation has at most 500 letters, digits, underscores and dots.",
	Limit:     "500 characters",
	Code:      "InvalidAnnotation",
	Message:   "Invalid annotation key %q",
	Page:      documentsPage,
	Fix:       "Replace other characters by underscores.",
	Certainty: documented,
}

var ruleAnnotations = Rule{
	ID:        "xray.annotation.value",
	Service:   "xray",
	Operation: "PutTraceSegments",
	Title:     "An annotation is a string of at most 1,000 characters, a number or a boolean.",
	Limit:     "1,000 characters",
	Code:      "InvalidAnnotation",
	Message:   "Invalid annotation value %v",
	Page:      documentsPage,
	Fix:       "Move objects, lists and long texts to metadata.",
	Certainty: documented,
}

var ruleCause = Rule{
	ID:        "xray.segment.cause",
	Service:   "xray",
	Operation: "PutTraceSegments",
	Title:     "cause is a 16-digit id, or an object whose exceptions have ids of 16 digits and members of the schema's types.",
	Limit:     "16 characters",
	Code:      "InvalidCause",
	Message:   "Invalid cause %v",
	Page:      documentsPage,
	Fix:       "Give every exception an id of 16 hexadecimal digits; compare the other members with AWS's JSON schema.",
	Certainty: documented,
}

var ruleTimeRange = Rule{
	ID:        "xray.read.range",
	Service:   "xray",
	Operation: "GetTraceSummaries, GetServiceGraph",
	Title:     "A range of time has a start and a later end.",
	Code:      "InvalidRequestException",
	Message:   "Invalid time range: %v",
	Page:      summariesPage,
	Fix:       "Send StartTime and EndTime in seconds since 1970.",
	Certainty: documented,
}

var ruleGraphRange = Rule{
	ID:        "xray.graph.range",
	Service:   "xray",
	Operation: "GetServiceGraph",
	Title:     "A service graph covers at most six hours.",
	Limit:     "6 hours",
	Code:      "InvalidRequestException",
	Message:   "Time range cannot be longer than 6 hours, not %v",
	Page:      graphPage,
	Fix:       "Ask for shorter ranges, and join them.",
	Certainty: unsettled,
}

var ruleRangeType = Rule{
	ID:        "xray.summaries.range_type",
	Service:   "xray",
	Operation: "GetTraceSummaries",
	Title:     "TimeRangeType is TraceId, Event or Service.",
	Code:      "InvalidRequestException",
	Message:   "Invalid TimeRangeType %q",
	Page:      summariesPage,
	Fix:       "Leave it out for TraceId.",
	Certainty: documented,
}

var ruleFilter = Rule{
	ID:        "xray.summaries.filter",
	Service:   "xray",
	Operation: "GetTraceSummaries",
	Title:     "A filter expression follows the grammar, as far as this server knows it.",
	Code:      "InvalidRequestException",
	Message:   "Invalid filter expression: %v",
	Page:      filterPage,
	Fix:       "The text says where reading stopped, and what localaws does not support.",
	Certainty: documented,
}

var ruleToken = Rule{
	ID:        "xray.read.token",
	Service:   "xray",
	Operation: "GetTraceSummaries, BatchGetTraces, GetServiceGraph, GetSamplingRules, GetSamplingStatisticSummaries",
	Title:     "NextToken is one that the server gave.",
	Code:      "InvalidRequestException",
	Message:   "Invalid NextToken %q",
	Page:      summariesPage,
	Fix:       "Send back NextToken as it came, with the same parameters.",
	Certainty: documented,
}

var ruleTraceIDs = Rule{
	ID:        "xray.batch.ids",
	Service:   "xray",
	Operation: "BatchGetTraces",
	Title:     "One call asks for at most five traces.",
	Limit:     "5 trace ids",
	Code:      "InvalidRequestException",
	Message:   "1 validation error detected: Value of length %v at 'traceIds' failed to satisfy constraint: Member must have length less than or equal to 5",
	Page:      batchPage,
	Fix:       "Ask for five at a time.",
	Certainty: unsettled,
}

var ruleTraceIDsMissing = Rule{
	ID:        "xray.batch.ids.missing",
	Service:   "xray",
	Operation: "BatchGetTraces",
	Title:     "TraceIds is there.",
	Code:      "InvalidRequestException",
	Message:   "TraceIds is required",
	Page:      batchPage,
	Fix:       "Send at least one trace id.",
	Certainty: documented,
}

var ruleGroup = Rule{
	ID:        "xray.graph.group",
	Service:   "xray",
	Operation: "GetServiceGraph",
	Title:     "Groups are not supported by localaws; only the Default group is there.",
	Code:      "InvalidRequestException",
	Message:   "Group %q not found",
	Page:      graphPage,
	Fix:       "Leave GroupName and GroupARN out.",
	Certainty: unsettled,
}
