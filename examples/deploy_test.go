package examples

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile("../deploy/" + path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// strict decodes JSON into v and knows every member of it.
func strict(t *testing.T, path string, v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(read(t, path)))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		t.Fatalf("%s: something follows", path)
	}
}

// TestTaskDefinition holds the task definition to AWS's types, and to the rules
// that the types do not have.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
func TestTaskDefinition(t *testing.T) {
	var task ecs.RegisterTaskDefinitionInput
	strict(t, "ecs/task-definition.json", &task)
	if task.NetworkMode != types.NetworkModeAwsvpc || !slices.Contains(task.NetworkMode.Values(), task.NetworkMode) || *task.TaskRoleArn == *task.ExecutionRoleArn {
		t.Errorf("network mode %s, roles %s and %s", task.NetworkMode, *task.TaskRoleArn, *task.ExecutionRoleArn)
	}
	for _, c := range task.RequiresCompatibilities {
		if !slices.Contains(c.Values(), c) {
			t.Errorf("no such compatibility: %s", c)
		}
	}
	memory, err := strconv.Atoi(*task.Memory)
	if err != nil || *task.Cpu != "512" || memory%1024 != 0 {
		t.Errorf("Fargate has no %s CPU units with %s MiB", *task.Cpu, *task.Memory)
	}
	stop := map[string]int32{}
	for _, c := range task.ContainerDefinitions {
		stop[*c.Name] = *c.StopTimeout
		checkContainer(t, &c, task.ContainerDefinitions)
	}
	if stop["agent"] <= stop["app"] || stop["agent"] > 120 {
		t.Errorf("the agent has %d s to stop, the application %d", stop["agent"], stop["app"])
	}
	agent := container(t, task.ContainerDefinitions, "agent")
	var ports []string
	for _, p := range agent.PortMappings {
		ports = append(ports, strconv.Itoa(int(*p.ContainerPort))+"/"+string(p.Protocol))
	}
	if got := strings.Join(ports, " "); got != "4317/tcp 4318/tcp 2000/udp 2000/tcp" {
		t.Errorf("the agent listens on %s", got)
	}
}

func container(t *testing.T, all []types.ContainerDefinition, name string) *types.ContainerDefinition {
	t.Helper()
	for i := range all {
		if *all[i].Name == name {
			return &all[i]
		}
	}
	t.Fatalf("there is no container %s", name)
	return nil
}

func checkContainer(t *testing.T, c *types.ContainerDefinition, all []types.ContainerDefinition) {
	t.Helper()
	if h := c.HealthCheck; h.Command[0] != "CMD" || *h.Interval < 5 || *h.Interval > 300 || *h.Timeout < 2 || *h.Timeout > 60 || *h.Retries < 1 || *h.Retries > 10 {
		t.Errorf("%s: health check %+v", *c.Name, *h)
	}
	if strings.HasSuffix(*c.Image, ":latest") || !strings.Contains(*c.Image, ":") {
		t.Errorf("%s: image %s has no version", *c.Name, *c.Image)
	}
	if *c.User == "" || strings.HasPrefix(*c.User, "0") {
		t.Errorf("%s runs as root", *c.Name)
	}
	for _, d := range c.DependsOn {
		container(t, all, *d.ContainerName)
	}
	log := c.LogConfiguration
	if !slices.Contains(log.LogDriver.Values(), log.LogDriver) || log.Options["awslogs-stream-prefix"] == "" || log.Options["awslogs-region"] == "" {
		t.Errorf("%s: logs %+v", *c.Name, *log)
	}
	for _, e := range c.Environment {
		if *e.Name == "OTEL_EXPORTER_OTLP_ENDPOINT" && !strings.HasPrefix(*e.Value, "http://") {
			t.Errorf("%s: an endpoint without a scheme: %s", *c.Name, *e.Value)
		}
	}
}

