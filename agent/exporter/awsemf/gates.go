package awsemf

import (
	"go.opentelemetry.io/collector/featuregate"

	"github.com/updraft-otel/updraft/agent/internal/gate"
)

// noRollup is the gate of the collector's exporter that changes a default.
// https://github.com/open-telemetry/opentelemetry-collector-contrib/blob/exporter/awsemfexporter/v0.158.0/exporter/awsemfexporter/metadata.yaml
var noRollup = gate.Register("awsemf.nodimrollupdefault", featuregate.StageAlpha, "v0.83.0",
	"Has dimension_rollup_option be "+rollUpNone+" where the configuration of awsemf says nothing.")

func defaultRollup() string {
	if noRollup.IsEnabled() {
		return rollUpNone
	}
	return rollUpBoth
}
