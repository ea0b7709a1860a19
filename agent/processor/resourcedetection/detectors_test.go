package resourcedetection

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"go.opentelemetry.io/collector/featuregate"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/updraft-otel/updraft/detect"
)

// texts serves texts by path. A path that is not there answers 404, as the metadata services do.
func texts(t *testing.T, by map[string]string) (*httptest.Server, *atomic.Bool) {
	t.Helper()
	down := &atomic.Bool{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, ok := by[r.URL.Path]
		switch {
		case down.Load():
			w.WriteHeader(http.StatusInternalServerError)
		case r.URL.Path == "/latest/api/token":
			w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "21600")
			_, _ = io.WriteString(w, "token")
		case strings.HasPrefix(r.URL.Path, "/latest/") && r.Header.Get("X-Aws-Ec2-Metadata-Token") != "token":
			w.WriteHeader(http.StatusUnauthorized)
		case !ok:
			w.WriteHeader(http.StatusNotFound)
		default:
			_, _ = io.WriteString(w, text)
		}
	}))
	t.Cleanup(srv.Close)
	return srv, down
}

// instance is the metadata service of an EC2 instance, with the document of AWS's documentation.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-identity-documents.html
var instance = map[string]string{
	"/latest/dynamic/instance-identity/document": `{"devpayProductCodes":null,"marketplaceProductCodes":["1abc2defghijklm3nopqrs4tu"],
		"availabilityZone":"us-west-2b","privateIp":"10.158.112.84","version":"2017-09-30","instanceId":"i-1234567890abcdef0","billingProducts":null,
		"instanceType":"t2.micro","accountId":"123456789012","imageId":"ami-5fb8c835","pendingTime":"2016-11-19T16:32:11Z","architecture":"x86_64",
		"kernelId":null,"ramdiskId":null,"region":"us-west-2"}`,
	"/latest/meta-data/hostname":                       "ip-10-158-112-84.us-west-2.compute.internal",
	"/latest/meta-data/tags/instance":                  "Name\nteam\nteam.cost\neks:cluster-name",
	"/latest/meta-data/tags/instance/Name":             "web",
	"/latest/meta-data/tags/instance/team":             "blue",
	"/latest/meta-data/tags/instance/team.cost":        "4711",
	"/latest/meta-data/tags/instance/not-listed":       "x",
	"/latest/meta-data/tags/instance/eks:cluster-name": "prod",
}

// ofInstance are the attributes of instance, by the names of the collector's detector.
var ofInstance = map[string]any{
	"cloud.provider": "aws", "cloud.platform": "aws_ec2", "cloud.region": "us-west-2", "cloud.account.id": "123456789012",
	"cloud.availability_zone": "us-west-2b", "host.id": "i-1234567890abcdef0", "host.image.id": "ami-5fb8c835", "host.type": "t2.micro",
	"host.name": "ip-10-158-112-84.us-west-2.compute.internal",
}

// with is a copy of m with more.
func with(m map[string]any, more map[string]any) map[string]any {
	all := map[string]any{}
	maps.Copy(all, m)
	maps.Copy(all, more)
	return all
}

func onEC2(t *testing.T) *atomic.Bool {
	t.Helper()
	srv, down := texts(t, instance)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "")
	t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", srv.URL)
	return down
}

func TestEC2(t *testing.T) {
	nowhere(t)
	onEC2(t)
	f := func(what string, keys, want map[string]any) {
		t.Helper()
		wantResource(t, what, run(t, with(keys, map[string]any{"detectors": []any{"ec2"}})).resource(nil), want)
	}
	f("as it is", nil, ofInstance)
	f("with tags", map[string]any{"ec2": map[string]any{"tags": []any{"^team"}}},
		with(ofInstance, map[string]any{"ec2.tag.team": "blue", "ec2.tag.team.cost": "4711"}))
	less := maps.Clone(ofInstance)
	delete(less, "host.name")
	f("an attribute off", map[string]any{"ec2": map[string]any{"resource_attributes": map[string]any{"host.name": map[string]any{"enabled": false}}}}, less)
}

