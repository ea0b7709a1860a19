package metrics

import (
	"fmt"
	"strings"
)

// EMFEnvironment is what the variables of AWS's libraries for the embedded metric
// format say.
type EMFEnvironment struct {
	Namespace     string // AWS_EMF_NAMESPACE
	AgentEndpoint string // AWS_EMF_AGENT_ENDPOINT, as tcp://127.0.0.1:25888
	LogGroup      string // AWS_EMF_LOG_GROUP_NAME; default: the service's name and "-metrics"
	LogStream     string // AWS_EMF_LOG_STREAM_NAME
	ServiceName   string // AWS_EMF_SERVICE_NAME
	ServiceType   string // AWS_EMF_SERVICE_TYPE
	NoMetrics     bool   // AWS_EMF_DISABLE_METRIC_EXTRACTION
	// Place is where lines go, of AWS_EMF_ENVIRONMENT: Local and Lambda are
	// standard output, Agent, EC2 and ECS an agent. "" where nothing is said.
	Place EMFPlace
}

// EMFPlace is where a process writes documents to.
type EMFPlace string

// Places.
const (
	EMFStdout EMFPlace = "stdout"
	EMFAgent  EMFPlace = "agent"
)

// ReadEMFEnvironment reads the variables by getenv, such as [os.Getenv]. An error
// names one that makes no sense, and counts as not set.
//
// https://github.com/awslabs/aws-embedded-metrics-python/blob/master/README.md#configuration
// https://github.com/awslabs/aws-embedded-metrics-node/blob/master/README.md#configuration
func ReadEMFEnvironment(getenv func(string) string) (EMFEnvironment, error) {
	e := EMFEnvironment{
		Namespace:     getenv("AWS_EMF_NAMESPACE"),
		AgentEndpoint: getenv("AWS_EMF_AGENT_ENDPOINT"),
		LogGroup:      getenv("AWS_EMF_LOG_GROUP_NAME"),
		LogStream:     getenv("AWS_EMF_LOG_STREAM_NAME"),
		ServiceName:   getenv("AWS_EMF_SERVICE_NAME"),
		ServiceType:   getenv("AWS_EMF_SERVICE_TYPE"),
		NoMetrics:     strings.EqualFold(getenv("AWS_EMF_DISABLE_METRIC_EXTRACTION"), "true"),
	}
	if e.LogGroup == "" && e.ServiceName != "" {
		e.LogGroup = e.ServiceName + "-metrics"
	}
	switch name := getenv("AWS_EMF_ENVIRONMENT"); strings.ToLower(name) {
	case "":
	case "local", "lambda":
		e.Place = EMFStdout
	case "agent", "ec2", "ecs", "default":
		e.Place = EMFAgent
	default:
		return e, fmt.Errorf("AWS_EMF_ENVIRONMENT=%q is none of Local, Lambda, Agent, EC2, ECS, Default", name)
	}
	return e, nil
}
