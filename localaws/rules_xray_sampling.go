package localaws

import "fmt"

// What X-Ray refuses of sampling rules and of what clients report of them. The
// limits are documented; the texts for a member out of its limits follow AWS's
// usual form, three of the others were seen in logs of real accounts.

// The pages that the rules come from.
const (
	samplingRulePage       = "https://docs.aws.amazon.com/xray/latest/api/API_SamplingRule.html"
	createRulePage         = "https://docs.aws.amazon.com/xray/latest/api/API_CreateSamplingRule.html"
	updateRulePage         = "https://docs.aws.amazon.com/xray/latest/api/API_UpdateSamplingRule.html"
	deleteRulePage         = "https://docs.aws.amazon.com/xray/latest/api/API_DeleteSamplingRule.html"
	samplingRulesGuide     = "https://docs.aws.amazon.com/xray/latest/devguide/xray-api-configuration.html"
	targetsPage            = "https://docs.aws.amazon.com/xray/latest/api/API_GetSamplingTargets.html"
	samplingStatisticsPage = "https://docs.aws.amazon.com/xray/latest/api/API_SamplingStatisticsDocument.html"
	samplingGuide          = "https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sampling.html"
	boostPage              = "https://docs.aws.amazon.com/xray/latest/api/API_SamplingRateBoost.html"
)

const (
	invalidRequest = "InvalidRequestException"
	changeRules    = "CreateSamplingRule, UpdateSamplingRule"
)

func samplingRules() []*Rule {
	return []*Rule{
		&ruleSamplingMember, &ruleSamplingNameOrARN, &ruleSamplingName, &ruleSamplingExists, &ruleSamplingUnknown,
		&ruleSamplingDefault, &ruleSamplingDefaultStays, &ruleSamplingCount, &ruleSamplingPriority, &ruleSamplingRate,
		&ruleSamplingReservoir, &ruleSamplingResourceARN, &ruleSamplingServiceName, &ruleSamplingServiceType, &ruleSamplingHost,
		&ruleSamplingHTTPMethod, &ruleSamplingURLPath, &ruleSamplingVersion, &ruleSamplingAttributes, &ruleSamplingBoost,
		&ruleSamplingTags, &ruleTargetsMember, &ruleTargetsCount, &ruleTargetsClient, &ruleTargetsNumber,
		&ruleTargetsRule, &ruleTargetsAge, &ruleProxyPath,
	}
}

var ruleSamplingMember = Rule{
	ID: "xray.sampling.member", Service: "xray", Operation: changeRules,
	Title: "A new sampling rule has all its members but Attributes and SamplingRateBoost.",
	Code:  invalidRequest, Message: "1 validation error detected: Value null at '%v' failed to satisfy constraint: Member must not be null",
	Page: samplingRulePage, Certainty: documented,
	Fix: "Send * for what the rule shall not look at, and Version 1.",
}

var ruleSamplingNameOrARN = Rule{
	ID: "xray.sampling.identity", Service: "xray", Operation: changeRules + ", DeleteSamplingRule",
	Title: "A sampling rule is named by RuleName or by RuleARN, not by both.",
	Code:  invalidRequest, Message: "Exactly one of RuleName and RuleARN must be specified",
	Page: samplingRulePage, Certainty: documented,
	Fix: "Send RuleName.",
}

var ruleSamplingName = Rule{
	ID: "xray.sampling.name", Service: "xray", Operation: changeRules + ", DeleteSamplingRule, GetSamplingTargets",
	Title: "The name of a sampling rule has 1 to 32 characters.", Limit: "32 characters",
	Code:    invalidRequest,
	Message: "1 validation error detected: Value '%v' at 'ruleName' failed to satisfy constraint: Member must have length less than or equal to 32 and greater than or equal to 1",
	Page:    samplingRulePage, Certainty: documented,
	Fix: "Choose a shorter name.",
}

var ruleSamplingExists = Rule{
	ID: "xray.sampling.exists", Service: "xray", Operation: "CreateSamplingRule",
	Title: "The name of a new sampling rule is not taken; Default always is.",
	Code:  invalidRequest, Message: "Sampling rule already exists",
	Page: createRulePage, Certainty: observed,
	Fix: "Choose another name, or change the rule with UpdateSamplingRule.",
}

var ruleSamplingUnknown = Rule{
	ID: "xray.sampling.unknown", Service: "xray", Operation: "UpdateSamplingRule, DeleteSamplingRule",
	Title: "A sampling rule of that name is there.",
	Code:  invalidRequest, Message: "Sampling rule does not exist",
	Page: updateRulePage, Certainty: observed,
	Fix: "GetSamplingRules lists the rules; names are case-sensitive.",
}

