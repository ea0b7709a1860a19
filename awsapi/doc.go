// Package awsapi makes the few AWS calls that carry telemetry: X-Ray's PutTraceSegments, GetSamplingRules and
// GetSamplingTargets, CloudWatch Logs' PutLogEvents, CreateLogGroup, CreateLogStream and PutRetentionPolicy, CloudWatch's
// PutMetricData. One file per call.
//
// It knows each call's address, signature, wire form and limits, and what its errors mean; it has no idea where the
// bytes come from. Items come encoded, through a function of their index, and are written once into the request body.
//
// What it does not do: batch, retry, or log. An [Error] says whether another try may help (Retryable), when
// (RetryAfter), whether a single item may be at fault (Splittable) and whether the call may have worked all the same
// (OutcomeUnknown). No error carries a credential.
//
// A first use:
//
//	cfg, err := config.LoadDefaultConfig(ctx)
//	…
//	settings, err := awsapi.Resolve(ctx, cfg, awsapi.XRay)
//	…
//	client, err := awsapi.New(settings)
//	…
//	refused, err := client.PutTraceSegments(ctx, len(docs), func(i int) []byte { return docs[i] })
package awsapi
