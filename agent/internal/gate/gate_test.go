package gate

import (
	"testing"

	"go.opentelemetry.io/collector/featuregate"
)

// TestRegister finds a gate that the collector's own component has registered.
func TestRegister(t *testing.T) {
	all := featuregate.NewRegistry()
	theirs := all.MustRegister("exporter.x.y", featuregate.StageAlpha)
	if ours := register(all, "exporter.x.y", featuregate.StageBeta, "v0.1.0", "d"); ours != theirs {
		t.Errorf("%v, want the one that is there", ours)
	}
	other := register(all, "exporter.x.z", featuregate.StageBeta, "v0.1.0", "d")
	if err := all.Set("exporter.x.z", false); err != nil || other.IsEnabled() {
		t.Errorf("%v, enabled: %v", err, other.IsEnabled())
	}
}
