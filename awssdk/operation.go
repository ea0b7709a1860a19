package awssdk

import (
	"context"
	"reflect"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// An operationKey is what all calls of an operation have in common.
type operationKey struct{ service, name, region string }

// An operation is what is known of a call before it is made, worked out once.
type operation struct {
	operationKey
	span       string // its name
	kind       trace.SpanKind
	attributes []attribute.KeyValue
	rules      rules
	carry      func(*call, reflect.Value) // puts trace context into a copied input; nil for none
	receives   bool                       // messages
}

func (in *instrumentation) operationOf(ctx context.Context) *operation {
	key := operationKey{
		service: awsmiddleware.GetServiceID(ctx),
		name:    awsmiddleware.GetOperationName(ctx),
		region:  awsmiddleware.GetRegion(ctx),
	}
	if known, ok := in.operations.Load(key); ok {
		return known.(*operation)
	}
	known, _ := in.operations.LoadOrStore(key, newOperation(key, in.Config))
	return known.(*operation)
}

// newOperation fills in what the semantic conventions say of every call.
//
// The RPC attributes stand under both their names: the current conventions
// have rpc.system.name, while X-Ray's exporter in the collector and
// Application Signals know a call to AWS by rpc.system and rpc.service alone.
// rpc.method is the bare operation in both, as the AWS page of the conventions
// still has it; "SQS/SendMessage" would become the operation's name there.
//
// Source: https://opentelemetry.io/docs/specs/semconv/cloud-providers/aws-sdk/
func newOperation(key operationKey, c Config) *operation {
	op := &operation{
		operationKey: key,
		span:         key.service + "." + key.name,
		kind:         trace.SpanKindClient,
		rules:        rulesOf(key.service),
		attributes: []attribute.KeyValue{
			attribute.String("rpc.system", "aws-api"),
			attribute.String("rpc.system.name", "aws-api"),
			attribute.String("rpc.service", key.service),
			attribute.String("rpc.method", key.name),
		},
	}
	if key.region != "" {
		// The collector's exporter reads the one, the conventions have the other.
		op.add(attribute.String("aws.region", key.region), attribute.String("cloud.region", key.region))
	}
	op.specialise(c)
	return op
}

func (op *operation) add(attributes ...attribute.KeyValue) {
	op.attributes = append(op.attributes, attributes...)
}

// specialise adds what holds for one service. A call whose span is what the
// messages' receivers continue is a producer; all others are clients, receipt
// of messages too: X-Ray makes a segment of a consumer, which would hide that
// the call goes to AWS.
func (op *operation) specialise(c Config) {
	switch op.service {
	case "DynamoDB":
		op.add(attribute.String("db.system.name", "aws.dynamodb"), attribute.String("db.operation.name", op.name))
	case "SQS":
		switch op.name {
		case "SendMessage":
			op.sends("aws_sqs", (*call).carrySQS)
		case "SendMessageBatch":
			op.sends("aws_sqs", (*call).carrySQSBatch)
		case "ReceiveMessage":
			op.messages("aws_sqs", "receive")
			op.carry, op.receives = (*call).askForContext, true
		case "DeleteMessage", "DeleteMessageBatch":
			op.messages("aws_sqs", "settle")
		}
	case "SNS":
		switch op.name {
		case "Publish":
			op.sends("aws.sns", (*call).carrySNS)
		case "PublishBatch":
			op.sends("aws.sns", (*call).carrySNSBatch)
		}
	case "EventBridge":
		if op.name == "PutEvents" {
			op.sends("aws.eventbridge", (*call).carryEvents)
		}
	case "Kinesis":
		switch {
		case c.PayloadField == "":
		case op.name == "PutRecord":
			op.kind, op.carry = trace.SpanKindProducer, (*call).carryRecord
		case op.name == "PutRecords":
			op.kind, op.carry = trace.SpanKindProducer, (*call).carryRecords
		}
	}
}

func (op *operation) sends(system string, carry func(*call, reflect.Value)) {
	op.kind, op.carry = trace.SpanKindProducer, carry
	op.messages(system, "send")
}

// messages adds what the conventions for messaging have besides.
func (op *operation) messages(system, kind string) {
	op.add(
		attribute.String("messaging.system", system),
		attribute.String("messaging.operation.name", op.name),
		attribute.String("messaging.operation.type", kind),
	)
}
