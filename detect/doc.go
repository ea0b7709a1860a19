// Package detect says where a process runs on AWS, as attributes of OpenTelemetry's resource: EC2, ECS and Fargate, EKS,
// Lambda and Elastic Beanstalk.
//
//	res, err := resource.New(ctx, resource.WithDetectors(detect.AWS{}), resource.WithFromEnv())
//
// [AWS] finds out which of them it is, without asking any network where nothing speaks for AWS; the others are one
// platform each. Their zero values work. Elsewhere than on its platform a detector returns an empty resource and no error.
// What can't be found out costs itself alone: the resource has the rest, and the error, which wraps
// [resource.ErrPartialResource], says what is missing.
//
// App Runner is not told from an ordinary container: it sets nothing that is documented to tell it by.
//
// Attributes have the names of OpenTelemetry's semantic conventions, version 1.41.
// https://opentelemetry.io/docs/specs/semconv/resource/cloud-provider/aws/
package detect