var ruleSamplingDefault = Rule{
	ID: "xray.sampling.default", Service: "xray", Operation: "UpdateSamplingRule",
	Title: "Of the Default rule only FixedRate and ReservoirSize can be changed.",
	Code:  invalidRequest, Message: "Invalid update request for default sampling rule",
	Page: samplingRulesGuide, Certainty: observed,
	Fix: "Send RuleName, FixedRate and ReservoirSize alone; for anything else create a rule.",
}

var ruleSamplingDefaultStays = Rule{
	ID: "xray.sampling.default.delete", Service: "xray", Operation: "DeleteSamplingRule",
	Title: "The Default rule cannot be deleted.",
	Code:  invalidRequest, Message: "The default sampling rule cannot be deleted",
	Page: samplingRulesGuide, Certainty: documented,
	Fix: "Set its rate and reservoir to 0.",
}

var ruleSamplingCount = Rule{
	ID: "xray.sampling.count", Service: "xray", Operation: "CreateSamplingRule",
	Title: "A region has at most 25 sampling rules besides Default.", Limit: "25 rules",
	Code: "RuleLimitExceededException", Message: "Maximum number of sampling rules reached: 25",
	Page: quotasPage, Certainty: documented,
	Fix: "Delete rules, or join them with wildcards.",
}

var ruleSamplingPriority = Rule{
	ID: "xray.sampling.priority", Service: "xray", Operation: changeRules,
	Title: "The priority of a sampling rule is from 1, tried first, to 9999.", Limit: "1 to 9999",
	Code:    invalidRequest,
	Message: "1 validation error detected: Value '%v' at 'samplingRule.priority' failed to satisfy constraint: Member must have value less than or equal to 9999 and greater than or equal to 1",
	Page:    samplingRulePage, Certainty: documented,
	Fix: "10000 is the Default rule's alone.",
}

var ruleSamplingRate = Rule{
	ID: "xray.sampling.rate", Service: "xray", Operation: changeRules,
	Title: "FixedRate is a share from 0 to 1.", Limit: "0 to 1",
	Code:    invalidRequest,
	Message: "1 validation error detected: Value '%v' at 'samplingRule.fixedRate' failed to satisfy constraint: Member must have value less than or equal to 1 and greater than or equal to 0",
	Page:    samplingRulePage, Certainty: documented,
	Fix: "Five percent is 0.05.",
}

var ruleSamplingReservoir = Rule{
	ID: "xray.sampling.reservoir", Service: "xray", Operation: changeRules,
	Title: "ReservoirSize is a number of traces a second, 0 or more.", Limit: "0 or more",
	Code:    invalidRequest,
	Message: "1 validation error detected: Value '%v' at 'samplingRule.reservoirSize' failed to satisfy constraint: Member must have value greater than or equal to 0",
	Page:    samplingRulePage, Certainty: documented,
	Fix: "Send 0 for no reservoir.",
}

// The members that are matched.
var (
	ruleSamplingResourceARN = samplingTextRule("resource_arn", "resourceARN", maxRuleResourceARN)
	ruleSamplingServiceName = samplingTextRule("service_name", "serviceName", maxRuleServiceName)
	ruleSamplingServiceType = samplingTextRule("service_type", "serviceType", maxRuleServiceType)
	ruleSamplingHost        = samplingTextRule("host", "host", maxRuleHost)
	ruleSamplingHTTPMethod  = samplingTextRule("http_method", "hTTPMethod", maxRuleHTTPMethod)
	ruleSamplingURLPath     = samplingTextRule("url_path", "uRLPath", maxRuleURLPath)
)

func samplingTextRule(id, member string, limit int) Rule {
	return Rule{
		ID: "xray.sampling." + id, Service: "xray", Operation: changeRules,
		Title: fmt.Sprintf("The %s of a sampling rule has at most %d characters.", id, limit), Limit: fmt.Sprintf("%d characters", limit),
		Code: invalidRequest,
		Message: fmt.Sprintf("1 validation error detected: Value '%%v' at 'samplingRule.%s' failed to satisfy constraint: Member must have length less than or equal to %d",
			member, limit),
		Page: samplingRulePage, Certainty: documented,
		Fix: "Put * for the rest of a long text.",
	}
}

var ruleSamplingVersion = Rule{
	ID: "xray.sampling.version", Service: "xray", Operation: "CreateSamplingRule",
	Title: "Version is 1 or more; clients ignore rules of other versions than 1.", Limit: "1 or more",
	Code:    invalidRequest,
	Message: "1 validation error detected: Value '%v' at 'samplingRule.version' failed to satisfy constraint: Member must have value greater than or equal to 1",
	Page:    samplingRulePage, Certainty: documented,
	Fix: "Send 1.",
}

