package localaws

// The pages that the rules of CloudWatch were read from.
const (
	cloudwatchAPI           = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/"
	putMetricDataPage       = cloudwatchAPI + "API_PutMetricData.html"
	metricDatumPage         = cloudwatchAPI + "API_MetricDatum.html"
	dimensionPage           = cloudwatchAPI + "API_Dimension.html"
	statisticSetPage        = cloudwatchAPI + "API_StatisticSet.html"
	listMetricsPage         = cloudwatchAPI + "API_ListMetrics.html"
	getMetricDataPage       = cloudwatchAPI + "API_GetMetricData.html"
	metricDataQueryPage     = cloudwatchAPI + "API_MetricDataQuery.html"
	getMetricStatisticsPage = cloudwatchAPI + "API_GetMetricStatistics.html"
	statisticsPage          = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html"
)

// Limits of CloudWatch; the pages are those of the rules below.
const (
	maxMetricBody        = 1 << 20
	maxMetricDatums      = 1000
	maxMetricValues      = 150
	maxMetricDimensions  = 30
	maxMetricName        = 255
	maxDimensionName     = 255
	maxDimensionValue    = 1024
	maxMetricExponent    = 360 // values lie between -2^360 and 2^360
	metricFutureSeconds  = 2 * 3600
	metricPastSeconds    = 14 * 24 * 3600
	maxEntityMetricData  = 2
	listMetricsPageSize  = 500
	maxDimensionFilters  = 10
	maxMetricQueries     = 500
	maxMetricDatapoints  = 100_800
	maxStatisticsPoints  = 1440
	maxStatistics        = 5
	maxExtendedStatistic = 10
)

// CloudWatch's codes, by their older names.
const (
	invalidValue       = "InvalidParameterValue"
	invalidCombination = "InvalidParameterCombination"
	missingParameter   = "MissingParameter"
	validationError    = "ValidationError"
)

func cloudwatchRules() []*Rule {
	return []*Rule{
		&ruleMetricBody, &ruleMetricRequired, &ruleMetricLength, &ruleMetricASCII, &ruleNamespace, &ruleMetricDatums,
		&ruleDimensionCount, &ruleDimensionColon, &ruleDimensionBlank, &ruleDimensionTwice,
		&ruleValueMissing, &ruleValueAndValues, &ruleValueAndSet, &ruleValuesCount, &ruleValuesAndCounts,
		&ruleValueNotFinite, &ruleValueRange, &ruleValueTiny, &ruleCountRange, &ruleStatisticSet,
		&ruleUnit, &ruleResolution, &ruleTimestampPast, &ruleTimestampFuture,
		&ruleMetricEntity, &ruleMetricEntityCount,
		&ruleDimensionFilters, &ruleRecentlyActive, &ruleMetricToken,
		&ruleQueryCount, &ruleQueryID, &ruleQueryTwice, &ruleQueryKind, &ruleQueryStat, &ruleQueryPeriod,
		&ruleQueryUnit, &ruleQueryTimes, &ruleQueryScanBy, &ruleQueryDatapoints,
		&ruleStatisticsTimes, &ruleStatisticsPoints, &ruleStatisticsEither, &ruleStatisticsCount, &ruleStatisticsName,
		&ruleStatisticsExtended, &ruleStatisticsPeriod,
	}
}

var ruleMetricBody = Rule{
	ID: "cloudwatch.body", Service: "cloudwatch", Operation: "PutMetricData",
	Title: "A request is at most 1 MB. AWS does not say whether before or after compression; here it is before.", Limit: "1 MB",
	Code: "RequestEntityTooLargeException", Message: "Request size %v exceeds the limit of 1048576 bytes",
	Page: putMetricDataPage, Certainty: unsettled,
	Fix: "Send fewer metrics in one request.",
}

var ruleMetricRequired = Rule{
	ID: "cloudwatch.required", Service: "cloudwatch", Operation: anyCall,
	Title: "A required parameter is there, and not empty.",
	Code:  missingParameter, Message: "The parameter %v is required.",
	Page: putMetricDataPage, Certainty: observed,
	Fix: "Set the parameter.",
}

var ruleMetricLength = Rule{
	ID: "cloudwatch.length", Service: "cloudwatch", Operation: anyCall,
	Title: "Namespaces, metric names and dimension names have at most 255 characters, dimension values 1,024.", Limit: "255 or 1,024 characters",
	Code: invalidValue, Message: "The parameter %v must be shorter than %v characters.",
	Page: dimensionPage, Certainty: observed,
	Fix: "Shorten the name or the value.",
}

