// Package updraft gives a Go service traces, metrics and logs in AWS X-Ray and
// CloudWatch, with one call:
//
//	tel, err := updraft.Start(ctx)
//	if err != nil { // with Config.Strict only
//		return err
//	}
//	defer tel.Shutdown(context.Background())
//
// [Start] installs OpenTelemetry's global providers and propagators, so that
// all instrumentation written for OpenTelemetry works. Spans become X-Ray
// segment documents, log records CloudWatch Logs events, and metrics
// CloudWatch metrics; they are sent straight to AWS, or to the endpoint that
// AWS_ENDPOINT_URL names, such as the local double that "updraft local" runs.
//
// # Settings
//
// What [Config] says wins over the environment, and the environment over the
// default. These variables are read:
//
//   - OTEL_SDK_DISABLED, OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES
//   - what tells EC2, ECS, EKS, Lambda and Elastic Beanstalk, see package detect, which is over the defaults alone;
//     AWS_EC2_METADATA_DISABLED=true keeps it from the instance's metadata service
//   - OTEL_TRACES_EXPORTER: awsxray (default), xray (OTLP to X-Ray, signed), xrayudp (the X-Ray
//     daemon; the default in Lambda), otlp, console, none
//   - OTEL_METRICS_EXPORTER: cloudwatch (default), console, none
//   - OTEL_LOGS_EXPORTER: awscloudwatchlogs (default), otlp, console, none
//   - OTEL_PROPAGATORS: baggage, xray, tracecontext (the default is these three), none
//   - OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG, the standard values
//   - OTEL_METRIC_EXPORT_INTERVAL, OTEL_METRIC_EXPORT_TIMEOUT, OTEL_BSP_SCHEDULE_DELAY,
//     OTEL_BLRP_SCHEDULE_DELAY, and the SDK's OTEL_..._LIMIT variables
//   - OTEL_EXPORTER_OTLP_LOGS_HEADERS for x-aws-log-group, x-aws-log-stream and x-aws-metric-namespace
//   - for traces and logs by OTLP: OTEL_EXPORTER_OTLP_ENDPOINT, ..._PROTOCOL (http/protobuf, grpc), ..._HEADERS,
//     ..._COMPRESSION, ..._TIMEOUT, ..._INSECURE, ..._CERTIFICATE, ..._CLIENT_CERTIFICATE and ..._CLIENT_KEY,
//     each also as OTEL_EXPORTER_OTLP_TRACES_... and OTEL_EXPORTER_OTLP_LOGS_...; requests to X-Ray's and
//     CloudWatch Logs' own hosts are signed, and with AWS_SIGV4_SERVICE=xray,logs those to any other, unless the
//     headers have an Authorization
//   - AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_XRAY, AWS_ENDPOINT_URL_CLOUDWATCH,
//     AWS_ENDPOINT_URL_CLOUDWATCH_LOGS and the others of the AWS SDK's default configuration
//   - AWS_XRAY_DAEMON_ADDRESS: host:port, or tcp:host:port udp:host:port
//   - UPDRAFT_SPOOL_DIR: a directory that keeps what is not delivered yet, see [Config.SpoolDir]
//   - UPDRAFT_DEBUG=1 prints the [Report] at start and at shutdown
//
// An exporter variable may list several, separated by commas.
//
// # Promises
//
// Telemetry never breaks the application: a set-up error leaves the signal it
// concerns off, with one line on stderr, unless [Config.Strict] asks for the
// error. Nothing happens on import. Memory is bounded; what can't be kept is
// dropped, counted by reason and told by [Telemetry.Report].
package updraft