// TestKubernetes decodes the manifests strictly into Kubernetes' own types.
func TestKubernetes(t *testing.T) {
	kinds := map[string]func() any{
		"Namespace": func() any { return &corev1.Namespace{} }, "ServiceAccount": func() any { return &corev1.ServiceAccount{} },
		"ConfigMap": func() any { return &corev1.ConfigMap{} }, "Deployment": func() any { return &appsv1.Deployment{} },
		"Service": func() any { return &corev1.Service{} },
	}
	seen := map[string]any{}
	for _, text := range strings.Split(string(read(t, "eks/deployment.yaml")), "\n---\n") {
		var kind struct{ Kind string }
		if err := yaml.Unmarshal([]byte(text), &kind); err != nil {
			t.Fatal(err)
		}
		made := kinds[kind.Kind]
		if made == nil {
			t.Fatalf("no such kind: %q", kind.Kind)
		}
		object := made()
		if err := yaml.UnmarshalStrict([]byte(text), object); err != nil {
			t.Errorf("%s: %v", kind.Kind, err)
		}
		seen[kind.Kind] = object
	}
	if len(seen) != len(kinds) {
		t.Fatalf("there are %d objects, want %d", len(seen), len(kinds))
	}
	deployment, service := seen["Deployment"].(*appsv1.Deployment), seen["Service"].(*corev1.Service)
	pod := deployment.Spec.Template
	for key, value := range service.Spec.Selector {
		if pod.Labels[key] != value || deployment.Spec.Selector.MatchLabels[key] != value {
			t.Errorf("the service selects %s=%s, the pod has %v", key, value, pod.Labels)
		}
	}
	agent := pod.Spec.InitContainers[0]
	if agent.RestartPolicy == nil || *agent.RestartPolicy != corev1.ContainerRestartPolicyAlways {
		t.Error("the agent is no sidecar")
	}
	for _, c := range append(pod.Spec.Containers, pod.Spec.InitContainers...) {
		security := c.SecurityContext
		if *security.AllowPrivilegeEscalation || !*security.ReadOnlyRootFilesystem || !slices.Contains(security.Capabilities.Drop, "ALL") || strings.HasSuffix(c.Image, ":latest") {
			t.Errorf("%s: %+v, image %s", c.Name, security, c.Image)
		}
	}
	if pod.Spec.ServiceAccountName != seen["ServiceAccount"].(*corev1.ServiceAccount).Name || pod.Spec.Volumes[0].ConfigMap.Name != seen["ConfigMap"].(*corev1.ConfigMap).Name {
		t.Error("the pod names another service account or configuration")
	}
}

// A policy is IAM's.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
type policy struct {
	Version   string
	Statement []struct {
		Sid, Effect string
		Principal   map[string]any
		Action      any
		Resource    any
		Condition   map[string]map[string]string
	}
}

func TestPolicies(t *testing.T) {
	f := func(path string, trust bool, actions ...string) {
		t.Helper()
		var p policy
		strict(t, "iam/"+path, &p)
		var got []string
		for _, s := range p.Statement {
			if s.Effect != "Allow" || (s.Principal != nil) != trust || (s.Resource == nil) != trust {
				t.Errorf("%s: %+v", path, s)
			}
			if trust && len(s.Condition) == 0 {
				t.Errorf("%s: anybody's deputy", path)
			}
			for _, a := range list(s.Action) {
				if strings.Contains(a, "*") {
					t.Errorf("%s allows %s", path, a)
				}
				// Only calls without resource types have no narrower resource.
				if wide := slices.Contains(list(s.Resource), "*"); wide && !strings.HasPrefix(a, "xray:") && a != "ecr:GetAuthorizationToken" {
					t.Errorf("%s allows %s on everything", path, a)
				}
				got = append(got, a)
			}
		}
		if p.Version != "2012-10-17" || !slices.Equal(got, actions) {
			t.Errorf("%s: version %s, actions %q", path, p.Version, got)
		}
	}
	f("agent-policy.json", false, "xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets",
		"logs:PutLogEvents", "logs:CreateLogStream", "logs:CreateLogGroup")
	f("ecs-execution-policy.json", false, "ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage",
		"logs:CreateLogStream", "logs:PutLogEvents")
	f("lambda-policy.json", false, "xray:PutTraceSegments", "xray:PutTelemetryRecords", "logs:CreateLogStream", "logs:PutLogEvents")
	f("ecs-trust-policy.json", true, "sts:AssumeRole")
	f("eks-trust-policy.json", true, "sts:AssumeRoleWithWebIdentity")
	f("lambda-trust-policy.json", true, "sts:AssumeRole")
}

func list(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, e := range v {
			s, _ := e.(string)
			all = append(all, s)
		}
		return all
	}
	return nil
}
