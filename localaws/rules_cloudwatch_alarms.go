package localaws

const (
	putMetricAlarmPage = cloudwatchAPI + "API_PutMetricAlarm.html"
	describeAlarmsPage = cloudwatchAPI + "API_DescribeAlarms.html"
	setAlarmStatePage  = cloudwatchAPI + "API_SetAlarmState.html"
)

// Limits of alarms; the pages are those of the rules below.
const (
	maxAlarmBody        = 120 << 10
	maxAlarmName        = 255
	maxAlarmDescription = 1024
	maxAlarmActions     = 5
	maxActionArn        = 1024
	maxAlarmTags        = 50
	maxAlarmMetrics     = 10 // metrics, and as many expressions
	maxAlarmShort       = 86_400
	maxAlarmSeconds     = 604_800
	maxAlarmNames       = 100
	maxAlarmRecords     = 100
	maxStateReason      = 1023

	defaultAlarmRecords = 50 // AWS does not say
)

func alarmRules() []*Rule {
	return []*Rule{
		&ruleAlarmBody, &ruleAlarmNull, &ruleAlarmSize, &ruleAlarmEnum, &ruleAlarmLeast, &ruleAlarmName,
		&ruleAlarmActions, &ruleAlarmArn, &ruleAlarmTags, &ruleAlarmUnsupported,
		&ruleAlarmDatapoints, &ruleAlarmDay, &ruleAlarmWeek, &ruleAlarmPeriod, &ruleAlarmStatistic, &ruleAlarmExtended,
		&ruleAlarmEither, &ruleAlarmMetrics, &ruleAlarmReturn, &ruleAlarmOnePeriod, &ruleAlarmSearch,
		&ruleAlarmNames, &ruleAlarmNamesOrPrefix, &ruleAlarmRecords, &ruleAlarmToken, &ruleAlarmUnknown, &ruleAlarmReasonData,
	}
}

var ruleAlarmBody = Rule{
	ID: "cloudwatch.alarm.body", Service: "cloudwatch", Operation: "PutMetricAlarm",
	Title: "A request is at most 120 KB uncompressed.", Limit: "120 KB",
	Code: "RequestEntityTooLargeException", Message: "Request size %v exceeds the limit of 122880 bytes",
	Page: putMetricAlarmPage, Certainty: documented,
	Fix: "Make the alarm smaller.",
}

var ruleAlarmNull = Rule{
	ID: "cloudwatch.alarm.required", Service: "cloudwatch", Operation: "PutMetricAlarm",
	Title: "A required member is there.",
	Code:  validationError, Message: "%v must not be null",
	Page: putMetricAlarmPage, Certainty: observed,
	Fix: "Set the member.",
}

var ruleAlarmSize = Rule{
	ID: "cloudwatch.alarm.length", Service: "cloudwatch", Operation: "PutMetricAlarm",
	Title: "A name has 1 to 255 characters, a description 1,024, a reason 1,023 and its data 4,000, the key of a tag 128 and its value 256.", Limit: "255, 1,024, 1,023, 4,000, 128, 256",
	Code: validationError, Message: "1 validation error detected: Value '%v' at '%v' failed to satisfy constraint: Member must have length %v",
	Page: putMetricAlarmPage, Certainty: documented,
	Fix: "Shorten the text.",
}

var ruleAlarmEnum = Rule{
	ID: "cloudwatch.alarm.enum", Service: "cloudwatch", Operation: "PutMetricAlarm",
	Title: "States, statistics, comparison operators and what missing data counts as are among those that there are.",
	Code:  validationError, Message: "1 validation error detected: Value '%v' at '%v' failed to satisfy constraint: Member must satisfy enum value set: [%v]",
	Page: putMetricAlarmPage, Certainty: documented,
	Fix: "Use a value of the list; small and capital letters count.",
}

var ruleAlarmLeast = Rule{
	ID: "cloudwatch.alarm.least", Service: "cloudwatch", Operation: "PutMetricAlarm",
	Title: "EvaluationPeriods and DatapointsToAlarm are at least 1.", Limit: "1",
	Code: validationError, Message: "1 validation error detected: Value '%v' at '%v' failed to satisfy constraint: Member must have value greater than or equal to 1",
	Page: putMetricAlarmPage, Certainty: documented,
	Fix: "Use 1 or more.",
}

var ruleAlarmName = Rule{
	ID: "cloudwatch.alarm.name", Service: "cloudwatch", Operation: "PutMetricAlarm",
	Title: "The name of an alarm has no control characters.",
	Code:  validationError, Message: "AlarmName must not contain ASCII control characters",
	Page: putMetricAlarmPage, Certainty: documented,
	Fix: "Choose another name.",
}

