package awsxray

import (
	"encoding/binary"
	"errors"
	"time"

	"go.opentelemetry.io/collector/featuregate"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/updraft-otel/updraft/agent/internal/gate"
)

// The gates of the collector's exporter. Both are on unless somebody turns them off, which restores what it did years ago.
// https://github.com/open-telemetry/opentelemetry-collector-contrib/blob/exporter/awsxrayexporter/v0.159.0/exporter/awsxrayexporter/metadata.yaml
var (
	anyTraceTime = gate.Register("exporter.awsxray.skiptimestampvalidation", featuregate.StageBeta, "v0.84.0",
		"Has awsxray send spans whatever time their trace ids begin with; off, it refuses those older than 28 days or more than 5 minutes in the future.")
	dotsInKeys = gate.Register("exporter.xray.allowDot", featuregate.StageBeta, "v0.97.0",
		"Has awsxray leave dots in the keys of annotations; off, they become underscores.")
)

// The times that trace ids may begin with where anyTraceTime is off; those of the collector's exporter.
const (
	maxTraceAge  = 28 * 24 * time.Hour
	maxTraceSkew = 5 * time.Minute
)

// errTraceTime and its reason are why such a span is not sent.
var errTraceTime = errors.New("the time in the trace id is older than 28 days or in the future; the feature gate exporter.awsxray.skiptimestampvalidation, which is off, lets it pass")

const reasonTraceTime = "trace_time"

// timely tells whether a trace id begins with a time that is neither long ago nor to come.
func timely(id pcommon.TraceID, now time.Time) bool {
	age := now.Sub(time.Unix(int64(binary.BigEndian.Uint32(id[:4])), 0))
	return age <= maxTraceAge && age >= -maxTraceSkew
}
