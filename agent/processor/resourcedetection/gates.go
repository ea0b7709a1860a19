package resourcedetection

import (
	"errors"

	"go.opentelemetry.io/collector/featuregate"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/updraft-otel/updraft/agent/internal/gate"
)

// The gates of the collector's processor for the detectors that are here.
// https://github.com/open-telemetry/opentelemetry-collector-contrib/blob/processor/resourcedetectionprocessor/v0.159.0/processor/resourcedetectionprocessor/internal/aws/elasticbeanstalk/metadata.yaml
var (
	stableDeployment = gate.Register("processor.resourcedetection.elasticbeanstalk.EmitV1DeploymentConventions", featuregate.StageAlpha, "v0.159.0",
		"Has the detector elastic_beanstalk say deployment.environment.name and deployment.id.")
	noFormerDeployment = gate.Register("processor.resourcedetection.elasticbeanstalk.DontEmitV0DeploymentConventions", featuregate.StageAlpha, "v0.159.0",
		"Has the detector elastic_beanstalk not say deployment.environment and service.instance.id; needs EmitV1DeploymentConventions.")
)

var errGates = errors.New("the feature gate " + noFormerDeployment.ID() + " leaves nothing without " + stableDeployment.ID() + "; enable both")

// checkGates refuses gates that exclude each other.
func checkGates() error {
	if noFormerDeployment.IsEnabled() && !stableDeployment.IsEnabled() {
		return errGates
	}
	return nil
}

// putDeployment sets an attribute of a deployment of Elastic Beanstalk by the names that the gates choose.
func putDeployment(m pcommon.Map, former, stable, value string) {
	if !noFormerDeployment.IsEnabled() {
		put(m, former, value)
	}
	if stableDeployment.IsEnabled() {
		put(m, stable, value)
	}
}
