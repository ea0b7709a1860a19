package localaws

var ruleLogReadClass = Rule{
	ID: "logs.read.class", Service: "logs", Operation: anyCall,
	Title: "GetLogEvents and FilterLogEvents read groups of the Standard class.", Limit: "STANDARD",
	Code:    invalidParameter,
	Message: "The operation is not supported for log groups of the class %v.",
	Page:    logClassesPage, Certainty: unsettled,
	Fix: "Use CloudWatch Logs Insights, or a group of the Standard class.",
}

var ruleLogLimit = Rule{
	ID: "logs.read.limit", Service: "logs", Operation: anyCall,
	Title: "A page of events has 1 to 10,000 events.", Limit: "10,000 events",
	Code:    invalidParameter,
	Message: "1 validation error detected: Value '%v' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000 and greater than or equal to 1",
	Page:    getLogEventsPage, Certainty: documented,
	Fix: "Ask for at most 10,000 events and follow nextToken.",
}

var ruleDescribeLimit = Rule{
	ID: "logs.describe.limit", Service: "logs", Operation: anyCall,
	Title: "A page of groups or streams has 1 to 50 items.", Limit: "50 items",
	Code:    invalidParameter,
	Message: "1 validation error detected: Value '%v' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 50 and greater than or equal to 1",
	Page:    describeStreamsPage, Certainty: documented,
	Fix: "Ask for at most 50 and follow nextToken.",
}

var ruleLogToken = Rule{
	ID: "logs.read.token", Service: "logs", Operation: anyCall,
	Title:   "A nextToken is one that the same operation gave.",
	Code:    invalidParameter,
	Message: "The specified nextToken is invalid.",
	Page:    getLogEventsPage, Certainty: observed,
	Fix: "Pass the token as it came, to the same operation.",
}

var ruleFilterPatternLength = Rule{
	ID: "logs.filter.length", Service: "logs", Operation: "FilterLogEvents",
	Title: "A filter pattern has at most 1,024 characters.", Limit: "1,024 characters",
	Code:    invalidParameter,
	Message: "1 validation error detected: Value '%v' at 'filterPattern' failed to satisfy constraint: Member must have length less than or equal to 1024",
	Page:    filterLogEventsPage, Certainty: documented,
	Fix: "Shorten the pattern.",
}

var ruleFilterPattern = Rule{
	ID: "logs.filter.syntax", Service: "logs", Operation: "FilterLogEvents",
	Title:   "A filter pattern follows the syntax for terms, JSON, fields or regular expressions.",
	Code:    invalidParameter,
	Message: "%v",
	Page:    filterSyntaxPage, Certainty: observed,
	Fix: `Quote terms that are not only letters, digits and _: "like-this"; the text says what is wrong.`,
}

var ruleFilterStreams = Rule{
	ID: "logs.filter.streams", Service: "logs", Operation: "FilterLogEvents",
	Title:   "Log streams are given by their names or by a prefix, not both.",
	Code:    invalidParameter,
	Message: "logStreamNames and logStreamNamePrefix cannot both be specified.",
	Page:    filterLogEventsPage, Certainty: documented,
	Fix: "Set one of logStreamNames and logStreamNamePrefix.",
}

var ruleFilterStreamsCount = Rule{
	ID: "logs.filter.streams.count", Service: "logs", Operation: "FilterLogEvents",
	Title: "At most 100 log streams are searched by name.", Limit: "100 streams",
	Code:    invalidParameter,
	Message: "1 validation error detected: Value at 'logStreamNames' failed to satisfy constraint: Member must have length less than or equal to 100 and greater than or equal to 1",
	Page:    filterLogEventsPage, Certainty: documented,
	Fix: "Search fewer streams, by a prefix, or the whole group.",
}

var ruleDescribeOrder = Rule{
	ID: "logs.describe.order", Service: "logs", Operation: "DescribeLogStreams",
	Title: "Log streams are ordered by their name or by their last event.", Limit: "LogStreamName, LastEventTime",
	Code:    invalidParameter,
	Message: "1 validation error detected: Value '%v' at 'orderBy' failed to satisfy constraint: Member must satisfy enum value set: [LogStreamName, LastEventTime]",
	Page:    describeStreamsPage, Certainty: documented,
	Fix: "Use LogStreamName or LastEventTime.",
}

var ruleDescribeOrderPrefix = Rule{
	ID: "logs.describe.order-prefix", Service: "logs", Operation: "DescribeLogStreams",
	Title:   "Log streams with a prefix are not ordered by their last event.",
	Code:    invalidParameter,
	Message: "Cannot order by LastEventTime with a logStreamNamePrefix.",
	Page:    describeStreamsPage, Certainty: observed,
	Fix: "Leave the prefix out, or order by LogStreamName.",
}

var ruleDescribePattern = Rule{
	ID: "logs.describe.pattern", Service: "logs", Operation: "DescribeLogGroups",
	Title:   "Log groups are searched by a prefix or by a pattern, not both.",
	Code:    invalidParameter,
	Message: "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
	Page:    describeGroupsPage, Certainty: documented,
	Fix: "Set one of logGroupNamePrefix and logGroupNamePattern.",
}
