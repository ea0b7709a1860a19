package localaws

// The pages that the rules of CloudWatch Logs were read from.
const (
	logsAPI             = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/"
	putLogEventsPage    = logsAPI + "API_PutLogEvents.html"
	inputLogEventPage   = logsAPI + "API_InputLogEvent.html"
	createLogGroupPage  = logsAPI + "API_CreateLogGroup.html"
	createLogStreamPage = logsAPI + "API_CreateLogStream.html"
	filterLogEventsPage = logsAPI + "API_FilterLogEvents.html"
	getLogEventsPage    = logsAPI + "API_GetLogEvents.html"
	describeStreamsPage = logsAPI + "API_DescribeLogStreams.html"
	describeGroupsPage  = logsAPI + "API_DescribeLogGroups.html"
	logClassesPage      = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html"
	filterSyntaxPage    = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html"
)

// Limits of CloudWatch Logs; the pages are those of the rules below.
const (
	maxLogBatchBytes   = 1_048_576 // messages in UTF-8 and eventOverheadBytes for each
	maxLogEventBytes   = 1_048_576 // one message and its eventOverheadBytes
	eventOverheadBytes = 26
	maxLogBatchEvents  = 10_000
	maxLogName         = 512
	maxLogTags         = 50
	maxLogPage         = 10_000
	maxLogPageBytes    = 1 << 20
	maxDescribePage    = 50
	maxFilterPattern   = 1024
	maxFilterStreams   = 100
	logFutureMillis    = 2 * hourMillis
	logPastMillis      = 14 * 24 * hourMillis
	logSpanMillis      = 24 * hourMillis
	hourMillis         = 3_600_000
)

// invalidParameter is CloudWatch Logs' code for nearly everything.
const invalidParameter = "InvalidParameterException"

func logsRules() []*Rule {
	return []*Rule{
		&ruleLogGroupRequired, &ruleLogGroupLength, &ruleLogGroupCharacters, &ruleLogGroupPrefix,
		&ruleLogGroupClass, &ruleLogGroupTags, &ruleLogGroupIdentifier,
		&ruleLogStreamRequired, &ruleLogStreamLength, &ruleLogStreamCharacters,
		&ruleLogEventsRequired, &ruleLogEventsCount, &ruleLogMessageRequired, &ruleLogMessageEmpty,
		&ruleLogTimestampRequired, &ruleLogTimestampNegative,
		&ruleLogEventSize, &ruleLogBatchSize, &ruleLogBatchOrder, &ruleLogBatchSpan,
		&ruleLogTooNew, &ruleLogTooOld, &ruleLogExpired, &ruleLogEntity,
		&ruleLogReadClass, &ruleLogLimit, &ruleDescribeLimit, &ruleLogToken,
		&ruleFilterPatternLength, &ruleFilterPattern, &ruleFilterStreams, &ruleFilterStreamsCount,
		&ruleDescribeOrder, &ruleDescribeOrderPrefix, &ruleDescribePattern,
	}
}

var ruleLogGroupRequired = Rule{
	ID: "logs.group.required", Service: "logs", Operation: anyCall,
	Title:   "The log group is named.",
	Code:    invalidParameter,
	Message: "1 validation error detected: Value null at 'logGroupName' failed to satisfy constraint: Member must not be null",
	Page:    putLogEventsPage, Certainty: documented,
	Fix: "Set logGroupName.",
}

var ruleLogGroupLength = Rule{
	ID: "logs.group.length", Service: "logs", Operation: anyCall,
	Title: "The name of a log group has 1 to 512 characters.", Limit: "512 characters",
	Code:    invalidParameter,
	Message: "1 validation error detected: Value '%v' at 'logGroupName' failed to satisfy constraint: Member must have length less than or equal to 512 and greater than or equal to 1",
	Page:    createLogGroupPage, Certainty: documented,
	Fix: "Shorten the name of the log group.",
}

var ruleLogGroupCharacters = Rule{
	ID: "logs.group.characters", Service: "logs", Operation: anyCall,
	Title: "The name of a log group consists of letters, digits, and . - _ / #.", Limit: `[\.\-_/#A-Za-z0-9]+`,
	Code:    invalidParameter,
	Message: `1 validation error detected: Value '%v' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+`,
	Page:    createLogGroupPage, Certainty: documented,
	Fix: "Replace the other characters of the name, e.g. spaces and colons.",
}

var ruleLogGroupPrefix = Rule{
	ID: "logs.group.prefix", Service: "logs", Operation: "CreateLogGroup",
	Title:   "The name of a log group does not begin with aws/.",
	Code:    invalidParameter,
	Message: "Log groups starting with aws/ are reserved for AWS.",
	Page:    createLogGroupPage, Certainty: documented,
	Fix: "Choose another name; /aws/ with a slash before it is allowed.",
}