// task is a task of AWS's documentation, shortened, beside what the agent itself is.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-response.html
func task(cluster, launchType string) map[string]string {
	const self = `{"DockerId":"ea32192c8553fbff06c9340478a2ff089b2bb5646fb718b4ee206641c9086d66","Name":"agent","Type":"NORMAL","KnownStatus":"RUNNING",
		"LogDriver":"awslogs","LogOptions":{"awslogs-group":"/ecs/agent","awslogs-region":"us-west-2","awslogs-stream":"ecs/agent/cd18"}}`
	return map[string]string{
		"/v4/me": self,
		"/v4/me/task": `{"Cluster":"` + cluster + `","TaskARN":"arn:aws:ecs:us-west-2:111122223333:task/default/158d1c8083dd49d6b527399fd6414f5c",
			"Family":"curltest","Revision":"26","DesiredStatus":"RUNNING","KnownStatus":"RUNNING","AvailabilityZone":"us-west-2d","LaunchType":"` + launchType + `",
			"Containers":[` + self + `,
			{"DockerId":"731a0d6a","Name":"~internal~ecs~pause","Type":"CNI_PAUSE","KnownStatus":"RESOURCES_PROVISIONED"},
			{"DockerId":"aaaa","Name":"init","Type":"NORMAL","KnownStatus":"STOPPED","LogDriver":"awslogs","LogOptions":{"awslogs-group":"/ecs/init","awslogs-region":"us-west-2","awslogs-stream":"s"}},
			{"DockerId":"bbbb","Name":"web","Type":"NORMAL","KnownStatus":"RUNNING","LogDriver":"awslogs","LogOptions":{"awslogs-group":"/ecs/web","awslogs-region":"us-west-2","awslogs-stream":"ecs/web/cd18"}},
			{"DockerId":"cccc","Name":"side","Type":"NORMAL","KnownStatus":"RUNNING","LogDriver":"json-file"}]}`,
	}
}

// ofTask are the attributes of task.
var ofTask = map[string]any{
	"cloud.provider": "aws", "cloud.platform": "aws_ecs", "cloud.region": "us-west-2", "cloud.account.id": "111122223333",
	"cloud.availability_zone": "us-west-2d",
	"aws.ecs.task.arn":        "arn:aws:ecs:us-west-2:111122223333:task/default/158d1c8083dd49d6b527399fd6414f5c",
	"aws.ecs.task.id":         "158d1c8083dd49d6b527399fd6414f5c", "aws.ecs.task.family": "curltest", "aws.ecs.task.revision": "26",
	"aws.ecs.cluster.arn": "arn:aws:ecs:us-west-2:111122223333:cluster/default", "aws.ecs.launchtype": "fargate",
	"aws.log.group.names": []any{"/ecs/web"}, "aws.log.stream.names": []any{"ecs/web/cd18"},
	"aws.log.group.arns":  []any{"arn:aws:logs:us-west-2:111122223333:log-group:/ecs/web"},
	"aws.log.stream.arns": []any{"arn:aws:logs:us-west-2:111122223333:log-group:/ecs/web:log-stream:ecs/web/cd18"},
}

func TestECS(t *testing.T) {
	nowhere(t)
	f := func(what, variable string, by map[string]string, want map[string]any) {
		t.Helper()
		srv, _ := texts(t, by)
		t.Setenv(variable, srv.URL+"/v4/me")
		wantResource(t, what, run(t, map[string]any{"detectors": []any{"ecs"}}).resource(nil), want)
		t.Setenv(variable, "")
	}
	f("Fargate", "ECS_CONTAINER_METADATA_URI_V4", task("default", "FARGATE"), ofTask)
	f("version 3, the cluster by its ARN, on EC2", "ECS_CONTAINER_METADATA_URI", task("arn:aws:ecs:us-west-2:111122223333:cluster/default", "EC2"),
		with(ofTask, map[string]any{"aws.ecs.launchtype": "ec2"}))
	alone := task("default", "FARGATE")
	delete(alone, "/v4/me")
	withoutLogs := maps.Clone(ofTask)
	maps.DeleteFunc(withoutLogs, func(name string, _ any) bool { return strings.HasPrefix(name, "aws.log.") })
	f("which container is the agent's is not told", "ECS_CONTAINER_METADATA_URI_V4", alone, withoutLogs)
	f("odd ARN", "ECS_CONTAINER_METADATA_URI_V4", map[string]string{"/v4/me/task": `{"TaskARN":"x"}`},
		map[string]any{"cloud.provider": "aws", "cloud.platform": "aws_ecs", "aws.ecs.task.arn": "x"})
}

