package detect

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"strconv"

	"go.opentelemetry.io/otel/sdk/resource"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
)

// ElasticBeanstalk reads what Elastic Beanstalk writes on instances of environments where X-Ray is enabled.
// https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/environment-configuration-debugging.html
type ElasticBeanstalk struct {
	// Files is the root of the file system. Default: the machine's.
	Files fs.FS
}

var _ resource.Detector = ElasticBeanstalk{}

// beanstalkFiles are the file's places, on Linux and on Windows, where the root is that of the current drive.
var beanstalkFiles = [...]string{"var/elasticbeanstalk/xray/environment.conf", "Program Files/Amazon/XRay/environment.conf"}

// Detect asks no network.
func (d ElasticBeanstalk) Detect(context.Context) (*resource.Resource, error) {
	for _, path := range beanstalkFiles {
		text, err := fs.ReadFile(orRoot(d.Files), path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return attributes{}.result("Elastic Beanstalk", err)
		}
		return beanstalk(text)
	}
	return resource.Empty(), nil
}

func beanstalk(text []byte) (*resource.Resource, error) {
	var said struct {
		Deployment  int64  `json:"deployment_id"`
		Version     string `json:"version_label"`
		Environment string `json:"environment_name"`
	}
	if err := json.Unmarshal(text, &said); err != nil {
		return attributes{}.result("Elastic Beanstalk", err)
	}
	a := attributes{semconv.CloudProviderAWS, semconv.CloudPlatformAWSElasticBeanstalk}
	a.put(semconv.ServiceInstanceIDKey, strconv.FormatInt(said.Deployment, 10))
	a.put(semconv.DeploymentEnvironmentNameKey, said.Environment)
	a.put(semconv.ServiceVersionKey, said.Version)
	return a.result("Elastic Beanstalk", nil)
}
