package otlp

import (
	"errors"
	"fmt"
	"strings"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
)

// Variables of metrics alone.
// https://opentelemetry.io/docs/specs/otel/metrics/sdk_exporters/otlp/
const (
	envTemporality = general + "METRICS_TEMPORALITY_PREFERENCE"
	envHistogram   = general + "METRICS_DEFAULT_HISTOGRAM_AGGREGATION"
)

// MetricsSelectors returns what the standard variables say of how metrics are
// added up, as getenv reads them: OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE,
// which is cumulative, delta or lowmemory, and
// OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION, which is
// explicit_bucket_histogram or base2_exponential_bucket_histogram. A selector is
// nil where its variable says nothing. The error names the variable that makes
// no sense.
func MetricsSelectors(getenv func(string) string) (sdkmetric.TemporalitySelector, sdkmetric.AggregationSelector, error) {
	temporality, err := temporalityOf(strings.TrimSpace(getenv(envTemporality)))
	aggregation, err2 := aggregationOf(strings.TrimSpace(getenv(envHistogram)))
	return temporality, aggregation, errors.Join(err, err2)
}

func temporalityOf(v string) (sdkmetric.TemporalitySelector, error) {
	switch strings.ToLower(v) {
	case "":
		return nil, nil
	case "cumulative":
		return sdkmetric.CumulativeTemporalitySelector, nil
	case "delta":
		return sdkmetric.DeltaTemporalitySelector, nil
	case "lowmemory":
		return sdkmetric.LowMemoryTemporalitySelector, nil
	}
	return nil, fmt.Errorf("%s=%q: want cumulative, delta or lowmemory", envTemporality, v)
}

func aggregationOf(v string) (sdkmetric.AggregationSelector, error) {
	switch strings.ToLower(v) {
	case "":
		return nil, nil
	case "explicit_bucket_histogram":
		return sdkmetric.DefaultAggregationSelector, nil
	case "base2_exponential_bucket_histogram":
		return ExponentialHistograms, nil
	}
	return nil, fmt.Errorf("%s=%q: want explicit_bucket_histogram or base2_exponential_bucket_histogram", envHistogram, v)
}

// ExponentialHistograms is an aggregation selector: exponential histograms of
// OpenTelemetry's default size for instruments that are histograms, the SDK's
// default for the others.
// https://opentelemetry.io/docs/specs/otel/metrics/sdk/#base2-exponential-bucket-histogram-aggregation
func ExponentialHistograms(kind sdkmetric.InstrumentKind) sdkmetric.Aggregation {
	if kind == sdkmetric.InstrumentKindHistogram {
		return sdkmetric.AggregationBase2ExponentialHistogram{MaxSize: 160, MaxScale: 20}
	}
	return sdkmetric.DefaultAggregationSelector(kind)
}
