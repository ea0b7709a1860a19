package localaws

// What X-Ray refuses. The codes of refused documents are not published: those of
// the rules marked "observed" stand in public logs, the others follow their
// pattern (Missing or Invalid and the member). "documented" is said of the rule.

// The pages that the rules come from.
const (
	documentsPage = "https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html"
	sendingPage   = "https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html"
	filterPage    = "https://docs.aws.amazon.com/xray/latest/devguide/xray-console-filters.html"
	quotasPage    = "https://docs.aws.amazon.com/general/latest/gr/xray.html"
	putPage       = "https://docs.aws.amazon.com/xray/latest/api/API_PutTraceSegments.html"
	summariesPage = "https://docs.aws.amazon.com/xray/latest/api/API_GetTraceSummaries.html"
	batchPage     = "https://docs.aws.amazon.com/xray/latest/api/API_BatchGetTraces.html"
	graphPage     = "https://docs.aws.amazon.com/xray/latest/api/API_GetServiceGraph.html"
)

func xrayRules() []*Rule {
	return []*Rule{
		&ruleSegmentCount, &ruleSegmentsMissing, &ruleSegmentSize, &ruleTraceSize, &ruleSegmentJSON, &ruleSegmentType,
		&ruleSegmentID, &ruleSegmentIDForm, &ruleTraceID, &ruleTraceIDForm, &ruleTraceTime,
		&ruleParentMissing, &ruleParentID, &ruleNameMissing, &ruleSegmentName, &ruleStartTime,
		&ruleStartTimeForm, &ruleEndTime, &ruleEndTimeForm, &ruleUser, &ruleHTTP,
		&ruleSQL, &ruleMetadata, &ruleAnnotationKey, &ruleAnnotations, &ruleCause,
		&ruleTimeRange, &ruleGraphRange, &ruleRangeType, &ruleFilter, &ruleToken,
		&ruleTraceIDs, &ruleTraceIDsMissing, &ruleGroup, &ruleSegmentOTLP, &ruleTelemetryRecords,
	}
}

var ruleSegmentCount = Rule{
	ID:        "xray.segments.count",
	Service:   "xray",
	Operation: "PutTraceSegments",
	Title:     "One call carries at most 50 segment documents.",
	Limit:     "50 documents",
	Code:      "InvalidRequestException",
	Message:   "Exceeding maximum segment count: 50",
	Page:      putPage,
	Fix:       "Split the batch.",
	Certainty: observed,
}

var ruleSegmentsMissing = Rule{
	ID:        "xray.segments.missing",
	Service:   "xray",
	Operation: "PutTraceSegments",
	Title:     "TraceSegmentDocuments is there, a list of strings.",
	Code:      "InvalidRequestException",
	Message:   "TraceSegmentDocuments is required",
	Page:      putPage,
	Fix:       "Send {\"TraceSegmentDocuments\": [\"<document>\", …]}.",
	Certainty: documented,
}

var ruleTraceSize = Rule{
	ID:        "xray.trace.size",
	Service:   "xray",
	Operation: "PutTraceSegments",
	Title:     "A trace is at most 500 KB. localaws shows more of it, up to 32 MiB in memory; what comes after that is dropped.",
	Limit:     "500 KB",
	Code:      "LimitExceeded",
	Message:   "Trace %v is full",
	Page:      quotasPage,
	Fix:       "Begin a new trace for each request or message, not one for the life of a process.",
	Certainty: documented,
}

var ruleSegmentSize = Rule{
	ID:        "xray.segment.size",
	Service:   "xray",
	Operation: "PutTraceSegments",
	Title:     "A segment document, its subsegments included, is at most 64 KB.",
	Limit:     "65,536 bytes",
	Code:      "InvalidSegmentSize",
	Message:   "Segment document of %v bytes is larger than 65536 bytes",
	Page:      quotasPage,
	Fix:       "Send subsegments on their own (type subsegment with trace_id and parent_id), or fewer and shorter members.",
	Certainty: documented,
}

var ruleSegmentJSON = Rule{
	ID:        "xray.segment.json",
	Service:   "xray",
	Operation: "PutTraceSegments",
	Title:     "A segment document is one JSON object.",
	Code:      "ParseError",
	Message:   "%v",
	Page:      documentsPage,
	Fix:       "Send valid JSON in UTF-8.",
	Certainty: unsettled,
}

var ruleSegmentType = Rule{
	ID:        "xray.segment.type",
	Service:   "xray",
	Operation: "PutTraceSegments",
	Title:     "The members of a document have the types of the schema.",
	Code:      "ParseError",
	Message:   "%v is of the wrong type",
	Page:      documentsPage,
	Fix:       "Compare the document with AWS's JSON schema.",
	Certainty: unsettled,
}

var ruleSegmentID = Rule{
	ID:        "xray.segment.id",
	Service:   "xray",
	Operation: "PutTraceSegments",
	Title:     "A document and each of its subsegments has an id.",
	Code:      "MissingId",
	Message:   "Missing id",
	Page:      documentsPage,
	Fix:       "Give it an id of 16 hexadecimal digits.",
	Certainty: observed,
}

