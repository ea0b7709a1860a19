package appsignals

// Scope is the instrumentation scope of the metrics, by which the CloudWatch
// agent knows them.
const Scope = "AwsSpanMetricsProcessor"

// The metrics.
const (
	Latency = "Latency" // milliseconds
	Error   = "Error"   // 1 for a span that is an error, else 0
	Fault   = "Fault"   // 1 for a span that is a fault, else 0
)

// latencyUnit is CloudWatch's word, as the agent wants it, not UCUM's.
const latencyUnit = "Milliseconds"

// Attributes of the metrics, and of the spans.
const (
	keySpanKind          = "aws.span.kind"
	keyLocalService      = "aws.local.service"
	keyLocalOperation    = "aws.local.operation"
	keyLocalEnvironment  = "aws.local.environment"
	keyRemoteService     = "aws.remote.service"
	keyRemoteOperation   = "aws.remote.operation"
	keyRemoteEnvironment = "aws.remote.environment"
	keyRemoteType        = "aws.remote.resource.type"
	keyRemoteIdentifier  = "aws.remote.resource.identifier"
	keyRemotePrimary     = "aws.remote.resource.cfn.primary.identifier"
	keyRemoteAccount     = "aws.remote.resource.account.id"
	keyRemoteAccessKey   = "aws.remote.resource.account.access_key"
	keyRemoteRegion      = "aws.remote.resource.region"
	keyRemoteUser        = "aws.remote.db.user"
)

// Attributes of spans alone.
const (
	keySDKDescendant  = "aws.sdk.descendant"
	keyConsumerParent = "aws.consumer.parent.span.kind"
	keySampled        = "aws.trace.flag.sampled"
	keyResourceID     = "cloud.resource_id"
)

// Words for what is not known.
const (
	UnknownService         = "UnknownService"
	UnknownOperation       = "UnknownOperation"
	UnknownRemoteService   = "UnknownRemoteService"
	UnknownRemoteOperation = "UnknownRemoteOperation"
	// InternalOperation is the operation of a local root that serves no
	// request, such as a job.
	InternalOperation = "InternalOperation"
)

// Values of aws.span.kind.
const (
	kindServer    = "SERVER"
	kindClient    = "CLIENT"
	kindProducer  = "PRODUCER"
	kindConsumer  = "CONSUMER"
	kindInternal  = "INTERNAL"
	kindLocalRoot = "LOCAL_ROOT"
)
