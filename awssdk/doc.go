// Package awssdk traces calls that the AWS SDK for Go v2 makes: a span a call,
// with the attributes that X-Ray draws AWS nodes by, and the trace context in
// the messages that go through SQS, SNS and EventBridge.
//
//	cfg, err := config.LoadDefaultConfig(ctx)
//	…
//	awssdk.Instrument(&cfg, awssdk.Config{})
//	queue := sqs.NewFromConfig(cfg)
//
// Who receives messages continues the trace with [Extract] or [Link].
//
// It imports no service client: what it needs of an operation's input it finds
// by the names of its fields, once a type. It changes nothing of the caller's:
// an input that is to carry trace context is copied first. Presigned URLs are
// not calls; they get neither span nor header.
package awssdk
