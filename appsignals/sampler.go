package appsignals

import (
	"fmt"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// AlwaysRecord returns a sampler that decides as s does, but has spans recorded
// that s drops: they are seen by span processors and sampled no more than
// before. What s adds to a span it still adds.
func AlwaysRecord(s sdktrace.Sampler) sdktrace.Sampler { return alwaysRecord{s} }

type alwaysRecord struct{ sampler sdktrace.Sampler }

func (a alwaysRecord) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	result := a.sampler.ShouldSample(p)
	if result.Decision == sdktrace.Drop {
		result.Decision = sdktrace.RecordOnly
	}
	return result
}

func (a alwaysRecord) Description() string {
	return fmt.Sprintf("AlwaysRecord{%s}", a.sampler.Description())
}