var ruleSegmentIDForm = Rule{
	ID:        "xray.segment.id.form",
	Service:   "xray",
	Operation: "PutTraceSegments",
	Title:     "An id is 16 hexadecimal digits.",
	Limit:     "16 characters",
	Code:      "InvalidId",
	Message:   "Invalid id %q",
	Page:      documentsPage,
	Fix:       "Use 64 random bits, in hexadecimal; an OpenTelemetry span id fits.",
	Certainty: documented,
}

var ruleTraceID = Rule{
	ID:        "xray.segment.trace_id",
	Service:   "xray",
	Operation: "PutTraceSegments",
	Title:     "A document has a trace_id.",
	Code:      "MissingTraceId",
	Message:   "Missing trace_id",
	Page:      documentsPage,
	Fix:       "Give every document, subsegments sent on their own too, the trace_id.",
	Certainty: documented,
}

var ruleTraceIDForm = Rule{
	ID:        "xray.segment.trace_id.form",
	Service:   "xray",
	Operation: "PutTraceSegments",
	Title:     "A trace id is 1-, eight hexadecimal digits of time, -, and 24 digits.",
	Limit:     "35 characters",
	Code:      "InvalidTraceId",
	Message:   "Invalid trace_id %q",
	Page:      documentsPage,
	Fix:       "Write a W3C trace id as 1-<first 8>-<last 24>.",
	Certainty: documented,
}

var ruleTraceTime = Rule{
	ID:        "xray.segment.trace_id.time",
	Service:   "xray",
	Operation: "PutTraceSegments",
	Title:     "The time in a trace id is at most 30 days old and not in the future; only with Config.StrictTraceTime, because AWS's texts disagree.",
	Limit:     "30 days",
	Code:      "InvalidTraceId",
	Message:   "Trace id %q is too old or in the future",
	Page:      sendingPage,
	Fix:       "Use an id generator that puts the time into the first 32 bits.",
	Certainty: unsettled,
}

var ruleParentMissing = Rule{
	ID:        "xray.subsegment.parent_id",
	Service:   "xray",
	Operation: "PutTraceSegments",
	Title:     "A subsegment sent on its own names its parent_id.",
	Code:      "MissingParentId",
	Message:   "Missing parent_id",
	Page:      documentsPage,
	Fix:       "Set parent_id to the id of the segment or subsegment above.",
	Certainty: documented,
}

var ruleParentID = Rule{
	ID:        "xray.segment.parent_id.form",
	Service:   "xray",
	Operation: "PutTraceSegments",
	Title:     "A parent_id is 16 hexadecimal digits.",
	Limit:     "16 characters",
	Code:      "InvalidParentId",
	Message:   "Invalid parent_id %v",
	Page:      documentsPage,
	Fix:       "Use the id of the segment or subsegment above.",
	Certainty: documented,
}

var ruleNameMissing = Rule{
	ID:        "xray.segment.name.missing",
	Service:   "xray",
	Operation: "PutTraceSegments",
	Title:     "A segment and each subsegment has a name.",
	Code:      "MissingName",
	Message:   "Missing name",
	Page:      documentsPage,
	Fix:       "Name the service, or for a subsegment what it calls.",
	Certainty: documented,
}

var ruleSegmentName = Rule{
	ID:        "xray.segment.name",
	Service:   "xray",
	Operation: "PutTraceSegments",
	Title:     "A name has at most 200 letters, numbers, white space and _ . : / % & # = + \\ - @.",
	Limit:     "200 characters",
	Code:      "InvalidName",
	Message:   "Invalid name %q",
	Page:      documentsPage,
	Fix:       "Replace other characters, often ? ( ) * $ ' in operation names.",
	Certainty: observed,
}

var ruleStartTime = Rule{
	ID:        "xray.segment.start_time",
	Service:   "xray",
	Operation: "PutTraceSegments",
	Title:     "A segment and each subsegment has a start_time.",
	Code:      "MissingStartTime",
	Message:   "Missing start_time",
	Page:      documentsPage,
	Fix:       "Set it to seconds since 1970, with a fraction.",
	Certainty: documented,
}

var ruleStartTimeForm = Rule{
	ID:        "xray.segment.start_time.form",
	Service:   "xray",
	Operation: "PutTraceSegments",
	Title:     "start_time is a number of seconds since 1970.",
	Code:      "InvalidStartTime",
	Message:   "Invalid start_time %v",
	Page:      documentsPage,
	Fix:       "Send a number, not a string, in seconds.",
	Certainty: documented,
}

var ruleEndTime = Rule{
	ID:        "xray.segment.end_time",
	Service:   "xray",
	Operation: "PutTraceSegments",
	Title:     "A segment and each subsegment has an end_time, or in_progress true.",
	Code:      "MissingEndTime",
	Message:   "Missing end_time",
	Page:      documentsPage,
	Fix:       "Set end_time when it ends; until then in_progress.",
	Certainty: observed,
}

var ruleEndTimeForm = Rule{
	ID:        "xray.segment.end_time.form",
	Service:   "xray",
	Operation: "PutTraceSegments",
	Title:     "end_time is a number of seconds since 1970.",
	Code:      "InvalidEndTime",
	Message:   "Invalid end_time %v",
	Page:      documentsPage,
	Fix:       "Send a number, not a string, in seconds.",
	Certainty: documented,
}
