package xraydoc

import (
	"maps"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/featuregate"

	"github.com/updraft-otel/updraft/agent/internal/gate"
)

// The gates of the collector's awsxray receiver, which choose the names of HTTP attributes. By default they are those of
// before OpenTelemetry's conventions were stable.
// https://github.com/open-telemetry/opentelemetry-collector-contrib/blob/receiver/awsxrayreceiver/v0.158.0/receiver/awsxrayreceiver/metadata.yaml
var (
	stableNames = gate.Register("receiver.awsxray.EmitV1HttpConventions", featuregate.StageAlpha, "v0.158.0",
		"Has the awsxray receiver name HTTP attributes by the stable conventions.")
	noFormerNames = gate.Register("receiver.awsxray.DontEmitV0HttpConventions", featuregate.StageAlpha, "v0.158.0",
		"Has the awsxray receiver not name HTTP attributes by the conventions of before.")
)

// spoken are the members that spans have attributes of.
func spoken() [][]field {
	all := [][]field{otherFields}
	if !noFormerNames.IsEnabled() {
		all = append(all, formerHTTP)
	}
	if stableNames.IsEnabled() {
		all = append(all, stableHTTP)
	}
	return all
}

// isSpoken tells whether spans have this member by this name.
func isSpoken(f *field) bool {
	return slices.ContainsFunc(spoken(), func(fields []field) bool {
		return slices.ContainsFunc(fields, func(other field) bool { return other.attribute == f.attribute })
	})
}

// WithoutDots is a document whose annotations have underscores for dots in their keys. Of two that become the same the last
// one counts, in order of the alphabet.
func WithoutDots(doc []byte) []byte {
	o, err := decode(doc)
	if err != nil {
		return doc
	}
	annotations, _ := o["annotations"].(object)
	renamed := object{}
	for _, key := range slices.Sorted(maps.Keys(annotations)) {
		renamed[strings.ReplaceAll(key, ".", "_")] = annotations[key]
	}
	if len(renamed) == 0 {
		return doc
	}
	o["annotations"] = renamed
	return encode(o)
}
