package agent

import (
	"os"
	"strings"
)

// A place is where the agent runs, as far as its configuration depends on it.
type place struct {
	what   string // for the operator
	config string // the built-in configuration
}

// signs tell a place: environment variables that its platform sets in every container or function.
var signs = []struct {
	variable string
	place    place
}{
	// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
	{"AWS_LAMBDA_RUNTIME_API", place{"Lambda", "lambda.yaml"}},
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4.html
	{"ECS_CONTAINER_METADATA_URI_V4", place{"an ECS task", "ecs.yaml"}},
	{"ECS_CONTAINER_METADATA_URI", place{"an ECS task", "ecs.yaml"}},
	// https://kubernetes.io/docs/tutorials/services/connect-applications-service/#environment-variables
	{"KUBERNETES_SERVICE_HOST", place{"Kubernetes", "eks.yaml"}},
}

// marksOfEC2 are files of the kernel's that name the machine's maker, and how they begin on EC2: the first on Nitro
// instances, the second on Xen.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/identify_ec2_instances.html
var marksOfEC2 = []struct{ path, begins string }{
	{"/sys/devices/virtual/dmi/id/sys_vendor", "Amazon EC2"},
	{"/sys/hypervisor/uuid", "ec2"},
}

// where looks where the agent runs. It asks no network.
func where() place {
	for _, s := range signs {
		if os.Getenv(s.variable) != "" {
			return s.place
		}
	}
	for _, m := range marksOfEC2 {
		if text, err := os.ReadFile(m.path); err == nil && strings.HasPrefix(string(text), m.begins) {
			return place{"an EC2 instance", "ec2.yaml"}
		}
	}
	return place{"no AWS platform", "laptop.yaml"}
}
