package metrics

import (
	"time"

	"go.opentelemetry.io/otel/attribute"
)

// Limits of the embedded metric format.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
const (
	// MaxDocumentMetrics is the most metrics of one directive.
	MaxDocumentMetrics = 100
	// MaxDocumentValues is the most members of a metric's list of values.
	MaxDocumentValues = 100
	// MaxDocumentNameBytes is the longest name of a dimension. Names of
	// metrics may be longer here, but not in CloudWatch: see MaxNameBytes.
	MaxDocumentNameBytes = 250
	// MaxDocumentBytes is the longest document: an event of CloudWatch Logs
	// has 1 MB, of which 26 bytes are counted for itself.
	// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
	MaxDocumentBytes = 1<<20 - 26
)

// Document is one log event in CloudWatch's embedded metric format, from which
// CloudWatch makes metrics: one for each metric and dimension set.
//
// AppendEMF writes it as it is; a Splitter cuts it to AWS's limits.
type Document struct {
	// Time is the time of the measurements, to the millisecond.
	Time time.Time
	// Namespace is where CloudWatch files the metrics, see CleanNamespace.
	Namespace string
	// Dimensions are sets of names out of Labels; each makes metrics of its
	// own, which CloudWatch bills. Without any, the metrics have no dimensions.
	Dimensions [][]string
	// Labels are what dimension sets may name, with CleanName and CleanValue
	// applied; others are text to search for.
	Labels []Label
	// Properties are further members, to search for.
	Properties []Property
	// Metrics are the measurements.
	Metrics []DocumentMetric

	form       form   // of what is written, and of what follows
	labelsJSON []byte // Labels as members, or nil
	opening    []byte // of the directive of Dimensions, or nil
}

// Property is a member of a Document that is neither dimension nor metric.
type Property struct {
	// Name is the member's name.
	Name string
	// Value is written as JSON, unless JSON is set.
	Value attribute.Value
	// JSON is written as it is. It must be one value, on one line.
	JSON []byte
}

// DocumentMetric is a measurement in a Document: Values, with or without their
// Counts, or Statistics, or else the single Value.
type DocumentMetric struct {
	// Name is the metric's name; in one document each stands once.
	Name string
	// Unit is one of CloudWatch's units, see Unit; empty leaves it out.
	Unit string
	// Resolution is HighResolution or StandardResolution; zero leaves it out.
	Resolution int
	// Value is the one value, unless Values or Statistics is set.
	Value float64
	// Values and Counts say how often each value was seen. Without Counts
	// each was seen once.
	Values, Counts []float64
	// Statistics sums up values that are not at hand one by one. Beside
	// Values with Counts, it replaces what follows from those.
	Statistics *Statistics
	// Dimensions, unless nil, replace the document's. If empty, the value is
	// written, and no metric made of it.
	Dimensions [][]string

	texts     *metricTexts // of Name, Unit and Resolution, or nil
	directive uint32       // metrics of different ones share none
}
