package appsignals

import (
	"net/url"
	"strings"
)

// resource is the thing a call was for, such as a table or a queue, by the type
// that CloudFormation has for it. All three are set, or none.
type resource struct {
	kind, identifier string
	primary          string // CloudFormation's identifier, where it is another
}

// A resourceRule makes a resource of an attribute; the first that does counts.
type resourceRule struct {
	of      slot
	kind    string
	name    func(string) string // of the value; nil for the value as it is
	primary slot                // an attribute with CloudFormation's identifier
}

// Types are those of
// https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/supported-resources.html
var resourceRules = [...]resourceRule{
	{slotTableARN, "AWS::DynamoDB::Table", behind("table/"), slotNone},
	{slotStream, "AWS::Kinesis::Stream", nil, slotNone},
	{slotStreamARN, "AWS::Kinesis::Stream", behind("stream/"), slotNone},
	{slotBucket, "AWS::S3::Bucket", nil, slotNone},
	{slotQueueName, "AWS::SQS::Queue", nil, slotQueueURL},
	{slotQueueURL, "AWS::SQS::Queue", queueName, slotQueueURL},
	{slotAgentID, "AWS::Bedrock::Agent", nil, slotNone},
	{slotDataSource, "AWS::Bedrock::DataSource", nil, slotNone},
	{slotGuardrail, "AWS::Bedrock::Guardrail", nil, slotGuardrailARN},
	{slotKnowledgeBase, "AWS::Bedrock::KnowledgeBase", nil, slotNone},
	{slotModel, "AWS::Bedrock::Model", nil, slotNone},
	{slotSecretARN, "AWS::SecretsManager::Secret", behind(""), slotSecretARN},
	{slotTopicARN, "AWS::SNS::Topic", behind(""), slotTopicARN},
	{slotStateMachineARN, "AWS::StepFunctions::StateMachine", behind(""), slotStateMachineARN},
	{slotActivityARN, "AWS::StepFunctions::Activity", behind(""), slotActivityARN},
	{slotFunctionName, "AWS::Lambda::Function", nil, slotFunctionARN},
	{slotEventSource, "AWS::Lambda::EventSourceMapping", nil, slotNone},
}

// called is the resource that a call was for.
func called(f *facts) (r resource, ok bool) {
	switch {
	case f.callsAWS():
		r = awsResource(f)
	case f.callsDB():
		r = resource{kind: "DB::Connection", identifier: connection(f)}
	}
	if r.primary == "" {
		r.primary = r.identifier
	}
	return r, r.kind != "" && r.identifier != ""
}

func awsResource(f *facts) resource {
	// Of several tables none is the one.
	if tables := f.texts(slotTables); len(tables) == 1 {
		return resource{kind: "AWS::DynamoDB::Table", identifier: escape(tables[0])}
	}
	for _, rule := range resourceRules {
		value := f.text(rule.of)
		if value == "" {
			continue
		}
		if rule.of == slotFunctionName && invokes(f) {
			return resource{} // it is the service
		}
		if rule.name != nil {
			value = rule.name(value)
		}
		r := resource{kind: rule.kind, identifier: escape(value), primary: escape(f.text(rule.primary))}
		if rule.of == slotDataSource { // a part of a knowledge base
			r.primary = escape(f.text(slotKnowledgeBase)) + "|" + r.identifier
		}
		return r
	}
	return resource{}
}

// escape frees a value from the characters that divide identifiers.
func escape(s string) string {
	if !strings.ContainsAny(s, "^|") {
		return s
	}
	return strings.NewReplacer("^", "^^", "|", "^|").Replace(s)
}

// behind reads the name in an ARN's last part, without what stands before it.
func behind(prefix string) func(string) string {
	return func(arn string) string {
		if _, _, ok := parseARN(arn); !ok {
			return ""
		}
		_, name, _ := cutLast(arn, ':')
		return strings.TrimPrefix(name, prefix)
	}
}

// arnParts is how many an ARN has at least: arn:aws:service:region:account:resource
const arnParts = 6

func parseARN(arn string) (region, account string, ok bool) {
	parts := strings.SplitN(arn, ":", arnParts)
	if len(parts) < arnParts || !strings.HasPrefix(arn, "arn") || !digits(parts[4]) {
		return "", "", false
	}
	return parts[3], parts[4], true
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// maxQueueName is the longest name of a queue.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html
const maxQueueName = 80

// parseQueueURL reads https://sqs.us-east-1.amazonaws.com/123456789012/name, and
// the name of the same at other hosts.
func parseQueueURL(address string) (region, account, name string) {
	u, err := url.Parse(address)
	if err != nil {
		return "", "", ""
	}
	account, name, _ = strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	if !digits(account) || !isQueueName(name) {
		return "", "", ""
	}
	if host := strings.Split(u.Hostname(), "."); len(host) >= 4 && host[0] == "sqs" && host[2] == "amazonaws" {
		region = host[1]
	}
	return region, account, name
}

func isQueueName(s string) bool {
	if s == "" || len(s) > maxQueueName {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c != '-' && c != '_' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return i > 0 && s[i:] == ".fifo"
		}
	}
	return true
}

func queueName(address string) string {
	_, _, name := parseQueueURL(address)
	return name
}

// arnSlots are the attributes that say which account and region a call was for.
var arnSlots = [...]slot{
	slotTableARN, slotStreamARN, slotTopicARN, slotSecretARN,
	slotStateMachineARN, slotActivityARN, slotGuardrailARN, slotFunctionARN,
}

// owner is the account and the region of what was called; neither without the
// other.
func owner(f *facts) (account, region string, ok bool) {
	if address := f.text(slotQueueURL); address != "" {
		region, account, _ = parseQueueURL(address)
		return account, region, region != "" && account != ""
	}
	region, account, ok = parseARN(f.first(arnSlots[:]...))
	return account, region, ok && region != ""
}

// connection identifies a database: its name, if there is one, its address and
// its port, with bars between.
func connection(f *facts) string {
	at := ""
	for _, p := range [...]struct{ address, port slot }{
		places[0], places[1], places[2], {slotServerSocket, slotServerSocketPort},
	} {
		if address := f.text(p.address); address != "" {
			at = joined(address, f.text(p.port))
			break
		}
	}
	if at == "" {
		if u, err := url.Parse(f.text(slotDBConnection)); err == nil && u.Hostname() != "" {
			at = joined(u.Hostname(), u.Port())
		}
	}
	if name := f.first(slotDBName, slotDBNameOld); name != "" && at != "" {
		return escape(name) + "|" + at
	}
	return at
}

func joined(address, port string) string {
	if port == "" {
		return escape(address)
	}
	return escape(address) + "|" + port
}
