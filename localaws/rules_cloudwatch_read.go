package localaws

var ruleDimensionFilters = Rule{
	ID: "cloudwatch.list.filters", Service: "cloudwatch", Operation: "ListMetrics",
	Title: "Metrics are listed by at most 10 dimensions.", Limit: "10 filters",
	Code: invalidValue, Message: "The collection %v must not have a size greater than 10.",
	Page: listMetricsPage, Certainty: documented,
	Fix: "Use fewer filters.",
}

var ruleRecentlyActive = Rule{
	ID: "cloudwatch.list.active", Service: "cloudwatch", Operation: "ListMetrics",
	Title: "RecentlyActive is PT3H.", Limit: "PT3H",
	Code: invalidValue, Message: "The parameter RecentlyActive must be a value in the set [ PT3H ].",
	Page: listMetricsPage, Certainty: documented,
	Fix: "Use PT3H, or leave it out.",
}

var ruleMetricToken = Rule{
	ID: "cloudwatch.token", Service: "cloudwatch", Operation: anyCall,
	Title: "A NextToken is one that the same operation gave.",
	Code:  invalidValue, Message: "Request parameter NextToken is invalid",
	Page: listMetricsPage, Certainty: observed,
	Fix: "Pass the token as it came, to the same operation.",
}

var ruleQueryCount = Rule{
	ID: "cloudwatch.query.count", Service: "cloudwatch", Operation: "GetMetricData",
	Title: "A request has at most 500 queries.", Limit: "500 queries",
	Code: validationError, Message: "The collection %v must not have a size greater than 500.",
	Page: getMetricDataPage, Certainty: documented,
	Fix: "Split the request.",
}

var ruleQueryID = Rule{
	ID: "cloudwatch.query.id", Service: "cloudwatch", Operation: "GetMetricData",
	Title: "The id of a query begins with a small letter and has letters, digits and underscores.", Limit: "^[a-z][a-zA-Z0-9_]*$",
	Code: validationError, Message: "The value %v for parameter %v is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.",
	Page: metricDataQueryPage, Certainty: documented,
	Fix: "Use ids like m1 and errors.",
}

var ruleQueryTwice = Rule{
	ID: "cloudwatch.query.twice", Service: "cloudwatch", Operation: "GetMetricData",
	Title: "The ids of the queries differ.",
	Code:  validationError, Message: "The values for parameter id in MetricDataQueries are not unique: %v.",
	Page: metricDataQueryPage, Certainty: documented,
	Fix: "Give each query its own id.",
}

var ruleQueryKind = Rule{
	ID: "cloudwatch.query.kind", Service: "cloudwatch", Operation: "GetMetricData",
	Title: "A query has either a MetricStat or an Expression.",
	Code:  validationError, Message: "The parameters %[1]v.Expression and %[1]v.MetricStat: exactly one must be specified.",
	Page: metricDataQueryPage, Certainty: documented,
	Fix: "Set one of the two.",
}

var ruleQueryStat = Rule{
	ID: "cloudwatch.query.stat", Service: "cloudwatch", Operation: "GetMetricData",
	Title: "A statistic is one that exists: Average, p99, tm90, TM(10%:90%), PR(:300) and so on.",
	Code:  validationError, Message: "The value for parameter %v is not a valid statistic.",
	Page: statisticsPage, Certainty: observed,
	Fix: "See the page for the names; small letters with a number, capitals with parentheses.",
}

var ruleQueryPeriod = Rule{
	ID: "cloudwatch.query.period", Service: "cloudwatch", Operation: "GetMetricData",
	Title: "A period is 1, 5, 10, 20, 30 or a multiple of 60 seconds.", Limit: "1, 5, 10, 20, 30, n × 60",
	Code: validationError, Message: "The parameter %v must be 1, 5, 10, 20, 30 or a multiple of 60.",
	Page: getMetricDataPage, Certainty: documented,
	Fix: "Use such a period.",
}

var ruleQueryUnit = Rule{
	ID: "cloudwatch.query.unit", Service: "cloudwatch", Operation: "GetMetricData",
	Title: "A unit is one of CloudWatch's 27.",
	Code:  validationError, Message: "The parameter %v must be a value in the set [ %v ].",
	Page: metricDataQueryPage, Certainty: documented,
	Fix: "Use a unit of the list, or leave it out.",
}

