package updraft

import (
	"context"
	"io"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/updraft-otel/updraft/awsapi"
	"github.com/updraft-otel/updraft/metrics"
	"github.com/updraft-otel/updraft/sampling"
)

// Exporter names, as [Config] and the OTEL_..._EXPORTER variables take them.
const (
	ExporterXRay           = "awsxray"           // traces: segment documents by PutTraceSegments
	ExporterXRayOTLP       = "xray"              // traces: OTLP to X-Ray's own endpoint, signed; needs Transaction Search
	ExporterXRayUDP        = "xrayudp"           // traces: UDP to the X-Ray daemon at AWS_XRAY_DAEMON_ADDRESS; the default in Lambda
	ExporterOTLP           = "otlp"              // any signal: OTLP to a collector, by the OTEL_EXPORTER_OTLP_... variables
	ExporterCloudWatch     = "cloudwatch"        // metrics: PutMetricData
	ExporterEMF            = "awsemf"            // metrics: log events in the embedded metric format, see Config.EMF; the default in Lambda
	ExporterCloudWatchLogs = "awscloudwatchlogs" // logs: PutLogEvents
	ExporterConsole        = "console"           // any signal: JSON lines on Config.Console
	ExporterNone           = "none"              // any signal: off
)

// Config is what code wants to say. The zero value leaves all to the
// environment and the defaults.
type Config struct {
	// ServiceName is the resource's service.name, the name of the node that
	// X-Ray draws; over OTEL_SERVICE_NAME; default: the main package's name.
	ServiceName string

	// ServiceVersion is service.version; default: the main module's version,
	// where the build knows it.
	ServiceVersion string

	// Environment is deployment.environment.name, e.g. "production".
	Environment string

	// ResourceAttributes are added to the resource.
	ResourceAttributes []attribute.KeyValue

	// Detectors find out where the process runs; OTEL_RESOURCE_ATTRIBUTES and the
	// settings above are over what they say. Default: AWS of package detect, which
	// takes 2 s where a metadata service does not answer. An empty list that is not
	// nil detects nothing.
	Detectors []resource.Detector

	// AWS is the region, the credentials and the endpoints; default: the AWS
	// SDK's default configuration, loaded when an exporter wants it.
	AWS *aws.Config

	// Traces, Metrics and Logs name the exporters of a signal, separated by
	// commas; over OTEL_TRACES_EXPORTER and its like.
	Traces, Metrics, Logs string

	// LogGroup and LogStream are where log events go in CloudWatch Logs;
	// default: "/updraft/" and the service's name, and host name and process
	// id. They may have placeholders, as "{task_id}/{date}"; see package logs.
	// Both are created when missing.
	LogGroup, LogStream string

	// LogRaw makes the body of a record alone the log event, without severity,
	// attributes and trace, as raw_log of the collector's exporter does; also
	// by UPDRAFT_LOG_RAW=true. See [logs.Config] for what cannot be written so.
	LogRaw bool

	// LogGroupSettings are what log groups that are created get: retention,
	// tags, key, class. Those that exist stay as they are.
	LogGroupSettings awsapi.LogGroupSettings

	// MetricNamespace is the CloudWatch namespace of the metrics; default: the
	// service's name, behind its service.namespace and a slash if it has one.
	MetricNamespace string

	// MetricSettings are how the exporters cloudwatch, awsemf and console make
	// CloudWatch's metrics: which attributes become dimensions, declarations by
	// metric, resolution. UPDRAFT_METRIC_DECLARATIONS has declarations in YAML, or
	// the path of a file with some, for when there are none here. Queue, Namespace
	// and Key are ours to set.
	MetricSettings metrics.Config

	// EMF is where the exporter awsemf sends: "logs" for CloudWatch Logs, "stdout"
	// for standard output (Console), or the address of a CloudWatch agent, as
	// tcp://127.0.0.1:25888 or udp://127.0.0.1:25888; over UPDRAFT_EMF,
	// AWS_EMF_ENVIRONMENT and AWS_EMF_AGENT_ENDPOINT; default: CloudWatch Logs, in
	// Lambda standard output unless OTEL_EXPORTER_OTLP_LOGS_HEADERS names
	// x-aws-log-group and x-aws-log-stream. Those are the log group and stream, or
	// AWS_EMF_LOG_GROUP_NAME and AWS_EMF_LOG_STREAM_NAME; default "/metrics/" and
	// the namespace, and host name and process id.
	EMF string

	// RuntimeMetrics makes metrics of what the Go runtime says of itself: memory,
	// garbage collection, goroutines, processor time, by the names of
	// OpenTelemetry's conventions (go.memory.used and its like), some 15 series;
	// UPDRAFT_RUNTIME_METRICS=true does the same.
	RuntimeMetrics bool

	// IndexedAttributes names the span attributes that become X-Ray
	// annotations, by which traces can be searched.
	IndexedAttributes []string

	// Sampler decides which traces are recorded; over OTEL_TRACES_SAMPLER;
	// default: OpenTelemetry's, all that the parent didn't leave out.
	Sampler sdktrace.Sampler

	// XRaySampling samples by the sampling rules of the AWS account, as
	// OTEL_TRACES_SAMPLER=xray does.
	XRaySampling bool

	// SamplingRules are local rules, tried in their order; over
	// OTEL_TRACES_SAMPLER. Where X-Ray's rules are asked for, in either way, they
	// decide while X-Ray can't be reached.
	SamplingRules []sampling.Rule

	// AdaptiveSampling says what an anomaly is and how many are captured, for
	// sampling by rules; over AWS_XRAY_ADAPTIVE_SAMPLING_CONFIG.
	AdaptiveSampling *sampling.Adaptive

	// ExplainSampling says on the first span of each trace which rule decided,
	// and why.
	ExplainSampling bool

	// SamplingMetrics makes metrics of what each rule decided: six for a rule.
	SamplingMetrics bool

	// ApplicationSignals measures the service's operations and its calls to
	// others for CloudWatch Application Signals, as
	// OTEL_AWS_APPLICATION_SIGNALS_ENABLED=true does; see docs/metrics.md.
	ApplicationSignals bool

	// LogLevel is the least level [Telemetry.Logger] logs; default
	// [slog.LevelInfo].
	LogLevel slog.Leveler

	// Console takes what the console exporters write; default [os.Stdout].
	Console io.Writer

	// QueueBytes bounds, for each signal, the memory of what waits to be sent;
	// default 64 MiB.
	QueueBytes int64

	// SpoolDir is a directory that keeps what was recorded until it is
	// delivered, so that it outlives the process and long outages; over
	// UPDRAFT_SPOOL_DIR; default: none, all is in memory. It holds 512 MiB and
	// a week, for each exporter. A directory has one process at a time.
	SpoolDir string

	// ShutdownTimeout bounds Shutdown where its context has no deadline;
	// default 10 s.
	ShutdownTimeout time.Duration

	// NoGlobals leaves OpenTelemetry's globals as they are; use the providers
	// of [Telemetry].
	NoGlobals bool

	// Strict makes Start return a set-up error, with nothing installed.
	Strict bool
}

// Start starts telemetry with the settings of the environment; see
// [Config.Start].
func Start(ctx context.Context) (*Telemetry, error) {
	return Config{}.Start(ctx)
}

const (
	defaultQueueBytes      = 64 << 20
	defaultShutdownTimeout = 10 * time.Second
)
