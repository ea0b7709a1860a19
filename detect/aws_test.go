package detect_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"testing/fstest"
	"time"

	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/updraft-otel/updraft/detect"
)

func TestLambda(t *testing.T) {
	nowhere(t)
	want(t, "elsewhere", detect.Lambda{}, nil, "")
	t.Setenv("AWS_LAMBDA_FUNCTION_NAME", "orders")
	for _, name := range []string{"FUNCTION_VERSION", "FUNCTION_MEMORY_SIZE", "LOG_GROUP_NAME", "LOG_STREAM_NAME"} {
		t.Setenv("AWS_LAMBDA_"+name, "")
	}
	t.Setenv("AWS_REGION", "eu-west-1")
	few := map[string]any{"cloud.provider": "aws", "cloud.platform": "aws_lambda", "cloud.region": "eu-west-1", "faas.name": "orders"}
	want(t, "the name alone", detect.Lambda{}, few, "")
	t.Setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "much")
	want(t, "odd memory", detect.Lambda{}, few, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
	t.Setenv("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
	t.Setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
	t.Setenv("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/orders")
	t.Setenv("AWS_LAMBDA_LOG_STREAM_NAME", "2026/11/26/[$LATEST]e5f6")
	want(t, "all", detect.AWS{}, with(few, map[string]any{
		"faas.version": "$LATEST", "faas.max_memory": int64(128 << 20), "faas.instance": "2026/11/26/[$LATEST]e5f6",
		"aws.log.group.names": []string{"/aws/lambda/orders"}, "aws.log.stream.names": []string{"2026/11/26/[$LATEST]e5f6"},
	}), "")
}

const environmentFile = "var/elasticbeanstalk/xray/environment.conf"

var ofEnvironment = map[string]any{
	"cloud.provider": "aws", "cloud.platform": "aws_elastic_beanstalk", "service.instance.id": "23",
	"deployment.environment.name": "BETA", "service.version": "v1",
}

func TestElasticBeanstalk(t *testing.T) {
	f := func(what string, files fstest.MapFS, attributes map[string]any, message string) {
		t.Helper()
		want(t, what, detect.ElasticBeanstalk{Files: files}, attributes, message)
	}
	f("elsewhere", fstest.MapFS{}, nil, "")
	f("no JSON", fstest.MapFS{environmentFile: {Data: []byte("x")}}, nil, "invalid character")
	said := fstest.MapFile{Data: []byte(`{"deployment_id":23,"version_label":"v1","environment_name":"BETA"}`)}
	f("Linux", fstest.MapFS{environmentFile: &said}, ofEnvironment, "")
	f("Windows", fstest.MapFS{"Program Files/Amazon/XRay/environment.conf": &said}, ofEnvironment, "")
}

// TestAWS has the nearer of two platforms have the say.
func TestAWS(t *testing.T) {
	nowhere(t)
	f := func(what string, files fstest.MapFS, attributes map[string]any, message string) {
		t.Helper()
		want(t, what, detect.AWS{Files: files}, attributes, message)
	}
	unreached := func(what string, files fstest.MapFS) {
		t.Helper()
		want(t, what, detect.AWS{Files: files, Timeout: time.Nanosecond}, nil, "EC2: ")
	}
	nitro := fstest.MapFS{"sys/devices/virtual/dmi/id/sys_vendor": {Data: []byte("Amazon EC2\n")}}
	f("a laptop", fstest.MapFS{"sys/devices/virtual/dmi/id/sys_vendor": {Data: []byte("LENOVO\n")}}, nil, "")
	f("an instance whose metadata is not to be asked", nitro, nil, "")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "")
	unreached("an instance without its metadata", nitro)
	unreached("an older instance", fstest.MapFS{"sys/hypervisor/uuid": {Data: []byte("ec2e1916-9099-7caf-fd21-012345abcdef\n")}})
	t.Run("instance", func(t *testing.T) {
		onEC2(t, instance)
		f("an instance", nitro, ofInstance, "")
		f("Elastic Beanstalk", fstest.MapFS{environmentFile: {Data: []byte(`{"deployment_id":23,"version_label":"v1","environment_name":"BETA"}`)}},
			with(ofInstance, ofEnvironment), "")
		t.Setenv("ECS_CONTAINER_METADATA_URI_V4", texts(t, task("default", "FARGATE")).URL+"/v4/me")
		f("Fargate", nitro, ofContainer, "")
		t.Setenv("ECS_CONTAINER_METADATA_URI_V4", texts(t, task("default", "EC2")).URL+"/v4/me")
		f("ECS on an instance", nitro, with(with(ofInstance, ofContainer), map[string]any{"aws.ecs.launchtype": "ec2"}), "")
	})
	t.Run("Kubernetes", func(t *testing.T) {
		f("EKS", pod(t, issuerOfEKS, nil), with(onEKS, map[string]any{"k8s.namespace.name": "shop"}), "")
		f("another one", pod(t, issuerElse, nil), nil, "")
		onEC2(t, map[string]string{"/latest/dynamic/instance-identity/document": `{"instanceId":"i-1"}`, "/latest/meta-data/hostname": "h"})
		f("another one, on an instance", pod(t, issuerElse, nil),
			map[string]any{"cloud.provider": "aws", "cloud.platform": "aws_ec2", "host.id": "i-1", "host.name": "h"}, "")
	})
}

func ExampleAWS() {
	os.Setenv("AWS_LAMBDA_FUNCTION_NAME", "orders") // as in a function of Lambda
	defer os.Unsetenv("AWS_LAMBDA_FUNCTION_NAME")
	res, err := resource.New(context.Background(), resource.WithDetectors(detect.AWS{}), resource.WithFromEnv())
	if err != nil {
		fmt.Println(err) // what is missing; the rest is there
	}
	platform, _ := res.Set().Value("cloud.platform")
	function, _ := res.Set().Value("faas.name")
	fmt.Println(platform.AsString(), function.AsString())
	// Output: aws_lambda orders
}
