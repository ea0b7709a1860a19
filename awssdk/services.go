package awssdk

import (
	"reflect"
	"strings"

	"go.opentelemetry.io/otel/attribute"
)

// failedCount counts the items of a batch that AWS did not take although the
// call succeeded. The semantic conventions have no name for it.
const failedCount = attribute.Key("aws.batch.failed_count")

const (
	batchCount  = attribute.Key("messaging.batch.message_count")
	destination = attribute.Key("messaging.destination.name")
	messageID   = attribute.Key("messaging.message.id")
	tableNames  = attribute.Key("aws.dynamodb.table_names")
	streamName  = attribute.Key("aws.kinesis.stream_name")
)

// rulesOf says which fields of a service's inputs and outputs are attributes.
// The keys are those of the semantic conventions' AWS registry; beside them
// aws.queue_url, which the collector's X-Ray exporter reads, and
// aws.lambda.function.name and aws.kinesis.stream.arn, which Application
// Signals does. What an application stores or says is never among them.
//
// Source: https://opentelemetry.io/docs/specs/semconv/registry/attributes/aws/
func rulesOf(service string) rules {
	switch service {
	case "DynamoDB":
		return dynamoDBRules
	case "S3":
		return s3Rules
	case "SQS":
		return sqsRules
	case "SNS":
		return snsRules
	case "EventBridge":
		return eventBridgeRules
	case "Kinesis":
		return kinesisRules
	case "Lambda":
		return lambdaRules
	case "Secrets Manager":
		return secretsManagerRules
	case "SFN":
		return stepFunctionsRules
	case "Bedrock Runtime", "Bedrock Agent", "Bedrock Agent Runtime", "Bedrock":
		return bedrockRules
	}
	return rules{}
}

var dynamoDBRules = rules{
	input: []rule{
		{"TableName", oneTable},
		{"RequestItems", tablesByKey},
		{"TransactItems", tablesOfItems},
		{"ExclusiveStartTableName", text("aws.dynamodb.exclusive_start_table")},
		{"IndexName", text("aws.dynamodb.index_name")},
		{"ConsistentRead", flag("aws.dynamodb.consistent_read")},
		{"Limit", number("aws.dynamodb.limit")},
		{"ProjectionExpression", text("aws.dynamodb.projection")},
		{"ScanIndexForward", flag("aws.dynamodb.scan_forward")},
		{"Select", text("aws.dynamodb.select")},
		{"Segment", number("aws.dynamodb.segment")},
		{"TotalSegments", number("aws.dynamodb.total_segments")},
	},
	output: []rule{
		{"Count", total("aws.dynamodb.count")},
		{"ScannedCount", total("aws.dynamodb.scanned_count")},
		{"TableNames", count("aws.dynamodb.table_count")},
	},
}

var s3Rules = rules{
	input: []rule{
		{"Bucket", text("aws.s3.bucket")},
		{"Key", text("aws.s3.key")},
		{"CopySource", text("aws.s3.copy_source")},
		{"UploadId", text("aws.s3.upload_id")},
		{"PartNumber", number("aws.s3.part_number")},
	},
}

var sqsRules = rules{
	input: []rule{
		{"QueueUrl", queueURL},
		{"QueueName", text(destination)},
		{"Entries", count(batchCount)},
	},
	output: []rule{
		{"QueueUrl", queueURL},
		{"MessageId", text(messageID)},
		{"Messages", count(batchCount)},
		{"Failed", count(failedCount)},
	},
}

// queueURL is that of SQS: https://sqs.us-east-1.amazonaws.com/123456789012/name
var queueURL = all(text("aws.sqs.queue.url", "aws.queue_url"), mapped(afterLast("/"), destination))

var snsRules = rules{
	input: []rule{
		{"TopicArn", topicARN},
		{"TargetArn", mapped(topicName, destination)},
		{"PublishBatchRequestEntries", count(batchCount)},
	},
	output: []rule{
		{"TopicArn", topicARN},
		{"MessageId", text(messageID)},
		{"Failed", count(failedCount)},
	},
}

var topicARN = all(text("aws.sns.topic.arn"), mapped(afterLast(":"), destination))

// topicName is the topic of a TargetArn, which may be a device's instead.
func topicName(arn string) string {
	if !isTopic(arn) {
		return ""
	}
	return afterLast(":")(arn)
}

// isTopic tells the ARNs of topics from those of devices:
// arn:aws:sns:us-east-1:123456789012:endpoint/GCM/app/id
func isTopic(arn string) bool { return arn != "" && !strings.Contains(arn, ":endpoint/") }

var eventBridgeRules = rules{
	input:  []rule{{"Entries", eventBuses}},
	output: []rule{{"FailedEntryCount", positive(failedCount)}},
}