func TestEKS(t *testing.T) {
	nowhere(t)
	onEKS := map[string]any{"cloud.provider": "aws", "cloud.platform": "aws_eks"}
	f := func(what string, keys, want map[string]any) {
		t.Helper()
		wantResource(t, what, run(t, with(keys, map[string]any{"detectors": []any{"eks"}})).resource(nil), want)
	}
	f("no Kubernetes", nil, map[string]any{})
	t.Setenv("KUBERNETES_SERVICE_HOST", "10.100.0.1")
	f("Kubernetes elsewhere", nil, map[string]any{})
	t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/secrets/eks.amazonaws.com/serviceaccount/token")
	f("roles for service accounts", nil, onEKS)
	t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "")
	t.Setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token")
	f("pod identity", nil, onEKS)
	onEC2(t)
	f("the node's attributes are off", nil, onEKS)
	asked := map[string]any{}
	for _, name := range []string{"host.id", "cloud.region", "k8s.cluster.name"} {
		asked[name] = map[string]any{"enabled": true}
	}
	f("unless they are asked for", map[string]any{"eks": map[string]any{"resource_attributes": asked}},
		with(onEKS, map[string]any{"host.id": "i-1234567890abcdef0", "cloud.region": "us-west-2", "k8s.cluster.name": "prod"}))
}

func TestLambda(t *testing.T) {
	nowhere(t)
	f := func(want map[string]any) {
		t.Helper()
		wantResource(t, "lambda", run(t, map[string]any{"detectors": []any{"lambda"}}).resource(nil), want)
	}
	f(map[string]any{})
	t.Setenv("AWS_LAMBDA_FUNCTION_NAME", "orders")
	t.Setenv("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
	t.Setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
	t.Setenv("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/orders")
	t.Setenv("AWS_LAMBDA_LOG_STREAM_NAME", "2026/11/26/[$LATEST]e5f6")
	t.Setenv("AWS_REGION", "eu-west-1")
	f(map[string]any{
		"cloud.provider": "aws", "cloud.platform": "aws_lambda", "cloud.region": "eu-west-1", "faas.name": "orders", "faas.version": "$LATEST",
		"faas.max_memory": "128", "faas.instance": "2026/11/26/[$LATEST]e5f6",
		"aws.log.group.names": []any{"/aws/lambda/orders"}, "aws.log.stream.names": []any{"2026/11/26/[$LATEST]e5f6"},
	})
}

func TestEnv(t *testing.T) {
	nowhere(t)
	f := func(variable, text string, want map[string]any) {
		t.Helper()
		t.Setenv(variable, text)
		wantResource(t, text, run(t, nil).resource(nil), want) // env is what counts where nothing is said
		t.Setenv(variable, "")
	}
	f("OTEL_RESOURCE_ATTRIBUTES", "service.name=shop, team = blue%20sky ,empty=", map[string]any{"service.name": "shop", "team": "blue sky", "empty": ""})
	f("OTEL_RESOURCE", "a=1", map[string]any{"a": "1"})
	f("OTEL_RESOURCE_ATTRIBUTES", "a=x=y,nonsense,=z,b=100%", map[string]any{"a": "x=y", "b": "100%"})
}

func TestElasticBeanstalk(t *testing.T) {
	nowhere(t)
	wantResource(t, "elsewhere", run(t, map[string]any{"detectors": []any{"elastic_beanstalk"}}).resource(nil), map[string]any{})
	files := fstest.MapFS{"var/elasticbeanstalk/xray/environment.conf": {Data: []byte(`{"deployment_id":23,"version_label":"v1","environment_name":"BETA"}`)}}
	ask := fromLibrary(func(*Config) resource.Detector { return detect.ElasticBeanstalk{Files: files} })
	f := func(what string, more map[string]any) {
		t.Helper()
		m := pcommon.NewMap()
		if err := ask(t.Context(), nil, m); err != nil {
			t.Fatal(err)
		}
		wantResource(t, what, m.AsRaw(), with(map[string]any{"cloud.provider": "aws", "cloud.platform": "aws_elastic_beanstalk", "service.version": "v1"}, more))
	}
	former := map[string]any{"deployment.environment": "BETA", "service.instance.id": "23"}
	stable := map[string]any{"deployment.environment.name": "BETA", "deployment.id": "23"}
	f("its names", former)
	enable(t, stableDeployment)
	f("by both conventions", with(former, stable))
	enable(t, noFormerDeployment)
	f("by the stable ones", stable)
}

// TestGates_alone refuses a gate that would leave nothing.
func TestGates_alone(t *testing.T) {
	enable(t, noFormerDeployment)
	c := defaultConfig().(*Config)
	if err := c.Validate(); err != nil {
		t.Errorf("another detector: %v", err)
	}
	c.Detectors = []string{detectElasticBeanstalk}
	if err := c.Validate(); !errors.Is(err, errGates) {
		t.Errorf("%v, want %v", err, errGates)
	}
}

// enable turns a gate on until the test ends.
func enable(t *testing.T, gate *featuregate.Gate) {
	t.Helper()
	if err := featuregate.GlobalRegistry().Set(gate.ID(), true); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = featuregate.GlobalRegistry().Set(gate.ID(), false) })
}
