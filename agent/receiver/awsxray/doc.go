// Package awsxray is the collector receiver for what X-Ray's SDKs and the
// OpenTelemetry distributions of AWS send to the X-Ray daemon: segment documents
// by UDP, and by TCP on the same port the questions for sampling rules. By TCP it
// takes OTLP too, over gRPC and HTTP, so that what was pointed at the daemon's
// port works whichever protocol it speaks.
//
// It takes the keys of the collector's receiver of this name; see [Config].
package awsxray
