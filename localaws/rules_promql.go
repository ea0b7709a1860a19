package localaws

// Pages that the rules of PromQL come from. Texts are Prometheus' own, as
// answers of AWS have been seen with them, where Prometheus has such a rule.
const (
	promqlPage         = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-PromQL.html"
	promqlQueryingPage = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-PromQL-Querying.html"
	promqlQueryPage    = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-PromQL-API-QueryMetrics.html"
	promqlSeriesPage   = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-PromQL-API-GetSeries.html"
	promqlLabelsPage   = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-PromQL-API-GetLabels.html"
)

// Types of errors in Prometheus' API.
const (
	promBadData   = "bad_data"
	promExecution = "execution"
	promTimeout   = "timeout"
)

func promqlRules() []*Rule {
	return []*Rule{
		&rulePromQLParameter, &rulePromQLText, &rulePromQLParse, &rulePromQLName, &rulePromQLRange, &rulePromQLTruncated,
		&rulePromQLCalls, &rulePromQLDiscoveries, &rulePromQLConcurrent,
		&rulePromQLScanned, &rulePromQLSamples, &rulePromQLProcessed, &rulePromQLTimeout, &rulePromQLSteps, &rulePromQLExecution,
	}
}

var rulePromQLParameter = Rule{
	ID: "cloudwatch.promql.parameter", Service: "cloudwatch", Operation: promqlAnyPath,
	Title: "Parameters are there and can be read: query, start, end and step of a range, match[], start and end of series; a limit lies between 1 and 500, of series and labels 10,000.",
	Code:  promBadData, Message: "invalid parameter %v",
	Page: promqlQueryPage, Certainty: documented,
	Fix: "Times are seconds since 1970 or RFC 3339, a step is seconds or as 5m.",
}

var rulePromQLText = Rule{
	ID: "cloudwatch.promql.text", Service: "cloudwatch", Operation: promqlAnyPath,
	Title: "A query, or all match[] of a request together, is not longer than localaws reads. AWS documents no limit.", Limit: "16,384 bytes",
	Code: promBadData, Message: "the query has %v bytes, more than 16384",
	Page: promqlPage, Certainty: unsettled,
	Fix: "Match labels by a shorter pattern, or ask in several queries.",
}

var rulePromQLParse = Rule{
	ID: "cloudwatch.promql.parse", Service: "cloudwatch", Operation: promqlAnyPath,
	Title: "A query is PromQL of Prometheus 3.",
	Code:  promBadData, Message: `invalid parameter "query": %v`,
	Page: promqlQueryingPage, Certainty: observed,
	Fix: `A name with a dot stands in quotes and braces: {"http.server.duration", "@resource.service.name"="shop"}.`,
}

var rulePromQLName = Rule{
	ID: "cloudwatch.promql.name", Service: "cloudwatch", Operation: promqlAnyPath,
	Title: "Each selector names its metric with =; labels alone, or a pattern of names, select nothing. With which error AWS says so is not documented.",
	Code:  promBadData, Message: "the selector %v has to name a metric",
	Page: promqlQueryPage, Certainty: documented,
	Fix: `Name the metric: {"http.server.duration"}; names are listed by /api/v1/label/__name__/values.`,
}

var rulePromQLRange = Rule{
	ID: "cloudwatch.promql.range", Service: "cloudwatch", Operation: promqlAnyPath,
	Title: "A query reads at most 7 days, its ranges and lookback included.", Limit: "7 days",
	Code: promExecution, Message: "the query reads %v, more than 168h0m0s",
	Page: promqlPage, Certainty: documented,
	Fix: "Ask for less, or in several queries.",
}

var rulePromQLTruncated = Rule{
	ID: "cloudwatch.promql.series", Service: "cloudwatch", Operation: promqlAnyPath,
	Title: "An answer has at most 500 series; the rest is cut off, with a warning.", Limit: "500 series",
	Code: "warnings", Message: "the query has found %v series; 500 are answered",
	Page: promqlQueryPage, Certainty: documented,
	Fix: "Aggregate by fewer labels, or use topk.",
}

