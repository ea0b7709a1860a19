package updraft

import (
	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/updraft-otel/updraft/awssdk"
)

// AWSConfig returns cfg so that the clients made from it trace their calls,
// and send the trace context along in messages; package awssdk says how, and
// has settings. It uses OpenTelemetry's globals, which [Start] sets.
func AWSConfig(cfg aws.Config) aws.Config {
	awssdk.Instrument(&cfg, awssdk.Config{})
	return cfg
}
