package appsignals

import (
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// slot names what an attribute means; stable and older names of one thing
// share a slot only where nothing depends on which it was.
type slot uint8

const (
	slotNone slot = iota
	slotLocalService
	slotLocalOperation
	slotLocalEnvironment
	slotRemoteService
	slotRemoteOperation
	slotPeerService
	slotRPCSystem
	slotRPCSystemName
	slotRPCService
	slotRPCMethod
	slotDBSystem
	slotDBSystemOld
	slotDBOperation
	slotDBOperationOld
	slotDBQuery
	slotDBQueryOld
	slotDBName
	slotDBNameOld
	slotDBUser
	slotDBConnection
	slotFaaSName
	slotFaaSTrigger
	slotMessagingSystem
	slotMessagingType
	slotMessagingTypeOld
	slotGraphQL
	slotServer
	slotServerPort
	slotPeerName
	slotPeerPort
	slotNetworkPeer
	slotNetworkPeerPort
	slotSockPeer
	slotSockPeerPort
	slotServerSocket
	slotServerSocketPort
	slotURL
	slotURLOld
	slotMethod
	slotMethodOld
	slotPath
	slotTarget
	slotStatus
	slotStatusOld
	slotConsumerParent
	slotResourceID
	slotTables
	slotTableARN
	slotStream
	slotStreamARN
	slotBucket
	slotQueueName
	slotQueueURL
	slotTopicARN
	slotSecretARN
	slotStateMachineARN
	slotActivityARN
	slotFunctionName
	slotFunctionARN
	slotEventSource
	slotAgentID
	slotDataSource
	slotGuardrail
	slotGuardrailARN
	slotKnowledgeBase
	slotModel
	slotAccessKey
	slotRegion
	slots
)

// slotOf is switches, which the compiler turns into searches by length and text:
// quicker than a map, and nothing is made when the program starts.
func slotOf(key attribute.Key) slot {
	switch key {
	case keyLocalService:
		return slotLocalService
	case keyLocalOperation:
		return slotLocalOperation
	case keyLocalEnvironment:
		return slotLocalEnvironment
	case keyRemoteService:
		return slotRemoteService
	case keyRemoteOperation:
		return slotRemoteOperation
	case "peer.service", "service.peer.name":
		return slotPeerService
	case "rpc.system":
		return slotRPCSystem
	case "rpc.system.name":
		return slotRPCSystemName
	case "rpc.service":
		return slotRPCService
	case "rpc.method":
		return slotRPCMethod
	case "db.system.name":
		return slotDBSystem
	case "db.system":
		return slotDBSystemOld
	case "db.operation.name":
		return slotDBOperation
	case "db.operation":
		return slotDBOperationOld
	case "db.query.text":
		return slotDBQuery
	case "db.statement":
		return slotDBQueryOld
	case "db.namespace":
		return slotDBName
	case "db.name":
		return slotDBNameOld
	case "db.user":
		return slotDBUser
	case "db.connection_string":
		return slotDBConnection
	}
	return requestSlotOf(key)
}

// requestSlotOf knows the attributes of messages and of HTTP.
func requestSlotOf(key attribute.Key) slot {
	switch key {
	case "faas.invoked_name":
		return slotFaaSName
	case "faas.trigger":
		return slotFaaSTrigger
	case "messaging.system":
		return slotMessagingSystem
	case "messaging.operation.type":
		return slotMessagingType
	case "messaging.operation":
		return slotMessagingTypeOld
	case "graphql.operation.type":
		return slotGraphQL
	case "url.full":
		return slotURL
	case "http.url":
		return slotURLOld
	case "http.request.method":
		return slotMethod
	case "http.method":
		return slotMethodOld
	case "url.path":
		return slotPath
	case "http.target":
		return slotTarget
	case "http.response.status_code":
		return slotStatus
	case "http.status_code":
		return slotStatusOld
	case keyConsumerParent:
		return slotConsumerParent
	case keyResourceID:
		return slotResourceID
	}
	return addressSlotOf(key)
}

// addressSlotOf knows the attributes of addresses.
func addressSlotOf(key attribute.Key) slot {
	switch key {
	case "server.address":
		return slotServer
	case "server.port":
		return slotServerPort
	case "net.peer.name":
		return slotPeerName
	case "net.peer.port":
		return slotPeerPort
	case "network.peer.address":
		return slotNetworkPeer
	case "network.peer.port":
		return slotNetworkPeerPort
	case "net.sock.peer.addr":
		return slotSockPeer
	case "net.sock.peer.port":
		return slotSockPeerPort
	case "server.socket.address":
		return slotServerSocket
	case "server.socket.port":
		return slotServerSocketPort
	}
	return awsSlotOf(key)
}

// awsSlotOf knows the attributes of calls to AWS.
func awsSlotOf(key attribute.Key) slot {
	switch key {
	case "aws.dynamodb.table_names":
		return slotTables
	case "aws.dynamodb.table.arn":
		return slotTableARN
	case "aws.kinesis.stream_name", "aws.kinesis.stream.name":
		return slotStream
	case "aws.kinesis.stream.arn":
		return slotStreamARN
	case "aws.s3.bucket":
		return slotBucket
	case "aws.sqs.queue.name", "aws.sqs.queue_name":
		return slotQueueName
	case "aws.sqs.queue.url", "aws.sqs.queue_url", "aws.queue_url":
		return slotQueueURL
	case "aws.sns.topic.arn":
		return slotTopicARN
	case "aws.secretsmanager.secret.arn":
		return slotSecretARN
	case "aws.step_functions.state_machine.arn", "aws.stepfunctions.state_machine.arn":
		return slotStateMachineARN
	case "aws.step_functions.activity.arn", "aws.stepfunctions.activity.arn":
		return slotActivityARN
	case "aws.lambda.function.name":
		return slotFunctionName
	case "aws.lambda.function.arn":
		return slotFunctionARN
	case "aws.lambda.resource_mapping.id":
		return slotEventSource
	case "aws.bedrock.agent.id":
		return slotAgentID
	case "aws.bedrock.data_source.id":
		return slotDataSource
	case "aws.bedrock.guardrail.id":
		return slotGuardrail
	case "aws.bedrock.guardrail.arn":
		return slotGuardrailARN
	case "aws.bedrock.knowledge_base.id":
		return slotKnowledgeBase
	case "gen_ai.request.model":
		return slotModel
	case "aws.auth.account.access_key":
		return slotAccessKey
	case "aws.auth.region":
		return slotRegion
	}
	return slotNone
}

// facts are a span as the rules want it: attributes by what they mean.
type facts struct {
	name       string
	kind       trace.SpanKind
	localRoot  bool
	attributes []attribute.KeyValue
	at         [slots]uint16 // place in attributes, plus one
}

// maxAttributes is how many attributes of a span are looked at; the SDK keeps
// 128 unless it is told otherwise.
const maxAttributes = 1<<16 - 2

func (f *facts) read(span sdktrace.ReadOnlySpan) {
	parent := span.Parent()
	*f = facts{
		name: span.Name(), kind: span.SpanKind(), attributes: span.Attributes(),
		localRoot: !parent.IsValid() || parent.IsRemote(),
	}
	for i := range f.attributes[:min(len(f.attributes), maxAttributes)] {
		f.at[slotOf(f.attributes[i].Key)] = uint16(i + 1)
	}
	f.at[slotNone] = 0 // where all others went
}

// has tells whether the span has an attribute of the slot that says something.
func (f *facts) has(s slot) bool { return f.text(s) != "" }

func (f *facts) hasAny(slots ...slot) bool { return f.first(slots...) != "" }

// text is an attribute as text, "" where the span does not have it.
func (f *facts) text(s slot) string {
	i := f.at[s]
	if i == 0 {
		return ""
	}
	return f.attributes[i-1].Value.String()
}

// first is the first of several that says something.
func (f *facts) first(slots ...slot) string {
	for _, s := range slots {
		if text := f.text(s); text != "" {
			return text
		}
	}
	return ""
}

// texts is an attribute that is a list, or one text.
func (f *facts) texts(s slot) []string {
	i := f.at[s]
	if i == 0 {
		return nil
	}
	v := f.attributes[i-1].Value
	if v.Type() == attribute.STRINGSLICE {
		return v.AsStringSlice()
	}
	return []string{v.String()}
}

// status is the HTTP status, 0 without one.
func (f *facts) status() int64 {
	for _, s := range [...]slot{slotStatus, slotStatusOld} {
		if i := f.at[s]; i > 0 && f.attributes[i-1].Value.Type() == attribute.INT64 {
			return f.attributes[i-1].Value.AsInt64()
		}
	}
	return 0
}

const awsAPI = "aws-api"

// callsAWS tells the spans of AWS SDKs.
func (f *facts) callsAWS() bool {
	return f.text(slotRPCSystem) == awsAPI || f.text(slotRPCSystemName) == awsAPI
}

// callsDB tells the spans of databases.
func (f *facts) callsDB() bool {
	return f.hasAny(slotDBSystem, slotDBSystemOld, slotDBOperation, slotDBOperationOld, slotDBQuery, slotDBQueryOld)
}

func (f *facts) method() string { return f.first(slotMethod, slotMethodOld) }

// makesService tells spans that become a service metric.
func (f *facts) makesService() bool { return f.localRoot || f.kind == trace.SpanKindServer }

// makesDependency tells spans that become a dependency metric. The processing
// of a message within its receiving would count the message twice.
func (f *facts) makesDependency() bool {
	switch f.kind {
	case trace.SpanKindClient, trace.SpanKindProducer:
		return true
	case trace.SpanKindConsumer:
		processes := f.first(slotMessagingType, slotMessagingTypeOld) == "process"
		return !processes || f.localRoot || f.text(slotConsumerParent) != kindConsumer
	}
	return false
}

func kindName(k trace.SpanKind) string {
	switch k {
	case trace.SpanKindServer:
		return kindServer
	case trace.SpanKindClient:
		return kindClient
	case trace.SpanKindProducer:
		return kindProducer
	case trace.SpanKindConsumer:
		return kindConsumer
	}
	return kindInternal
}