var ruleMetricASCII = Rule{
	ID: "cloudwatch.ascii", Service: "cloudwatch", Operation: anyCall,
	Title: "Namespaces, metric names and dimensions consist of ASCII characters, control characters excluded.", Limit: "ASCII",
	Code: invalidValue, Message: "The value for parameter %v contains non-ASCII characters.",
	Page: dimensionPage, Certainty: observed,
	Fix: "Replace the other characters.",
}

var ruleNamespace = Rule{
	ID: "cloudwatch.namespace", Service: "cloudwatch", Operation: anyCall,
	Title: "A namespace does not begin with a colon, and a custom one not with AWS/.", Limit: "[^:].*",
	Code: invalidValue, Message: "The value %v for parameter Namespace is invalid.",
	Page: putMetricDataPage, Certainty: documented,
	Fix: "Choose another namespace.",
}

var ruleMetricDatums = Rule{
	ID: "cloudwatch.datums", Service: "cloudwatch", Operation: "PutMetricData",
	Title: "A request has at most 1,000 metrics.", Limit: "1,000 metrics",
	Code: invalidValue, Message: "The collection %v must not have a size greater than 1000.",
	Page: putMetricDataPage, Certainty: observed,
	Fix: "Split the request.",
}

var ruleDimensionCount = Rule{
	ID: "cloudwatch.dimensions", Service: "cloudwatch", Operation: anyCall,
	Title: "A metric has at most 30 dimensions.", Limit: "30 dimensions",
	Code: invalidValue, Message: "The collection %v must not have a size greater than 30.",
	Page: metricDatumPage, Certainty: observed,
	Fix: "Drop dimensions: each further one also multiplies the number of metrics that are paid for.",
}

var ruleDimensionColon = Rule{
	ID: "cloudwatch.dimension.colon", Service: "cloudwatch", Operation: anyCall,
	Title: "The name of a dimension does not begin with a colon.",
	Code:  invalidValue, Message: "The value %v for parameter %v is invalid.",
	Page: dimensionPage, Certainty: documented,
	Fix: "Rename the dimension.",
}

var ruleDimensionBlank = Rule{
	ID: "cloudwatch.dimension.blank", Service: "cloudwatch", Operation: anyCall,
	Title: "The name and the value of a dimension have a character that is no white space.",
	Code:  invalidValue, Message: "The parameter %v must contain at least one non-whitespace character.",
	Page: dimensionPage, Certainty: documented,
	Fix: "Leave dimensions without a value out.",
}

var ruleDimensionTwice = Rule{
	ID: "cloudwatch.dimension.twice", Service: "cloudwatch", Operation: anyCall,
	Title: "A metric has each dimension once.",
	Code:  invalidValue, Message: "The collection %v must not contain the dimension %v more than once.",
	Page: dimensionPage, Certainty: unsettled,
	Fix: "Give each name once.",
}

var ruleValueMissing = Rule{
	ID: "cloudwatch.value.missing", Service: "cloudwatch", Operation: "PutMetricData",
	Title: "A metric has a Value, Values or StatisticValues.",
	Code:  missingParameter, Message: "At least one of the parameters %[1]v.Value, %[1]v.Values and %[1]v.StatisticValues must be specified.",
	Page: metricDatumPage, Certainty: unsettled,
	Fix: "Leave metrics without a value out.",
}

var ruleValueAndValues = Rule{
	ID: "cloudwatch.value.values", Service: "cloudwatch", Operation: "PutMetricData",
	Title: "A metric has a Value or Values, not both.",
	Code:  invalidValue, Message: "The parameters %[1]v.Value and %[1]v.Values are mutually exclusive and you have specified both.",
	Page: metricDatumPage, Certainty: observed,
	Fix: "Send one of the two.",
}

var ruleValueAndSet = Rule{
	ID: "cloudwatch.value.set", Service: "cloudwatch", Operation: "PutMetricData",
	Title: "A metric has values or a statistic set, not both.",
	Code:  invalidCombination, Message: "The parameters %v and %v are mutually exclusive and you have specified both.",
	Page: metricDatumPage, Certainty: observed,
	Fix: "Send one of the two.",
}

var ruleValuesCount = Rule{
	ID: "cloudwatch.values.count", Service: "cloudwatch", Operation: "PutMetricData",
	Title: "Values has at most 150 values.", Limit: "150 values",
	Code: invalidValue, Message: "The collection %v.Values must not have a size greater than 150.",
	Page: metricDatumPage, Certainty: observed,
	Fix: "Split the values over several metrics of the same name and time.",
}

var ruleValuesAndCounts = Rule{
	ID: "cloudwatch.values.counts", Service: "cloudwatch", Operation: "PutMetricData",
	Title: "Counts has one count for each of Values.",
	Code:  invalidValue, Message: "The parameters %[1]v.Values and %[1]v.Counts must be of the same size.",
	Page: metricDatumPage, Certainty: observed,
	Fix: "Send a count for each value, or no Counts at all.",
}

