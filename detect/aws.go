package detect

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
)

// DefaultTimeout is how long [AWS] waits for all it asks. Metadata services answer within milliseconds; one that is out of
// a container's reach does not answer at all.
const DefaultTimeout = 2 * time.Second

// AWS finds out which platform of AWS the process runs on, and what there is to know about it. It is safe for concurrent
// use.
type AWS struct {
	// Timeout bounds the whole. Default: DefaultTimeout.
	Timeout time.Duration
	// Files is the root of the file system. Default: the machine's.
	Files fs.FS
}

var _ resource.Detector = AWS{}

// Detect looks at the environment and at files first. A task on EC2 instances and an Elastic Beanstalk environment know
// their instance as well; of what two know, the nearer one has the say.
func (d AWS) Detect(ctx context.Context) (*resource.Resource, error) {
	timeout := d.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	switch {
	case onLambda():
		return Lambda{}.Detect(ctx)
	case ecsEndpoint() != "":
		task, err := ECS{}.Detect(ctx)
		if launch, _ := task.Set().Value(semconv.AWSECSLaunchtypeKey); launch.AsString() != semconv.AWSECSLaunchtypeEC2.Value.AsString() {
			return task, err
		}
		return d.over(ctx, task, err)
	case onKubernetes():
		if pod, err := (EKS{Files: d.Files}).Detect(ctx); pod.Len() > 0 || err != nil {
			return pod, err
		}
	}
	environment, err := ElasticBeanstalk{Files: d.Files}.Detect(ctx)
	return d.over(ctx, environment, err)
}

// over adds what the instance says, if there is one, to what is known already.
func (d AWS) over(ctx context.Context, known *resource.Resource, err error) (*resource.Resource, error) {
	if !onEC2(d.Files) {
		return known, err
	}
	instance, instanceErr := EC2{}.Detect(ctx)
	all, mergeErr := resource.Merge(instance, known)
	return all, errors.Join(err, instanceErr, mergeErr)
}

// marksOfEC2 are files of the kernel's that name the machine's maker, and how they begin on EC2: the first on Nitro
// instances, the second on Xen.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/identify_ec2_instances.html
var marksOfEC2 = [...]struct{ path, begins string }{
	{"sys/devices/virtual/dmi/id/sys_vendor", "Amazon EC2"},
	{"sys/hypervisor/uuid", "ec2"},
}

// onEC2 says whether there is a metadata service to ask: also where somebody says where it is, and nowhere where somebody
// does not want it asked.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html
func onEC2(files fs.FS) bool {
	switch {
	case strings.EqualFold(os.Getenv("AWS_EC2_METADATA_DISABLED"), "true"):
		return false
	case os.Getenv("AWS_EC2_METADATA_SERVICE_ENDPOINT") != "":
		return true
	}
	for _, m := range marksOfEC2 {
		if text, err := fs.ReadFile(orRoot(files), m.path); err == nil && strings.HasPrefix(string(text), m.begins) {
			return true
		}
	}
	return false
}

func orRoot(files fs.FS) fs.FS {
	if files == nil {
		return os.DirFS("/")
	}
	return files
}

// attributes gathers those that have a value.
type attributes []attribute.KeyValue

func (a *attributes) put(key attribute.Key, value string) {
	if value != "" {
		*a = append(*a, key.String(value))
	}
}

func (a *attributes) putList(key attribute.Key, values []string) {
	if len(values) > 0 {
		*a = append(*a, key.StringSlice(values))
	}
}

// result is what Detect returns. The resource names no schema, so that it can be merged with any other.
func (a attributes) result(platform string, err error) (*resource.Resource, error) {
	if err != nil {
		err = fmt.Errorf("%w: %s: %w", resource.ErrPartialResource, platform, err)
	}
	return resource.NewSchemaless(a...), err
}