var ruleQueryTimes = Rule{
	ID: "cloudwatch.query.times", Service: "cloudwatch", Operation: "GetMetricData",
	Title: "The end of the time range is after its start.",
	Code:  validationError, Message: "%v",
	Page: getMetricDataPage, Certainty: observed,
	Fix: "Check the time zone of both.",
}

var ruleQueryScanBy = Rule{
	ID: "cloudwatch.query.scan-by", Service: "cloudwatch", Operation: "GetMetricData",
	Title: "ScanBy is TimestampDescending or TimestampAscending.",
	Code:  validationError, Message: "The parameter ScanBy must be a value in the set [ TimestampDescending, TimestampAscending ].",
	Page: getMetricDataPage, Certainty: documented,
	Fix: "Use one of the two.",
}

var ruleQueryDatapoints = Rule{
	ID: "cloudwatch.query.datapoints", Service: "cloudwatch", Operation: "GetMetricData",
	Title: "A page has 1 to 100,800 data points.", Limit: "100,800 data points",
	Code: validationError, Message: "The value %v for parameter MaxDatapoints is invalid.",
	Page: getMetricDataPage, Certainty: documented,
	Fix: "Ask for at most 100,800 and follow NextToken.",
}

var ruleStatisticsTimes = Rule{
	ID: "cloudwatch.statistics.times", Service: "cloudwatch", Operation: "GetMetricStatistics",
	Title: "The end of the time range is after its start.",
	Code:  invalidCombination, Message: "The parameter StartTime must be less than the parameter EndTime.",
	Page: getMetricStatisticsPage, Certainty: observed,
	Fix: "Check the time zone of both.",
}

var ruleStatisticsPoints = Rule{
	ID: "cloudwatch.statistics.points", Service: "cloudwatch", Operation: "GetMetricStatistics",
	Title: "A request asks for at most 1,440 data points.", Limit: "1,440 data points",
	Code:    invalidCombination,
	Message: "You have requested up to %v datapoints, which exceeds the limit of 1440. You may reduce the datapoints requested by increasing Period, or decreasing the time range.",
	Page:    getMetricStatisticsPage, Certainty: observed,
	Fix: "Raise the period, shorten the time range, or use GetMetricData.",
}

var ruleStatisticsEither = Rule{
	ID: "cloudwatch.statistics.either", Service: "cloudwatch", Operation: "GetMetricStatistics",
	Title: "A request has either Statistics or ExtendedStatistics.",
	Code:  invalidCombination, Message: "Must specify either Statistics or ExtendedStatistics",
	Page: getMetricStatisticsPage, Certainty: observed,
	Fix: "Set one of the two.",
}

var ruleStatisticsCount = Rule{
	ID: "cloudwatch.statistics.count", Service: "cloudwatch", Operation: "GetMetricStatistics",
	Title: "A request has at most 5 statistics, or 10 extended ones.", Limit: "5 or 10 statistics",
	Code: invalidValue, Message: "The collection %v must not have a size greater than %v.",
	Page: getMetricStatisticsPage, Certainty: documented,
	Fix: "Ask for fewer, or twice.",
}

var ruleStatisticsName = Rule{
	ID: "cloudwatch.statistics.name", Service: "cloudwatch", Operation: "GetMetricStatistics",
	Title: "Statistics are SampleCount, Average, Sum, Minimum and Maximum.",
	Code:  invalidValue, Message: "The parameter %v must be a value in the set [ SampleCount, Average, Sum, Minimum, Maximum ].",
	Page: getMetricStatisticsPage, Certainty: documented,
	Fix: "Give percentiles as ExtendedStatistics.",
}

var ruleStatisticsExtended = Rule{
	ID: "cloudwatch.statistics.extended", Service: "cloudwatch", Operation: "GetMetricStatistics",
	Title: "Extended statistics are percentiles between p0.0 and p100, or trimmed statistics.",
	Code:  invalidValue, Message: "The value %v for parameter %v is not supported.",
	Page: getMetricStatisticsPage, Certainty: documented,
	Fix: "Use names like p99 and p99.9.",
}

var ruleStatisticsPeriod = Rule{
	ID: "cloudwatch.statistics.period", Service: "cloudwatch", Operation: "GetMetricStatistics",
	Title: "A period is 1, 5, 10, 20, 30 or a multiple of 60 seconds.", Limit: "1, 5, 10, 20, 30, n × 60",
	Code: invalidValue, Message: "The parameter %v must be 1, 5, 10, 20, 30 or a multiple of 60.",
	Page: getMetricStatisticsPage, Certainty: documented,
	Fix: "Use such a period.",
}
