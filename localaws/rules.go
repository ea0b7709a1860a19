package localaws

// How sure we are that AWS does what a rule says.
const (
	documented = "documented" // AWS's documentation says so
	observed   = "observed"   // seen in public logs of real accounts
	unsettled  = "unsettled"  // AWS's texts are silent or disagree
)

// Rules is everything that the server refuses, by service.
func Rules() []Rule {
	var rules []Rule
	for _, list := range [][]*Rule{commonRules(), xrayRules(), samplingRules(), otlpRules(), logsRules(), logGroupRules(), queryRules(), emfRules(), otlpLogRules(), liveTailRules(), cloudwatchRules(), metricMathRules(), alarmRules(), widgetRules(), otlpMetricRules(), promqlRules()} {
		for _, r := range list {
			rules = append(rules, *r)
		}
	}
	return rules
}

func commonRules() []*Rule {
	return []*Rule{
		&ruleMalformed, &ruleTooLarge, &ruleUnknownOperation,
		&ruleNoSignature, &ruleIncompleteSignature, &ruleUnknownKey, &ruleBadSignature, &ruleSkew, &ruleScope,
	}
}

// anyCall stands in a rule for every service and operation.
const anyCall = "*"

// signingPage is where AWS explains signatures.
const signingPage = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html"

// commonErrorsPage lists what every call may answer.
const commonErrorsPage = "https://docs.aws.amazon.com/xray/latest/api/CommonErrors.html"

var ruleMalformed = Rule{
	ID:        "request.malformed",
	Service:   anyCall,
	Operation: anyCall,
	Title:     "A request body follows its protocol and has members of the right type.",
	Code:      "SerializationException",
	Message:   "%v",
	Page:      commonErrorsPage,
	Fix:       "Send the body as the AWS SDKs do; the text says where reading stopped.",
	Certainty: observed,
}

var ruleTooLarge = Rule{
	ID:        "request.size",
	Service:   anyCall,
	Operation: anyCall,
	Title:     "A request body is not larger than the services take at all.",
	Limit:     "16 MiB",
	Code:      "RequestEntityTooLargeException",
	Message:   "Request entity too large",
	Page:      commonErrorsPage,
	Fix:       "Send smaller batches.",
	Certainty: unsettled,
}

var ruleUnknownOperation = Rule{
	ID:        "request.operation",
	Service:   anyCall,
	Operation: anyCall,
	Title:     "The operation exists, and this server knows it.",
	Code:      "UnknownOperationException",
	Message:   "localaws does not know the operation %v; it may exist in AWS.",
	Page:      commonErrorsPage,
	Fix:       "Check the operation's name and the endpoint; if AWS has it, localaws does not yet.",
	Certainty: documented,
}

var ruleNoSignature = Rule{
	ID:        "auth.missing",
	Service:   anyCall,
	Operation: anyCall,
	Title:     "Every request is signed with Signature Version 4.",
	Code:      "MissingAuthenticationTokenException",
	Message:   "Missing Authentication Token",
	Page:      signingPage,
	Fix:       "Give the client credentials: AWS_ACCESS_KEY_ID=local, AWS_SECRET_ACCESS_KEY=local here.",
	Certainty: documented,
}

var ruleIncompleteSignature = Rule{
	ID:        "auth.incomplete",
	Service:   anyCall,
	Operation: anyCall,
	Title:     "The signature has its credential, its signed headers and its date.",
	Code:      "IncompleteSignatureException",
	Message:   "%v",
	Page:      commonErrorsPage,
	Fix:       "Sign with an AWS SDK's signer.",
	Certainty: documented,
}

var ruleUnknownKey = Rule{
	ID:        "auth.key",
	Service:   anyCall,
	Operation: anyCall,
	Title:     "The access key exists.",
	Code:      "UnrecognizedClientException",
	Message:   "%v",
	Page:      commonErrorsPage,
	Fix:       "Use the access key that the service knows; here it is local, with the secret local.",
	Certainty: documented,
}

var ruleBadSignature = Rule{
	ID:        "auth.signature",
	Service:   anyCall,
	Operation: anyCall,
	Title:     "The signature is that of this request with this secret key.",
	Code:      "InvalidSignatureException",
	Message:   "%v",
	Page:      signingPage,
	Fix:       "Check the secret key (here: local), and that no proxy changes signed headers, the path or the body.",
	Certainty: documented,
}

var ruleSkew = Rule{
	ID:        "auth.skew",
	Service:   anyCall,
	Operation: anyCall,
	Title:     "The sender's clock is right to five minutes.",
	Limit:     "5 minutes",
	Code:      "InvalidSignatureException",
	Message:   "%v",
	Page:      signingPage,
	Fix:       "Set the clock, or sign the request again when it is sent.",
	Certainty: documented,
}

var ruleScope = Rule{
	ID:        "auth.scope",
	Service:   anyCall,
	Operation: anyCall,
	Title:     "The request is signed for the service that it is sent to.",
	Code:      "InvalidSignatureException",
	Message:   "%v",
	Page:      signingPage,
	Fix:       "Sign for xray, logs or monitoring, as the endpoint wants.",
	Certainty: documented,
}