var rulePromQLCalls = Rule{
	ID: "cloudwatch.promql.calls", Service: "cloudwatch", Operation: promqlQueryPath,
	Title: "An account sends at most 300 queries a second.", Limit: "300 queries a second",
	Code: promExecution, Message: "query requests exceed %v per second",
	Page: promqlPage, Certainty: documented,
	Fix: "Ask less often; the status is 422, which clients do not send again by themselves.",
}

var rulePromQLDiscoveries = Rule{
	ID: "cloudwatch.promql.discoveries", Service: "cloudwatch", Operation: promqlSeriesPath,
	Title: "An account asks at most 10 times a second for series, labels and their values.", Limit: "10 requests a second",
	Code: promExecution, Message: "discovery requests exceed %v per second",
	Page: promqlPage, Certainty: documented,
	Fix: "Keep the answers for a while; the status is 422, which clients do not send again by themselves.",
}

var rulePromQLConcurrent = Rule{
	ID: "cloudwatch.promql.concurrent", Service: "cloudwatch", Operation: promqlAnyPath,
	Title: "At most 30 queries of an account run at the same time, and as many requests for series and labels.", Limit: "30 at the same time",
	Code: promExecution, Message: "more than %v requests run at the same time",
	Page: promqlPage, Certainty: documented,
	Fix: "Send them one after another; the status is 429.",
}

var rulePromQLScanned = Rule{
	ID: "cloudwatch.promql.scanned.series", Service: "cloudwatch", Operation: promqlQueryPath,
	Title: "A query reads at most 100,000 series for each 24 hours of its range.", Limit: "100,000 series",
	Code: promExecution, Message: "%v",
	Page: promqlPage, Certainty: documented,
	Fix: "Select by more labels.",
}

var rulePromQLSamples = Rule{
	ID: "cloudwatch.promql.scanned.samples", Service: "cloudwatch", Operation: promqlQueryPath,
	Title: "A query reads at most 300,000,000 samples for each 24 hours of its range.", Limit: "300,000,000 samples",
	Code: promExecution, Message: "%v",
	Page: promqlPage, Certainty: documented,
	Fix: "Select by more labels, or a shorter time.",
}

var rulePromQLProcessed = Rule{
	ID: "cloudwatch.promql.processed", Service: "cloudwatch", Operation: promqlQueryPath,
	Title: "A query processes at most 3,000,000,000 samples for each 24 hours of its range, the same one as often as a step needs it.", Limit: "3,000,000,000 samples",
	Code: promExecution, Message: "the query has processed %v samples",
	Page: promqlPage, Certainty: documented,
	Fix: "Use a longer step or shorter ranges.",
}

var rulePromQLTimeout = Rule{
	ID: "cloudwatch.promql.time", Service: "cloudwatch", Operation: promqlQueryPath,
	Title: "A query is evaluated within 20 seconds.", Limit: "20 seconds",
	Code: promTimeout, Message: "%v",
	Page: promqlPage, Certainty: documented,
	Fix: "Use a longer step, or aggregate fewer series.",
}

var rulePromQLSteps = Rule{
	ID: "cloudwatch.promql.steps", Service: "cloudwatch", Operation: promqlQueryPath,
	Title: "A range, and each subquery over the whole of it, has no more steps than localaws evaluates. AWS documents no limit.", Limit: "100,000 steps",
	Code: promExecution, Message: "the query has %v steps, more than 100000",
	Page: promqlPage, Certainty: unsettled,
	Fix: "Use a longer step, in the brackets of a subquery too, or a shorter range.",
}

var rulePromQLExecution = Rule{
	ID: "cloudwatch.promql.execution", Service: "cloudwatch", Operation: promqlQueryPath,
	Title: "A query can be evaluated: e.g. the series of both sides of an operator match one to one. Prometheus bounds the samples that it holds at a time, too.",
	Code:  promExecution, Message: "%v",
	Page: promqlPage, Certainty: unsettled,
	Fix: "See the text, which is Prometheus' own.",
}
