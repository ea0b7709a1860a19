package awsemf

import (
	"regexp"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.uber.org/zap"

	"github.com/updraft-otel/updraft/metrics"
)

// A MetricDeclaration says of the metrics it matches by which dimensions CloudWatch has them.
type MetricDeclaration struct {
	// Dimensions are dimension sets; one counts if the point has all of it.
	Dimensions [][]string `mapstructure:"dimensions"`
	// MetricNameSelectors are regular expressions, one of which must match somewhere in the name.
	MetricNameSelectors []string `mapstructure:"metric_name_selectors"`
	// LabelMatchers are conditions, one of which must hold, if there are any.
	LabelMatchers []LabelMatcher `mapstructure:"label_matchers"`
}

// A LabelMatcher holds if the values of the labels, joined by the separator, match.
type LabelMatcher struct {
	// LabelNames are attributes; one that is missing has an empty value.
	LabelNames []string `mapstructure:"label_names"`
	// Separator is ";" by default.
	Separator string `mapstructure:"separator"`
	// Regex must match somewhere in the values.
	Regex string `mapstructure:"regex"`
}

// A MetricDescriptor gives a metric a unit.
type MetricDescriptor struct {
	// MetricName is the metric's whole name.
	MetricName string `mapstructure:"metric_name"`
	// Unit is one of CloudWatch's.
	Unit string `mapstructure:"unit"`
	// Overwrite also takes the place of a unit that the metric has.
	Overwrite bool `mapstructure:"overwrite"`
}

// scopeDimension holds the name of the instrumentation scope, as with the collector's exporter.
const scopeDimension = "OTelLib"

// neverFits is a dimension set that no point has.
const neverFits = "\x00never"

// encoding is the keys as package metrics has them. Like the collector's exporter it does without a declaration or
// descriptor that says nothing, and warns of it.
func (c *Config) encoding(log *zap.Logger) metrics.Config {
	rollUp := c.rollUp(log)
	encoding := metrics.Config{
		Compat: c.Compat, Escaped: c.escaped(), ScopeDimension: scopeDimension, RetainFirst: c.RetainInitialValueOfDeltaMetric,
		DetailedSummaries: c.DetailedMetrics, JSONLabels: c.ParseJSONEncodedAttributeValues, MaxSeries: maxSeries,
		ResourceAttributes: func(attribute.Key) bool { return true }, // those that a target has
		OnProblem:          func(err error) { log.Warn("Dimensions or series are left out", zap.Error(err)) },
		Declarations:       c.units(log),
	}
	for i := range c.MetricDeclarations {
		if d, ok := c.MetricDeclarations[i].declaration(log); ok {
			d.RollUp = rollUp
			encoding.DeclaredOnly = true
			encoding.Declarations = append(encoding.Declarations, d)
		}
	}
	if !encoding.DeclaredOnly && rollUp != "" {
		encoding.Declarations = append(encoding.Declarations, metrics.Declaration{RollUp: rollUp})
	}
	return encoding
}

func (c *Config) rollUp(log *zap.Logger) string {
	switch c.DimensionRollupOption {
	case rollUpBoth:
		return metrics.RollUpZeroAndSingle
	case rollUpSingle:
		return metrics.RollUpSingle
	case rollUpNone:
	default:
		log.Warn("dimension_rollup_option is none that is known; "+rollUpNone+" is taken", zap.String("option", c.DimensionRollupOption))
	}
	return ""
}

// units are the descriptors.
func (c *Config) units(log *zap.Logger) []metrics.Declaration {
	var list []metrics.Declaration
	for _, d := range c.MetricDescriptors {
		switch {
		case d.MetricName == "":
		case d.Unit != metrics.UnitNone && metrics.Unit(d.Unit) != d.Unit:
			log.Warn("A metric descriptor is left out: its unit is none of CloudWatch's", zap.String("metric_name", d.MetricName), zap.String("unit", d.Unit))
		default:
			list = append(list, metrics.Declaration{
				Metrics: []string{"/^" + regexp.QuoteMeta(d.MetricName) + "$/"}, Unit: d.Unit, OverwriteUnit: d.Overwrite,
			})
		}
	}
	return list
}

// declaration is d as package metrics has it, and whether it says anything.
func (d *MetricDeclaration) declaration(log *zap.Logger) (metrics.Declaration, bool) {
	var to metrics.Declaration
	if len(d.MetricNameSelectors) == 0 {
		log.Warn("A metric declaration is left out: it has no metric_name_selectors")
		return to, false
	}
	for _, selector := range d.MetricNameSelectors {
		to.Metrics = append(to.Metrics, expression(selector))
	}
	for _, l := range d.LabelMatchers {
		if _, err := regexp.Compile(l.Regex); err != nil || l.Regex == "" || len(l.LabelNames) == 0 {
			log.Warn("A metric declaration is left out: a label matcher needs label_names and a regex", zap.Strings("metric_name_selectors", d.MetricNameSelectors), zap.Error(err))
			return to, false
		}
		to.Labels = append(to.Labels, metrics.LabelCondition{Names: l.LabelNames, Separator: l.Separator, Pattern: expression(l.Regex)})
	}
	for _, set := range d.Dimensions {
		if len(set) > metrics.MaxDimensions {
			log.Warn("A dimension set is left out: CloudWatch takes 30 dimensions", zap.String("dimensions", strings.Join(set, ", ")))
			continue
		}
		to.Dimensions = append(to.Dimensions, set)
	}
	if len(to.Dimensions) == 0 { // what is matched is written, and no metric made of it but what is rolled up
		to.Dimensions = [][]string{{neverFits}}
	}
	return to, true
}

// expression is a regular expression as a pattern of package metrics.
func expression(text string) string { return "/" + text + "/" }
