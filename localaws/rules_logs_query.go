package localaws

// The pages that the rules of Logs Insights were read from.
const (
	startQueryPage      = logsAPI + "API_StartQuery.html"
	getQueryResultsPage = logsAPI + "API_GetQueryResults.html"
	stopQueryPage       = logsAPI + "API_StopQuery.html"
	describeQueriesPage = logsAPI + "API_DescribeQueries.html"
	queryCompilePage    = logsAPI + "API_QueryCompileError.html"
	getLogRecordPage    = logsAPI + "API_GetLogRecord.html"
	querySyntaxPage     = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html"
	logsQuotasPage      = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html"
)

// Limits of Logs Insights; the pages are those of the rules below.
const (
	maxQueryGroups       = 50
	maxConcurrentQueries = 100
	maxQueryPage         = 10_000
	maxQueriesPage       = 1000
	maxQueryID           = 256 // characters
)

func queryRules() []*Rule {
	return []*Rule{
		&ruleQueryRequired, &ruleQueryLength, &ruleQuerySyntax, &ruleQueryLanguage,
		&ruleInsightsTimes, &ruleQueryRange, &ruleQueryLimit, &ruleQueryGroups, &ruleQueryGroupCount, &ruleQueryClass,
		&ruleQueryConcurrent, &ruleInsightsID, &ruleQueryEnded, &ruleQueryPage, &ruleQueriesPage, &ruleQueryStatus,
		&ruleRecordPointer,
	}
}

var ruleQueryRequired = Rule{
	ID: "logs.query.required", Service: "logs", Operation: "StartQuery",
	Title:   "The query is there.",
	Code:    invalidParameter,
	Message: "1 validation error detected: Value null at 'queryString' failed to satisfy constraint: Member must not be null",
	Page:    startQueryPage, Certainty: documented,
	Fix: "Set queryString.",
}

var ruleQueryLength = Rule{
	ID: "logs.query.length", Service: "logs", Operation: "StartQuery",
	Title: "A query has at most 10,000 characters.", Limit: "10,000 characters",
	Code:    invalidParameter,
	Message: "1 validation error detected: Value '%v' at 'queryString' failed to satisfy constraint: Member must have length less than or equal to 10000",
	Page:    startQueryPage, Certainty: documented,
	Fix: "Shorten the query.",
}

var ruleQuerySyntax = Rule{
	ID: "logs.query.syntax", Service: "logs", Operation: "StartQuery",
	Title:   "A query follows the syntax of Logs Insights; localaws knows fields, display, filter, parse, stats, sort, limit, dedup and unnest, and refuses the other commands.",
	Code:    "MalformedQueryException",
	Message: "%v",
	Page:    querySyntaxPage, Certainty: observed,
	Fix: "The text says what is wrong and where, or what localaws does not know.",
}

var ruleQueryLanguage = Rule{
	ID: "logs.query.language", Service: "logs", Operation: "StartQuery",
	Title: "The language of a query is CWLI; AWS also knows SQL and PPL, localaws does not.", Limit: "CWLI, SQL, PPL",
	Code:    invalidParameter,
	Message: "localaws does not support the query language %v; AWS knows CWLI, SQL and PPL.",
	Page:    startQueryPage, Certainty: documented,
	Fix: "Write the query in Logs Insights QL, CWLI.",
}

var ruleInsightsTimes = Rule{
	ID: "logs.query.times", Service: "logs", Operation: "StartQuery",
	Title:   "A query has a start and an end.",
	Code:    invalidParameter,
	Message: "1 validation error detected: Value null at 'startTime' or 'endTime' failed to satisfy constraint: Member must not be null",
	Page:    startQueryPage, Certainty: documented,
	Fix: "Set startTime and endTime, in seconds since 1970.",
}

var ruleQueryRange = Rule{
	ID: "logs.query.range", Service: "logs", Operation: "StartQuery",
	Title:   "The range of a query is not negative and does not end before it begins.",
	Code:    invalidParameter,
	Message: "The end of the time range must not be before its start, %v.",
	Page:    startQueryPage, Certainty: unsettled,
	Fix: "Set startTime before endTime, in seconds since 1970.",
}

var ruleQueryLimit = Rule{
	ID: "logs.query.limit", Service: "logs", Operation: "StartQuery",
	Title: "A query gives 1 to 100,000 rows, 10,000 if it says nothing.", Limit: "100,000 rows",
	Code:    invalidParameter,
	Message: "1 validation error detected: Value '%v' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 100000 and greater than or equal to 1",
	Page:    startQueryPage, Certainty: documented,
	Fix: "Ask for at most 100,000 rows.",
}

