package localaws

import (
	"errors"

	"github.com/updraft-otel/updraft/localaws/internal/metricmath"
)

const metricMathPage = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html"

// maxExpression is how many characters an expression may have; see
// metricDataQueryPage.
const maxExpression = 2048

// maxPeriod is the longest period, a day more than which makes no sense to ask;
// AWS names no limit of GetMetricData.
const maxPeriod = 455 * 24 * 3600

func metricMathRules() []*Rule {
	return []*Rule{&ruleExpression, &ruleExpressionUnsupported, &ruleExpressionLength, &ruleQueryAccount, &ruleLabelZone}
}

var ruleExpression = Rule{
	ID: "cloudwatch.expression", Service: "cloudwatch", Operation: "GetMetricData",
	Title: "An expression follows the syntax of metric math, refers to queries that there are, and is one or more time series.",
	Code:  validationError, Message: "%v",
	Page: metricMathPage, Certainty: documented,
	Fix: "The text says what is wrong; functions are written in capital letters, ids begin with a small one.",
}

var ruleExpressionUnsupported = Rule{
	ID: "cloudwatch.expression.unsupported", Service: "cloudwatch", Operation: "GetMetricData",
	Title: "localaws does not know anomaly detection, Contributor Insights, service quotas, Metrics Insights, Performance Insights and Lambda as sources of data; AWS does.",
	Code:  validationError, Message: "%v",
	Page: metricMathPage, Certainty: documented,
	Fix: "Use the functions of metric math, or ask AWS itself.",
}

var ruleExpressionLength = Rule{
	ID: "cloudwatch.expression.length", Service: "cloudwatch", Operation: "GetMetricData",
	Title: "An expression has at most 2,048 characters.", Limit: "2,048 characters",
	Code: validationError, Message: "The parameter %v must be shorter than %v characters.",
	Page: metricDataQueryPage, Certainty: documented,
	Fix: "Split the expression into several that refer to one another.",
}

var ruleQueryAccount = Rule{
	ID: "cloudwatch.query.account", Service: "cloudwatch", Operation: "GetMetricData",
	Title: "localaws has one account, " + AccountID + "; AWS can read those of others.",
	Code:  validationError, Message: "localaws does not support metrics of another account than " + AccountID + ", AWS does: %v",
	Page: metricDataQueryPage, Certainty: documented,
	Fix: "Leave AccountId out.",
}

var ruleLabelZone = Rule{
	ID: "cloudwatch.query.zone", Service: "cloudwatch", Operation: "GetMetricData",
	Title: "The time zone of labels is + or - and four digits.", Limit: "+0130",
	Code: validationError, Message: "The value %v for parameter LabelOptions.Timezone is invalid.",
	Page: cloudwatchAPI + "API_LabelOptions.html", Certainty: documented,
	Fix: "Give hours and minutes, such as +0130.",
}

// failExpression records an expression that is wrong, or that only AWS knows.
func (i item) failExpression(field string, err error) {
	rule := &ruleExpression
	if errors.Is(err, metricmath.ErrUnsupported) {
		rule = &ruleExpressionUnsupported
	}
	i.fail(rule, field, err.Error(), err.Error())
}

// refuseExpression is AWS's answer to an expression that cannot be computed.
func (v *violations) refuseExpression(field string, err error) error {
	v.whole().failExpression(field, err)
	return v.err()
}