var kinesisRules = rules{
	input: []rule{
		{"StreamName", text(streamName)},
		{"StreamARN", all(text("aws.kinesis.stream.arn"), mapped(afterLast("/"), streamName))},
		{"Records", count(batchCount)},
	},
	output: []rule{
		{"FailedRecordCount", positive(failedCount)},
	},
}

var lambdaRules = rules{
	input: []rule{
		{"FunctionName", mapped(functionName, "aws.lambda.function.name")},
		{"UUID", text("aws.lambda.resource_mapping.id")},
	},
	// The call succeeds when the function fails; this says that it did.
	output: []rule{{"FunctionError", text("aws.lambda.function.error")}},
}

var secretsManagerRules = rules{
	input:  []rule{{"SecretId", mapped(ifARN, "aws.secretsmanager.secret.arn")}},
	output: []rule{{"ARN", text("aws.secretsmanager.secret.arn")}},
}

var stepFunctionsRules = rules{
	input: []rule{
		{"StateMachineArn", text("aws.step_functions.state_machine.arn")},
		{"ActivityArn", text("aws.step_functions.activity.arn")},
	},
	output: []rule{{"StateMachineArn", text("aws.step_functions.state_machine.arn")}},
}

var bedrockRules = rules{
	input: []rule{
		{"ModelId", text("gen_ai.request.model")},
		{"GuardrailIdentifier", text("aws.bedrock.guardrail.id")},
		{"KnowledgeBaseId", text("aws.bedrock.knowledge_base.id")},
		{"AgentId", text("aws.bedrock.agent.id")},
	},
}

// tableName is a table's name, given as that or as its ARN.
func tableName(s string) string {
	if !strings.HasPrefix(s, "arn:") {
		return s
	}
	_, name, _ := strings.Cut(s, "table/")
	name, _, _ = strings.Cut(name, "/")
	return name
}

func oneTable(dst []attribute.KeyValue, v reflect.Value) []attribute.KeyValue {
	name := tableName(textOf(v))
	if name == "" {
		return dst
	}
	return append(dst, tableNames.StringSlice([]string{name}))
}

// tablesByKey reads the RequestItems of batches: maps by the table's name.
func tablesByKey(dst []attribute.KeyValue, v reflect.Value) []attribute.KeyValue {
	if v.Kind() != reflect.Map || v.Type().Key().Kind() != reflect.String || v.Len() == 0 {
		return dst
	}
	names := make([]string, 0, v.Len())
	for _, key := range v.MapKeys() {
		names = append(names, tableName(key.String()))
	}
	return append(dst, tableNames.StringSlice(uniqueSorted(names)))
}

// tablesOfItems reads the items of transactions, each of which has one of
// several members with a TableName.
func tablesOfItems(dst []attribute.KeyValue, v reflect.Value) []attribute.KeyValue {
	if v.Kind() != reflect.Slice {
		return dst
	}
	var names []string
	for i := range v.Len() {
		for _, member := range [...]string{"Put", "Update", "Delete", "Get", "ConditionCheck"} {
			if action := fieldOf(v.Index(i), member); action.Kind() == reflect.Pointer && !action.IsNil() {
				if name := tableName(textOf(fieldOf(action.Elem(), "TableName"))); name != "" {
					names = append(names, name)
				}
			}
		}
	}
	if len(names) == 0 {
		return dst
	}
	return append(dst, tableNames.StringSlice(uniqueSorted(names)))
}

// eventBuses reads the entries of PutEvents: how many, and for which bus if
// that is one.
func eventBuses(dst []attribute.KeyValue, v reflect.Value) []attribute.KeyValue {
	if v.Kind() != reflect.Slice || v.Len() == 0 {
		return dst
	}
	dst = append(dst, batchCount.Int(v.Len()))
	bus := textOf(fieldOf(v.Index(0), "EventBusName"))
	for i := range v.Len() {
		if textOf(fieldOf(v.Index(i), "EventBusName")) != bus {
			return dst
		}
	}
	if bus == "" {
		bus = "default"
	}
	return append(dst, destination.String(afterLast("/")(bus)))
}

// positive reads an integer above zero.
func positive(key attribute.Key) reader {
	return func(dst []attribute.KeyValue, v reflect.Value) []attribute.KeyValue {
		if v.Kind() == reflect.Pointer && !v.IsNil() {
			v = v.Elem()
		}
		if !v.CanInt() || v.Int() <= 0 {
			return dst
		}
		return append(dst, key.Int64(v.Int()))
	}
}

// functionName is a function's name, given as that, as its ARN or a part of
// it, with or without a version or alias behind.
//
// Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
func functionName(s string) string {
	if _, rest, found := strings.Cut(s, "function:"); found {
		s = rest
	}
	name, _, _ := strings.Cut(s, ":")
	return name
}
