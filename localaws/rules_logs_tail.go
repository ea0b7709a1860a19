package localaws

const startLiveTailPage = logsAPI + "API_StartLiveTail.html"

func liveTailRules() []*Rule {
	return []*Rule{&ruleTailGroups, &ruleTailStreams, &ruleTailStreamCount, &ruleTailSessions}
}

var ruleTailGroups = Rule{
	ID: "logs.tail.groups", Service: "logs", Operation: "StartLiveTail",
	Title: "A session has 1 to 10 log groups, by their ARNs.", Limit: "10 groups",
	Code:    invalidParameter,
	Message: "1 validation error detected: Value at 'logGroupIdentifiers' failed to satisfy constraint: Member must have length less than or equal to 10 and greater than or equal to 1",
	Page:    startLiveTailPage, Certainty: documented,
	Fix: "Start several sessions.",
}

var ruleTailStreams = Rule{
	ID: "logs.tail.streams", Service: "logs", Operation: "StartLiveTail",
	Title:   "Log streams are given by names or by prefixes, not both, and only with one log group.",
	Code:    invalidParameter,
	Message: "logStreamNames and logStreamNamePrefixes are mutually exclusive, and need a single log group.",
	Page:    startLiveTailPage, Certainty: documented,
	Fix: "Set one of them, with one log group.",
}

var ruleTailStreamCount = Rule{
	ID: "logs.tail.streams.count", Service: "logs", Operation: "StartLiveTail",
	Title: "A session has at most 100 names or prefixes of log streams.", Limit: "100 streams",
	Code:    invalidParameter,
	Message: "1 validation error detected: Value at 'logStreamNames' failed to satisfy constraint: Member must have length less than or equal to 100",
	Page:    startLiveTailPage, Certainty: documented,
	Fix: "Use a prefix, or the whole group.",
}

var ruleTailSessions = Rule{
	ID: "logs.tail.sessions", Service: "logs", Operation: "StartLiveTail",
	Title: "An account has at most 15 sessions at once.", Limit: "15 sessions",
	Code:    "LimitExceededException",
	Message: "The limit of %v concurrent Live Tail sessions is exceeded.",
	Page:    startLiveTailPage, Certainty: documented,
	Fix: "Close sessions that nobody looks at.",
}