var ruleLogGroupClass = Rule{
	ID: "logs.group.class", Service: "logs", Operation: "CreateLogGroup",
	Title: "The class of a log group is one that exists.", Limit: "STANDARD, INFREQUENT_ACCESS, DELIVERY, ESSENTIALS",
	Code:    invalidParameter,
	Message: "1 validation error detected: Value '%v' at 'logGroupClass' failed to satisfy constraint: Member must satisfy enum value set: [STANDARD, INFREQUENT_ACCESS, DELIVERY, ESSENTIALS]",
	Page:    createLogGroupPage, Certainty: documented,
	Fix: "Leave logGroupClass out, or use one of the list.",
}

var ruleLogGroupTags = Rule{
	ID: "logs.group.tags", Service: "logs", Operation: "CreateLogGroup",
	Title: "A log group has at most 50 tags, with keys of up to 128 and values of up to 256 characters.", Limit: "50 tags",
	Code:    invalidParameter,
	Message: "1 validation error detected: Value at 'tags' failed to satisfy constraint: %v",
	Page:    createLogGroupPage, Certainty: documented,
	Fix: "Use fewer or shorter tags.",
}

var ruleLogGroupIdentifier = Rule{
	ID: "logs.group.identifier", Service: "logs", Operation: anyCall,
	Title:   "A log group is given by its name or by its identifier, not both.",
	Code:    invalidParameter,
	Message: "Exactly one of logGroupName and logGroupIdentifier must be specified.",
	Page:    filterLogEventsPage, Certainty: documented,
	Fix: "Set one of logGroupName and logGroupIdentifier.",
}

var ruleLogStreamRequired = Rule{
	ID: "logs.stream.required", Service: "logs", Operation: anyCall,
	Title:   "The log stream is named.",
	Code:    invalidParameter,
	Message: "1 validation error detected: Value null at 'logStreamName' failed to satisfy constraint: Member must not be null",
	Page:    putLogEventsPage, Certainty: documented,
	Fix: "Set logStreamName.",
}

var ruleLogStreamLength = Rule{
	ID: "logs.stream.length", Service: "logs", Operation: anyCall,
	Title: "The name of a log stream has 1 to 512 characters.", Limit: "512 characters",
	Code:    invalidParameter,
	Message: "1 validation error detected: Value '%v' at 'logStreamName' failed to satisfy constraint: Member must have length less than or equal to 512 and greater than or equal to 1",
	Page:    createLogStreamPage, Certainty: documented,
	Fix: "Shorten the name of the log stream.",
}

var ruleLogStreamCharacters = Rule{
	ID: "logs.stream.characters", Service: "logs", Operation: anyCall,
	Title: "The name of a log stream has no colon and no asterisk.", Limit: "[^:*]*",
	Code:    invalidParameter,
	Message: "1 validation error detected: Value '%v' at 'logStreamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [^:*]*",
	Page:    createLogStreamPage, Certainty: documented,
	Fix: "Replace : and * in the name, e.g. those of an IPv6 address or an image tag.",
}

var ruleLogEventsRequired = Rule{
	ID: "logs.events.required", Service: "logs", Operation: "PutLogEvents",
	Title: "A batch has at least one event.", Limit: "1 event",
	Code:    invalidParameter,
	Message: "1 validation error detected: Value at 'logEvents' failed to satisfy constraint: Member must have length greater than or equal to 1",
	Page:    putLogEventsPage, Certainty: documented,
	Fix: "Do not send empty batches.",
}

var ruleLogEventsCount = Rule{
	ID: "logs.events.count", Service: "logs", Operation: "PutLogEvents",
	Title: "A batch has at most 10,000 events.", Limit: "10,000 events",
	Code:    invalidParameter,
	Message: "1 validation error detected: Value at 'logEvents' failed to satisfy constraint: Member must have length less than or equal to 10000",
	Page:    putLogEventsPage, Certainty: documented,
	Fix: "Split the batch.",
}

var ruleLogMessageRequired = Rule{
	ID: "logs.message.required", Service: "logs", Operation: "PutLogEvents",
	Title:   "Every event has a message.",
	Code:    invalidParameter,
	Message: "1 validation error detected: Value null at '%v' failed to satisfy constraint: Member must not be null",
	Page:    inputLogEventPage, Certainty: documented,
	Fix: "Leave events without a message out.",
}

var ruleLogMessageEmpty = Rule{
	ID: "logs.message.empty", Service: "logs", Operation: "PutLogEvents",
	Title: "No message is empty.", Limit: "1 character",
	Code:    invalidParameter,
	Message: "1 validation error detected: Value '' at '%v' failed to satisfy constraint: Member must have length greater than or equal to 1",
	Page:    inputLogEventPage, Certainty: documented,
	Fix: "Leave empty lines out: one of them makes AWS refuse the whole batch.",
}