var ruleAlarmActions = Rule{
	ID: "cloudwatch.alarm.actions", Service: "cloudwatch", Operation: "PutMetricAlarm",
	Title: "An alarm has at most 5 actions for each state.", Limit: "5 actions",
	Code: validationError, Message: "1 validation error detected: Value at '%v' failed to satisfy constraint: Member must have length less than or equal to 5",
	Page: putMetricAlarmPage, Certainty: documented,
	Fix: "Send to a topic that others listen to.",
}

var ruleAlarmArn = Rule{
	ID: "cloudwatch.alarm.arn", Service: "cloudwatch", Operation: "PutMetricAlarm",
	Title: "An action is an ARN of at most 1,024 characters.", Limit: "1,024 characters",
	Code: validationError, Message: "Invalid arn syntax: %v",
	Page: putMetricAlarmPage, Certainty: observed,
	Fix: "Give the whole ARN, such as arn:aws:sns:us-east-1:000000000000:alarms.",
}

var ruleAlarmTags = Rule{
	ID: "cloudwatch.alarm.tags", Service: "cloudwatch", Operation: "PutMetricAlarm",
	Title: "An alarm has at most 50 tags.", Limit: "50 tags",
	Code: validationError, Message: "1 validation error detected: Value at 'Tags' failed to satisfy constraint: Member must have length less than or equal to 50",
	Page: putMetricAlarmPage, Certainty: documented,
	Fix: "Use fewer tags.",
}

var ruleAlarmUnsupported = Rule{
	ID: "cloudwatch.alarm.unsupported", Service: "cloudwatch", Operation: "PutMetricAlarm",
	Title: "localaws knows alarms with a fixed threshold; AWS also those of anomaly detection, PromQL and other alarms.",
	Code:  validationError, Message: "localaws does not support %v in alarms, AWS does",
	Page: putMetricAlarmPage, Certainty: documented,
	Fix: "Use an alarm with a threshold, or AWS itself.",
}

var ruleAlarmDatapoints = Rule{
	ID: "cloudwatch.alarm.datapoints", Service: "cloudwatch", Operation: "PutMetricAlarm",
	Title: "Not more data points must breach than are looked at.",
	Code:  validationError, Message: "DatapointsToAlarm must be less than or equal to EvaluationPeriods",
	Page: putMetricAlarmPage, Certainty: observed,
	Fix: "Lower DatapointsToAlarm, or raise EvaluationPeriods.",
}

var ruleAlarmDay = Rule{
	ID: "cloudwatch.alarm.day", Service: "cloudwatch", Operation: "PutMetricAlarm",
	Title: "An alarm with a period under an hour looks back at most one day.", Limit: "86,400 seconds",
	Code: validationError, Message: "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400).",
	Page: putMetricAlarmPage, Certainty: documented,
	Fix: "Evaluate fewer periods, or periods of an hour and more.",
}

var ruleAlarmWeek = Rule{
	ID: "cloudwatch.alarm.week", Service: "cloudwatch", Operation: "PutMetricAlarm",
	Title: "An alarm looks back at most seven days.", Limit: "604,800 seconds",
	Code: validationError, Message: "Metrics cannot be checked across more than a week (EvaluationPeriods * Period must be <= 604800).",
	Page: putMetricAlarmPage, Certainty: documented,
	Fix: "Evaluate fewer or shorter periods.",
}

var ruleAlarmPeriod = Rule{
	ID: "cloudwatch.alarm.period", Service: "cloudwatch", Operation: "PutMetricAlarm",
	Title: "The period of an alarm is 10, 20, 30 or a multiple of 60 seconds.", Limit: "10, 20, 30, n × 60",
	Code: validationError, Message: "Period must be 10, 20, 30 or a multiple of 60",
	Page: putMetricAlarmPage, Certainty: documented,
	Fix: "Use such a period; those under a minute want metrics of high resolution.",
}

var ruleAlarmStatistic = Rule{
	ID: "cloudwatch.alarm.statistic", Service: "cloudwatch", Operation: "PutMetricAlarm",
	Title: "An alarm of one metric has either Statistic or ExtendedStatistic.",
	Code:  validationError, Message: "Exactly one of Statistic and ExtendedStatistic must be specified",
	Page: putMetricAlarmPage, Certainty: documented,
	Fix: "Set one of the two.",
}

var ruleAlarmExtended = Rule{
	ID: "cloudwatch.alarm.extended", Service: "cloudwatch", Operation: "PutMetricAlarm",
	Title: "An extended statistic is a percentile or a trimmed statistic.",
	Code:  validationError, Message: "The value %v for parameter ExtendedStatistic is not supported.",
	Page: putMetricAlarmPage, Certainty: documented,
	Fix: "Use names like p99, tm90 and TM(10%:90%).",
}