var ruleValueNotFinite = Rule{
	ID: "cloudwatch.value.finite", Service: "cloudwatch", Operation: "PutMetricData",
	Title: "No value is NaN or infinite.",
	Code:  invalidValue, Message: "The value %v for parameter %v is invalid.",
	Page: putMetricDataPage, Certainty: observed,
	Fix: "Leave such values out, and look for the division by zero.",
}

var ruleValueRange = Rule{
	ID: "cloudwatch.value.range", Service: "cloudwatch", Operation: "PutMetricData",
	Title: "A value lies between -2^360 and 2^360.", Limit: "±2^360",
	Code: invalidValue, Message: "The value %v for parameter %v is invalid.",
	Page: putMetricDataPage, Certainty: documented,
	Fix: "Leave such values out.",
}

var ruleValueTiny = Rule{
	ID: "cloudwatch.value.tiny", Service: "cloudwatch", Operation: "PutMetricData",
	Title: "A value that is not 0 is not nearer to 0 than 2^-360.", Limit: "2^-360",
	Code: invalidValue, Message: "The value 0 for parameter %v is invalid.",
	Page: putMetricDataPage, Certainty: observed,
	Fix: "Round such values to 0.",
}

var ruleCountRange = Rule{
	ID: "cloudwatch.count", Service: "cloudwatch", Operation: "PutMetricData",
	Title: "A count lies between 0 and 2^360.", Limit: "0 to 2^360",
	Code: invalidValue, Message: "The value %v for parameter %v is invalid.",
	Page: metricDatumPage, Certainty: unsettled,
	Fix: "Count how often each value was seen.",
}

var ruleStatisticSet = Rule{
	ID: "cloudwatch.set", Service: "cloudwatch", Operation: "PutMetricData",
	Title: "The minimum of a statistic set is not above its maximum.",
	Code:  invalidValue, Message: "The parameter %[1]v.Maximum must be greater than or equal to %[1]v.Minimum.",
	Page: statisticSetPage, Certainty: unsettled,
	Fix: "Check how the set is put together.",
}

var ruleUnit = Rule{
	ID: "cloudwatch.unit", Service: "cloudwatch", Operation: anyCall,
	Title: "A unit is one of CloudWatch's 27.",
	Code:  invalidValue, Message: "The parameter %v must be a value in the set [ %v ].",
	Page: metricDatumPage, Certainty: observed,
	Fix: "Use a unit of the list, or None.",
}

var ruleResolution = Rule{
	ID: "cloudwatch.resolution", Service: "cloudwatch", Operation: "PutMetricData",
	Title: "The storage resolution is 1 or 60 seconds.", Limit: "1 or 60",
	Code: invalidValue, Message: "The parameter %v.StorageResolution must be a value in the set [ 1, 60 ].",
	Page: metricDatumPage, Certainty: observed,
	Fix: "Use 60, or 1 for high resolution.",
}

var ruleTimestampPast = Rule{
	ID: "cloudwatch.timestamp.past", Service: "cloudwatch", Operation: "PutMetricData",
	Title: "A timestamp is at most two weeks old.", Limit: "2 weeks",
	Code: invalidValue, Message: "The parameter %v.Timestamp must specify a time within the past two weeks.",
	Page: putMetricDataPage, Certainty: observed,
	Fix: "Send sooner; check the clock, the time zone and the unit of the timestamp: seconds.",
}

var ruleTimestampFuture = Rule{
	ID: "cloudwatch.timestamp.future", Service: "cloudwatch", Operation: "PutMetricData",
	Title: "A timestamp is at most two hours in the future.", Limit: "2 hours",
	Code: invalidValue, Message: "The parameter %v.Timestamp must specify a time no more than two hours in the future.",
	Page: putMetricDataPage, Certainty: documented,
	Fix: "Check the clock, the time zone and the unit of the timestamp: seconds.",
}

var ruleMetricEntity = Rule{
	ID: "cloudwatch.entity", Service: "cloudwatch", Operation: "PutMetricData",
	Title: "An entity has 2 to 4 key attributes that belong to its type, and at most 10 attributes.",
	Code:  invalidValue, Message: "The entity of %v is invalid: %v",
	Page: putMetricDataPage, Certainty: documented,
	Fix: "Give the key attributes that the Type wants.",
}

var ruleMetricEntityCount = Rule{
	ID: "cloudwatch.entity.count", Service: "cloudwatch", Operation: "PutMetricData",
	Title: "A request has metrics of at most two entities.", Limit: "2 entities",
	Code: invalidValue, Message: "The collection %v must not have a size greater than 2.",
	Page: putMetricDataPage, Certainty: documented,
	Fix: "Send one request for each entity.",
}
