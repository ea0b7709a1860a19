package updraft

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/updraft-otel/updraft/sampling"
)

// A Report says what [Start] chose and why, and how each signal fares.
type Report struct {
	Service  string         `json:"service"`
	Choices  []Choice       `json:"choices"`
	Signals  []SignalReport `json:"signals"`
	Problems []string       `json:"problems,omitempty"` // set-up errors
	// Sampling is the state of the sampler, where it decides by rules.
	Sampling *sampling.Report `json:"sampling,omitempty"`
}

// A SignalReport is the state of one exporter of one signal. Counts are of
// spans, of log events, or of metric datums.
type SignalReport struct {
	Signal    string `json:"signal"`   // "traces", "metrics" or "logs"
	Exporter  string `json:"exporter"` // as in OTEL_TRACES_EXPORTER
	Endpoint  string `json:"endpoint,omitempty"`
	Accepted  int64  `json:"accepted"`
	Delivered int64  `json:"delivered"`
	Queued    int64  `json:"queued"`
	Retries   int64  `json:"retries"`
	// Spooled is how many of those queued are on disk; Restored is how many an
	// earlier process left there, counted as accepted too.
	Spooled  int64 `json:"spooled,omitempty"`
	Restored int64 `json:"restored,omitempty"`
	// Throttled is how many attempts AWS asked to slow down for.
	Throttled int64 `json:"throttled"`
	// PossibleDuplicates were sent again after a call whose answer was lost.
	PossibleDuplicates int64            `json:"possibleDuplicates"`
	Dropped            map[string]int64 `json:"dropped,omitempty"` // by reason
	LastError          string           `json:"lastError,omitempty"`
	// Warning is the last that a receiver said of a request it took whole.
	Warning string `json:"warning,omitempty"`
}

// DroppedTotal is how many were dropped, for whatever reason.
func (s SignalReport) DroppedTotal() int64 {
	var total int64
	for _, n := range s.Dropped {
		total += n
	}
	return total
}

// String is the report for people to read, several lines.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "updraft: telemetry of %q\n", r.Service)
	for _, c := range r.Choices {
		fmt.Fprintf(&b, "  %-22s %s (%s)\n", c.Setting, c.Value, c.Source)
	}
	for _, s := range r.Signals {
		fmt.Fprintf(&b, "  %-8s %s", s.Signal, s.Exporter)
		if s.Endpoint != "" {
			fmt.Fprintf(&b, " to %s", s.Endpoint)
		}
		fmt.Fprintf(&b, ": accepted %d, delivered %d, queued %d, retries %d", s.Accepted, s.Delivered, s.Queued, s.Retries)
		if s.Spooled > 0 {
			fmt.Fprintf(&b, ", on disk %d", s.Spooled)
		}
		if s.Restored > 0 {
			fmt.Fprintf(&b, ", restored %d", s.Restored)
		}
		if s.Throttled > 0 {
			fmt.Fprintf(&b, ", throttled %d", s.Throttled)
		}
		if s.PossibleDuplicates > 0 {
			fmt.Fprintf(&b, ", possible duplicates %d", s.PossibleDuplicates)
		}
		for _, reason := range slices.Sorted(maps.Keys(s.Dropped)) {
			fmt.Fprintf(&b, ", dropped %d (%s)", s.Dropped[reason], reason)
		}
		if s.LastError != "" {
			fmt.Fprintf(&b, ", last error: %s", s.LastError)
		}
		if s.Warning != "" {
			fmt.Fprintf(&b, ", the receiver warns: %s", s.Warning)
		}
		b.WriteByte('\n')
	}
	if r.Sampling != nil {
		for line := range strings.Lines(r.Sampling.String()) {
			b.WriteString("  sampling " + line)
		}
	}
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "  problem: %s\n", p)
	}
	return b.String()
}
