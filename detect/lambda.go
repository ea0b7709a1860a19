package detect

import (
	"context"
	"fmt"
	"os"
	"strconv"

	"go.opentelemetry.io/otel/sdk/resource"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
)

// Lambda reads what Lambda says in the environment.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
type Lambda struct{}

var _ resource.Detector = Lambda{}

func onLambda() bool { return os.Getenv("AWS_LAMBDA_FUNCTION_NAME") != "" }

// Detect asks no network. faas.max_memory is in bytes.
func (Lambda) Detect(context.Context) (*resource.Resource, error) {
	if !onLambda() {
		return resource.Empty(), nil
	}
	a := attributes{semconv.CloudProviderAWS, semconv.CloudPlatformAWSLambda}
	a.put(semconv.CloudRegionKey, os.Getenv("AWS_REGION"))
	a.put(semconv.FaaSNameKey, os.Getenv("AWS_LAMBDA_FUNCTION_NAME"))
	a.put(semconv.FaaSVersionKey, os.Getenv("AWS_LAMBDA_FUNCTION_VERSION"))
	stream := os.Getenv("AWS_LAMBDA_LOG_STREAM_NAME")
	a.put(semconv.FaaSInstanceKey, stream)
	a.putList(semconv.AWSLogGroupNamesKey, named(os.Getenv("AWS_LAMBDA_LOG_GROUP_NAME")))
	a.putList(semconv.AWSLogStreamNamesKey, named(stream))
	const megabyte = 1 << 20
	var err error
	if text := os.Getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"); text != "" {
		var size int
		if size, err = strconv.Atoi(text); err == nil {
			a = append(a, semconv.FaaSMaxMemory(size*megabyte))
		} else {
			err = fmt.Errorf("AWS_LAMBDA_FUNCTION_MEMORY_SIZE: %w", err)
		}
	}
	return a.result("Lambda", err)
}

// named is a list of one name, if there is one.
func named(name string) []string {
	if name == "" {
		return nil
	}
	return []string{name}
}
