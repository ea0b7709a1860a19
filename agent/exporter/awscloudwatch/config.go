package awscloudwatch

import (
	"fmt"
	"maps"
	"slices"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/otel/attribute"

	"github.com/updraft-otel/updraft/agent/internal/awsclient"
	"github.com/updraft-otel/updraft/agent/internal/delivery"
	"github.com/updraft-otel/updraft/metrics"
)

// Config are the keys of the exporter.
type Config struct {
	awsclient.Settings `mapstructure:",squash"`
	delivery.Config    `mapstructure:",squash"`

	// Namespace is where CloudWatch files the metrics; "" means service.namespace/service.name of the resource, what there
	// is of it, or "default", as with awsemf.
	Namespace string `mapstructure:"namespace"`
	// Dimensions are added to every metric.
	Dimensions map[string]string `mapstructure:"dimensions"`
	// ResourceDimensions are the attributes of the resource that become dimensions; "*" means all.
	ResourceDimensions []string `mapstructure:"resource_dimensions"`
	// ScopeDimension is the name of a dimension that holds the instrumentation scope's name; "" means there is none.
	ScopeDimension string `mapstructure:"scope_dimension"`
	// MetricDeclarations choose, by metric, what is sent and by which dimensions.
	MetricDeclarations []MetricDeclaration `mapstructure:"metric_declarations"`
	// DeclaredOnly sends nothing that no declaration with dimensions or roll_up matches.
	DeclaredOnly bool `mapstructure:"declared_only"`
	// Resolution is 1 or 60 seconds; 0 leaves it to CloudWatch, which takes 60.
	Resolution int `mapstructure:"resolution"`
	// UnitsInNames puts a unit that CloudWatch does not have at the end of the metric's name.
	UnitsInNames bool `mapstructure:"units_in_names"`
	// DetailedMetrics sends each quantile of a summary as a metric.
	DetailedMetrics bool `mapstructure:"detailed_metrics"`
	// MaxSeries bounds the combinations of dimensions that one metric may have within an hour; negative means no bound.
	MaxSeries int `mapstructure:"max_series"`
}

// MetricDeclaration is metrics.Declaration, where its fields are explained.
type MetricDeclaration struct {
	Metrics         []string          `mapstructure:"metrics"`
	Labels          []LabelCondition  `mapstructure:"labels"`
	Deny            bool              `mapstructure:"deny"`
	AllowAttributes []string          `mapstructure:"allow_attributes"`
	DenyAttributes  []string          `mapstructure:"deny_attributes"`
	Rename          map[string]string `mapstructure:"rename"`
	Dimensions      [][]string        `mapstructure:"dimensions"`
	RollUp          string            `mapstructure:"roll_up"`
	Unit            string            `mapstructure:"unit"`
	OverwriteUnit   bool              `mapstructure:"overwrite_unit"`
	Resolution      int               `mapstructure:"resolution"`
}

// LabelCondition is metrics.LabelCondition.
type LabelCondition struct {
	Names     []string `mapstructure:"names"`
	Separator string   `mapstructure:"separator"`
	Pattern   string   `mapstructure:"pattern"`
}

const (
	// defaultBatchPoints is what the queue gathers for one push: the datums of ten calls. One goes after the other, since
	// increases follow from what comes one after the other.
	defaultBatchPoints = 10_000
	// defaultMaxSeries is of all applications together.
	defaultMaxSeries = 100_000
)

func defaultConfig() component.Config {
	return &Config{
		Settings:  awsclient.Default(),
		Config:    delivery.Default(delivery.Items(defaultBatchPoints)).InOrder(),
		MaxSeries: defaultMaxSeries,
	}
}

// Unmarshal reads the keys.
func (c *Config) Unmarshal(conf *confmap.Conf) error {
	c.CountAsWritten(conf)
	return conf.Unmarshal(c)
}

// Validate refuses what can never work.
func (c *Config) Validate() error {
	if _, err := metrics.NewDatumEncoder(c.encoding(), func(string, *metrics.Datum) {}); err != nil {
		return err
	}
	if n := len(c.Dimensions); n > metrics.MaxDimensions {
		return fmt.Errorf("there are %d dimensions; a metric has %d at most", n, metrics.MaxDimensions)
	}
	return c.Settings.Validate()
}

// encoding are the keys as the library has them.
func (c *Config) encoding() metrics.Config {
	e := metrics.Config{
		Namespace: c.Namespace, ScopeDimension: c.ScopeDimension, DeclaredOnly: c.DeclaredOnly, Resolution: c.Resolution,
		UnitsInNames: c.UnitsInNames, DetailedSummaries: c.DetailedMetrics, MaxSeries: c.MaxSeries,
	}
	if e.Namespace == "" {
		e.Namespace = noNamespace
	}
	for _, name := range slices.Sorted(maps.Keys(c.Dimensions)) {
		e.Dimensions = append(e.Dimensions, metrics.D(name, c.Dimensions[name]))
	}
	if len(c.ResourceDimensions) > 0 {
		all := slices.Contains(c.ResourceDimensions, "*")
		e.ResourceAttributes = func(key attribute.Key) bool { return all || slices.Contains(c.ResourceDimensions, string(key)) }
	}
	for _, d := range c.MetricDeclarations {
		e.Declarations = append(e.Declarations, d.declaration())
	}
	return e
}

func (d *MetricDeclaration) declaration() metrics.Declaration {
	labels := make([]metrics.LabelCondition, len(d.Labels))
	for i, l := range d.Labels {
		labels[i] = metrics.LabelCondition(l)
	}
	return metrics.Declaration{
		Metrics: d.Metrics, Labels: labels, Deny: d.Deny, AllowAttributes: d.AllowAttributes, DenyAttributes: d.DenyAttributes,
		Rename: d.Rename, Dimensions: d.Dimensions, RollUp: d.RollUp, Unit: d.Unit, OverwriteUnit: d.OverwriteUnit, Resolution: d.Resolution,
	}
}