var ruleSamplingAttributes = Rule{
	ID: "xray.sampling.attributes", Service: "xray", Operation: changeRules,
	Title: "A sampling rule has at most 5 attributes, with keys and values of 1 to 32 characters.", Limit: "5 attributes",
	Code: invalidRequest, Message: "1 validation error detected: Value at 'samplingRule.attributes' failed to satisfy constraint: %v",
	Page: samplingRulePage, Certainty: documented,
	Fix: "Use fewer or shorter attributes; * stands for any run of characters.",
}

var ruleSamplingBoost = Rule{
	ID: "xray.sampling.boost", Service: "xray", Operation: changeRules,
	Title: "SamplingRateBoost has a MaxRate from 0 to 1 and a CooldownWindowMinutes of 0 or more.", Limit: "0 to 1",
	Code: invalidRequest, Message: "1 validation error detected: Value at 'samplingRule.samplingRateBoost' failed to satisfy constraint: %v",
	Page: boostPage, Certainty: documented,
	Fix: "Send both members.",
}

var ruleSamplingTags = Rule{
	ID: "xray.sampling.tags", Service: "xray", Operation: "CreateSamplingRule",
	Title: "A sampling rule has at most 50 tags, with keys of up to 128 and values of up to 256 characters.", Limit: "50 tags",
	Code: invalidRequest, Message: "1 validation error detected: Value at 'tags' failed to satisfy constraint: %v",
	Page: createRulePage, Certainty: documented,
	Fix: "Use fewer or shorter tags.",
}

var ruleTargetsMember = Rule{
	ID: "xray.targets.member", Service: "xray", Operation: "GetSamplingTargets",
	Title: "SamplingStatisticsDocuments is there, if empty, and each document has its Timestamp.",
	Code:  invalidRequest, Message: "1 validation error detected: Value null at '%v' failed to satisfy constraint: Member must not be null",
	Page: targetsPage, Certainty: documented,
	Fix: "Send a list, and in each document the time of the report.",
}

var ruleTargetsCount = Rule{
	ID: "xray.targets.count", Service: "xray", Operation: "GetSamplingTargets",
	Title: "One call carries at most 25 documents of each kind.", Limit: "25 documents",
	Code:    invalidRequest,
	Message: "1 validation error detected: Value of length %v at 'samplingStatisticsDocuments' failed to satisfy constraint: Member must have length less than or equal to 25",
	Page:    targetsPage, Certainty: documented,
	Fix: "With 25 rules and Default there are 26: split the report.",
}

var ruleTargetsClient = Rule{
	ID: "xray.targets.client", Service: "xray", Operation: "GetSamplingTargets",
	Title: "A ClientID has 24 characters, in hexadecimal.", Limit: "24 characters",
	Code:    invalidRequest,
	Message: "1 validation error detected: Value '%v' at 'clientID' failed to satisfy constraint: Member must have length less than or equal to 24 and greater than or equal to 24",
	Page:    samplingStatisticsPage, Certainty: documented,
	Fix: "Write 12 random bytes in hexadecimal, once a process.",
}

var ruleTargetsNumber = Rule{
	ID: "xray.targets.number", Service: "xray", Operation: "GetSamplingTargets",
	Title: "The counts of a document are 0 or more.", Limit: "0 or more",
	Code:    invalidRequest,
	Message: "1 validation error detected: Value '%v' failed to satisfy constraint: Member must have value greater than or equal to 0",
	Page:    samplingStatisticsPage, Certainty: documented,
	Fix: "Send what happened since the last report.",
}

var ruleTargetsRule = Rule{
	ID: "xray.targets.rule", Service: "xray", Operation: "GetSamplingTargets",
	Title: "Statistics are of a rule that is there; those of another come back unprocessed.",
	Code:  "400", Message: "Sampling rule %q does not exist",
	Page: samplingGuide, Certainty: unsettled,
	Fix: "Fetch the rules again; the answer's LastRuleModification says that they have changed.",
}

var ruleTargetsAge = Rule{
	ID: "xray.targets.age", Service: "xray", Operation: "GetSamplingTargets",
	Title: "Statistics are not old; those that are come back unprocessed. AWS does not say how old is too old.", Limit: "5 minutes",
	Code: "400", Message: "Statistics of %v are too old",
	Page: samplingGuide, Certainty: unsettled,
	Fix: "Report every 10 seconds, with the time of the report, and check the clock.",
}

var ruleProxyPath = Rule{
	ID: "xray.daemon.path", Service: "xray", Operation: proxyOperation,
	Title: "The daemon's TCP port takes POST /GetSamplingRules and POST /SamplingTargets; the daemon would pass other calls on, localaws does not.",
	Code:  "UnknownOperationException", Message: "The daemon's port serves POST /GetSamplingRules and POST /SamplingTargets, not %v; send other calls to the main port",
	Page: "https://docs.aws.amazon.com/xray/latest/devguide/xray-daemon.html", Certainty: unsettled,
	Fix: "Set AWS_ENDPOINT_URL for calls of the AWS API, and send OTLP to the main port's /v1/traces.",
}