var ruleQueryGroups = Rule{
	ID: "logs.query.groups", Service: "logs", Operation: "StartQuery",
	Title:   "Exactly one of logGroupName, logGroupNames and logGroupIdentifiers names the groups; localaws does not know the command SOURCE.",
	Code:    invalidParameter,
	Message: "Exactly one of logGroupName, logGroupNames and logGroupIdentifiers must be specified.",
	Page:    startQueryPage, Certainty: documented,
	Fix: "Set one of the three.",
}

var ruleQueryGroupCount = Rule{
	ID: "logs.query.groups.count", Service: "logs", Operation: "StartQuery",
	Title: "A query reads at most 50 log groups.", Limit: "50 groups",
	Code:    invalidParameter,
	Message: "A query reads 1 to 50 log groups, not %v.",
	Page:    startQueryPage, Certainty: documented,
	Fix: "Query fewer groups at a time.",
}

var ruleQueryClass = Rule{
	ID: "logs.query.class", Service: "logs", Operation: "StartQuery",
	Title: "Groups of the DELIVERY class cannot be queried.", Limit: "STANDARD, INFREQUENT_ACCESS",
	Code:    invalidParameter,
	Message: "The operation is not supported for log groups of the class %v.",
	Page:    logClassesPage, Certainty: unsettled,
	Fix: "Query a group of another class.",
}

var ruleQueryConcurrent = Rule{
	ID: "logs.query.concurrent", Service: "logs", Operation: "StartQuery",
	Title: "At most 100 queries run at a time.", Limit: "100 queries",
	Code:    "LimitExceededException",
	Message: "Account maximum query concurrency limit of [%v] reached.",
	Page:    logsQuotasPage, Certainty: documented,
	Fix: "Wait for queries to end, or stop them.",
}

var ruleInsightsID = Rule{
	ID: "logs.query.id", Service: "logs", Operation: anyCall,
	Title: "A query is named by its id, of 1 to 256 characters.", Limit: "256 characters",
	Code:    invalidParameter,
	Message: "1 validation error detected: Value '%v' at 'queryId' failed to satisfy constraint: Member must have length less than or equal to 256 and greater than or equal to 1",
	Page:    getQueryResultsPage, Certainty: documented,
	Fix: "Pass the queryId that StartQuery gave.",
}

var ruleQueryEnded = Rule{
	ID: "logs.query.ended", Service: "logs", Operation: "StopQuery",
	Title:   "Only a query that runs can be stopped.",
	Code:    invalidParameter,
	Message: "The specified query %v is not running.",
	Page:    stopQueryPage, Certainty: documented,
	Fix: "Nothing: it has ended.",
}

var ruleQueryPage = Rule{
	ID: "logs.query.page", Service: "logs", Operation: "GetQueryResults",
	Title: "A page of results has at most 10,000 rows.", Limit: "10,000 rows",
	Code:    invalidParameter,
	Message: "1 validation error detected: Value '%v' at 'maxItems' failed to satisfy constraint: Member must have value less than or equal to 10000 and greater than or equal to 0",
	Page:    getQueryResultsPage, Certainty: documented,
	Fix: "Ask for at most 10,000 rows and follow nextToken.",
}

var ruleQueriesPage = Rule{
	ID: "logs.queries.page", Service: "logs", Operation: "DescribeQueries",
	Title: "A page of queries has 1 to 1,000 of them.", Limit: "1,000 queries",
	Code:    invalidParameter,
	Message: "1 validation error detected: Value '%v' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 1000 and greater than or equal to 1",
	Page:    describeQueriesPage, Certainty: documented,
	Fix: "Ask for at most 1,000 and follow nextToken.",
}

var ruleQueryStatus = Rule{
	ID: "logs.queries.status", Service: "logs", Operation: "DescribeQueries",
	Title:   "Queries are searched by a state that queries have.",
	Code:    invalidParameter,
	Message: "1 validation error detected: Value '%v' at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Scheduled, Running, Complete, Failed, Cancelled, Timeout, Unknown]",
	Page:    describeQueriesPage, Certainty: documented,
	Fix: "Use one of the states in the text.",
}

var ruleRecordPointer = Rule{
	ID: "logs.record.pointer", Service: "logs", Operation: "GetLogRecord",
	Title:   "A record is named by the @ptr of a row.",
	Code:    invalidParameter,
	Message: "The specified logRecordPointer is invalid: %v",
	Page:    getLogRecordPage, Certainty: unsettled,
	Fix: "Pass the value of @ptr as it came.",
}
