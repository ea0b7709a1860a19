package bench

import (
	"regexp"

	"github.com/open-telemetry/opentelemetry-collector-contrib/exporter/awsemfexporter"
	"go.opentelemetry.io/otel/attribute"

	"github.com/updraft-otel/updraft/metrics"
)

// neverFits is a dimension set that no point has.
const neverFits = "\x00never"

// configOf is the awsemf exporter's settings as package metrics has them.
func configOf(c *awsemfexporter.Config) metrics.Config {
	ours := metrics.Config{
		Namespace: c.Namespace, Compat: true, ScopeDimension: "OTelLib", RetainFirst: c.RetainInitialValueOfDeltaMetric,
		DetailedSummaries: c.DetailedMetrics, JSONLabels: c.ParseJSONEncodedAttributeValues, DeclaredOnly: len(c.MetricDeclarations) > 0,
		MaxSeries: -1,
	}
	if c.ResourceToTelemetrySettings.Enabled {
		ours.ResourceAttributes = func(name attribute.Key) bool {
			return !c.ResourceToTelemetrySettings.ExcludeServiceAttributes ||
				name != "service.name" && name != "service.namespace" && name != "service.instance.id"
		}
	}
	rollUp := map[string]string{
		"ZeroAndSingleDimensionRollup": metrics.RollUpZeroAndSingle, "SingleDimensionRollupOnly": metrics.RollUpSingle,
	}[c.DimensionRollupOption]
	for _, d := range c.MetricDescriptors {
		ours.Declarations = append(ours.Declarations, metrics.Declaration{
			Metrics: []string{"/^" + regexp.QuoteMeta(d.MetricName) + "$/"}, Unit: d.Unit, OverwriteUnit: d.Overwrite,
		})
	}
	for _, d := range c.MetricDeclarations {
		one := metrics.Declaration{Dimensions: d.Dimensions, RollUp: rollUp}
		if len(one.Dimensions) == 0 {
			one.Dimensions = [][]string{{neverFits}}
		}
		for _, selector := range d.MetricNameSelectors {
			one.Metrics = append(one.Metrics, "/"+selector+"/")
		}
		for _, l := range d.LabelMatchers {
			one.Labels = append(one.Labels, metrics.LabelCondition{Names: l.LabelNames, Separator: l.Separator, Pattern: "/" + l.Regex + "/"})
		}
		ours.Declarations = append(ours.Declarations, one)
	}
	if len(c.MetricDeclarations) == 0 && rollUp != "" {
		ours.Declarations = append(ours.Declarations, metrics.Declaration{RollUp: rollUp})
	}
	return ours
}