var ruleLogTimestampRequired = Rule{
	ID: "logs.timestamp.required", Service: "logs", Operation: "PutLogEvents",
	Title:   "Every event has a timestamp.",
	Code:    invalidParameter,
	Message: "1 validation error detected: Value null at '%v' failed to satisfy constraint: Member must not be null",
	Page:    inputLogEventPage, Certainty: documented,
	Fix: "Set the timestamp, in milliseconds since 1970.",
}

var ruleLogTimestampNegative = Rule{
	ID: "logs.timestamp.negative", Service: "logs", Operation: "PutLogEvents",
	Title:   "No timestamp is before 1970.",
	Code:    invalidParameter,
	Message: "1 validation error detected: Value '%v' at 'logEvents.timestamp' failed to satisfy constraint: Member must have value greater than or equal to 0",
	Page:    inputLogEventPage, Certainty: documented,
	Fix: "Set the timestamp in milliseconds since 1970; a zero time.Time is not one.",
}

var ruleLogEventSize = Rule{
	ID: "logs.event.size", Service: "logs", Operation: "PutLogEvents",
	Title: "An event is at most 1 MB: its message in UTF-8 and 26 bytes.", Limit: "1,048,576 bytes",
	Code:    invalidParameter,
	Message: "Log event too large: %v bytes exceeds limit of 1048576",
	Page:    putLogEventsPage, Certainty: observed,
	Fix: "Truncate or split long messages at 1,048,550 bytes.",
}

var ruleLogBatchSize = Rule{
	ID: "logs.batch.size", Service: "logs", Operation: "PutLogEvents",
	Title: "A batch is at most 1,048,576 bytes: the messages in UTF-8 and 26 bytes for each event.", Limit: "1,048,576 bytes",
	Code:    invalidParameter,
	Message: "Upload too large: %v bytes exceeds limit of 1048576",
	Page:    putLogEventsPage, Certainty: observed,
	Fix: "Split the batch; count 26 bytes for each event.",
}

var ruleLogBatchOrder = Rule{
	ID: "logs.batch.order", Service: "logs", Operation: "PutLogEvents",
	Title:   "The events of a batch are in the order of their timestamps.",
	Code:    invalidParameter,
	Message: "Log events in a single PutLogEvents request must be in chronological order.",
	Page:    putLogEventsPage, Certainty: observed,
	Fix: "Sort the batch by timestamp before sending it.",
}

var ruleLogBatchSpan = Rule{
	ID: "logs.batch.span", Service: "logs", Operation: "PutLogEvents",
	Title: "The events of a batch lie within 24 hours.", Limit: "24 hours",
	Code:    invalidParameter,
	Message: "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
	Page:    putLogEventsPage, Certainty: observed,
	Fix: "Split the batch where it grows longer than 24 hours.",
}

var ruleLogTooNew = Rule{
	ID: "logs.event.too-new", Service: "logs", Operation: "PutLogEvents",
	Title: "An event is at most 2 hours in the future.", Limit: "2 hours",
	Code:    "RejectedLogEventsInfo",
	Message: "The event at %v is too new; tooNewLogEventStartIndex tells of it.",
	Page:    putLogEventsPage, Certainty: documented,
	Fix: "Check the clock and the unit of the timestamp: milliseconds, not seconds or nanoseconds.",
}

var ruleLogTooOld = Rule{
	ID: "logs.event.too-old", Service: "logs", Operation: "PutLogEvents",
	Title: "An event is at most 14 days old.", Limit: "14 days",
	Code:    "RejectedLogEventsInfo",
	Message: "The event at %v is too old; tooOldLogEventEndIndex tells of it.",
	Page:    putLogEventsPage, Certainty: documented,
	Fix: "Check the unit of the timestamp: milliseconds; what is older than 14 days cannot be sent.",
}

var ruleLogExpired = Rule{
	ID: "logs.event.expired", Service: "logs", Operation: "PutLogEvents",
	Title: "An event is not older than its log group keeps events.", Limit: "the group's retention",
	Code:    "RejectedLogEventsInfo",
	Message: "The event at %v has expired; expiredLogEventEndIndex tells of it.",
	Page:    putLogEventsPage, Certainty: documented,
	Fix: "Send sooner, or raise the retention of the log group.",
}

var ruleLogEntity = Rule{
	ID: "logs.entity", Service: "logs", Operation: "PutLogEvents",
	Title: "An entity has 2 to 4 key attributes that belong to its type, and at most 10 attributes.",
	Code:  "RejectedEntityInfo", Message: "The entity was rejected: %v",
	Page: putLogEventsPage, Certainty: documented,
	Fix: "Give the key attributes that the Type wants; the events are kept without the entity.",
}