var ruleAlarmEither = Rule{
	ID: "cloudwatch.alarm.either", Service: "cloudwatch", Operation: "PutMetricAlarm",
	Title: "An alarm with a list of metrics has its metric, statistic, period and unit there.",
	Code:  validationError, Message: "%v should not be set if list of Metrics is set.",
	Page: putMetricAlarmPage, Certainty: observed,
	Fix: "Move it into the list, or leave the list out.",
}

var ruleAlarmMetrics = Rule{
	ID: "cloudwatch.alarm.metrics", Service: "cloudwatch", Operation: "PutMetricAlarm",
	Title: "An alarm has at most 10 metrics and 10 expressions.", Limit: "10 and 10",
	Code: validationError, Message: "The list of Metrics must not have more than 10 metrics and 10 expressions",
	Page: metricDataQueryPage, Certainty: documented,
	Fix: "Split the alarm.",
}

var ruleAlarmReturn = Rule{
	ID: "cloudwatch.alarm.return", Service: "cloudwatch", Operation: "PutMetricAlarm",
	Title: "Exactly one of an alarm's metrics and expressions returns data: that which it watches.",
	Code:  validationError, Message: "Exactly one element of the metrics list should return data.",
	Page: putMetricAlarmPage, Certainty: observed,
	Fix: "Set ReturnData to false in all others.",
}

var ruleAlarmOnePeriod = Rule{
	ID: "cloudwatch.alarm.one-period", Service: "cloudwatch", Operation: "PutMetricAlarm",
	Title: "All metrics of an alarm have the same period.",
	Code:  validationError, Message: "All metrics of an alarm must have the same period",
	Page: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html", Certainty: documented,
	Fix: "Use one period.",
}

var ruleAlarmSearch = Rule{
	ID: "cloudwatch.alarm.search", Service: "cloudwatch", Operation: "PutMetricAlarm",
	Title: "An alarm has no SEARCH.",
	Code:  validationError, Message: "SEARCH is not supported on Metric Alarms.",
	Page: metricMathPage, Certainty: documented,
	Fix: "List the metrics.",
}

var ruleAlarmNames = Rule{
	ID: "cloudwatch.alarm.names", Service: "cloudwatch", Operation: anyCall,
	Title: "A request names at most 100 alarms.", Limit: "100 alarms",
	Code: validationError, Message: "1 validation error detected: Value at 'alarmNames' failed to satisfy constraint: Member must have length less than or equal to 100",
	Page: describeAlarmsPage, Certainty: documented,
	Fix: "Split the request.",
}

var ruleAlarmNamesOrPrefix = Rule{
	ID: "cloudwatch.alarm.prefix", Service: "cloudwatch", Operation: "DescribeAlarms",
	Title: "Alarms are described by their names or by a prefix of them, not by both.",
	Code:  validationError, Message: "AlarmNamePrefix cannot be specified if AlarmNames is",
	Page: describeAlarmsPage, Certainty: documented,
	Fix: "Set one of the two.",
}

var ruleAlarmRecords = Rule{
	ID: "cloudwatch.alarm.records", Service: "cloudwatch", Operation: anyCall,
	Title: "A page has 1 to 100 alarms or items of history.", Limit: "1 to 100",
	Code: validationError, Message: "1 validation error detected: Value '%v' at 'maxRecords' failed to satisfy constraint: Member must have value between 1 and 100",
	Page: describeAlarmsPage, Certainty: documented,
	Fix: "Ask for at most 100 and follow NextToken.",
}

var ruleAlarmToken = Rule{
	ID: "cloudwatch.alarm.token", Service: "cloudwatch", Operation: anyCall,
	Title: "A NextToken is one that the same operation gave.",
	Code:  "InvalidNextToken", Message: "The next token specified is invalid.",
	Page: describeAlarmsPage, Certainty: documented,
	Fix: "Pass the token as it came, to the same operation.",
}

var ruleAlarmUnknown = Rule{
	ID: "cloudwatch.alarm.unknown", Service: "cloudwatch", Operation: "SetAlarmState",
	Title: "The alarm exists.",
	Code:  "ResourceNotFound", Message: "The alarm %v does not exist.",
	Page: setAlarmStatePage, Certainty: documented,
	Fix: "Check the name and the region.",
}

var ruleAlarmReasonData = Rule{
	ID: "cloudwatch.alarm.reason", Service: "cloudwatch", Operation: "SetAlarmState",
	Title: "The data of a reason is JSON.",
	Code:  "InvalidFormat", Message: "StateReasonData is not valid JSON",
	Page: setAlarmStatePage, Certainty: documented,
	Fix: "Send JSON, or leave it out.",
}
