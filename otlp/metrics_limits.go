package otlp

import (
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
)

// Limits of CloudWatch's endpoint for metrics. It refuses a request for one
// data point that is over a limit, or leaves that one out; what is given in KB
// and MB is read as the smaller number.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-OTLPEndpoint.html
const (
	MaxMetricsBytes       = 1_000_000 // of a request before compression
	MaxMetricsPoints      = 1_000     // of a request, over all its metrics
	MaxMetricsLabels      = 150       // of a point: attributes of resource, scope and point
	MaxMetricsLabelBytes  = 40_000    // of a point: names and values of the same
	MaxMetricsPointFuture = 10 * time.Minute
	MaxMetricsPointAge    = 14 * 24 * time.Hour
)

// Reasons of [MetricExporter.Dropped]; all but DropClosed are of points that
// CloudWatch's endpoint would refuse.
const (
	// DropLabels counts points with more labels than MaxMetricsLabels.
	DropLabels = "labels"
	// DropLabelBytes counts points with longer labels than MaxMetricsLabelBytes.
	DropLabelBytes = "label_bytes"
	// DropTooOld counts points older than MaxMetricsPointAge.
	DropTooOld = "too_old"
	// DropTooNew counts points further in the future than MaxMetricsPointFuture.
	DropTooNew = "too_new"
	// DropClosed counts points that came after Shutdown.
	DropClosed = "closed"
)

// metricLimits counts out the points that CloudWatch would refuse.
type metricLimits struct {
	now     func() time.Time
	dropped map[string]int64
}

// labelCounts is how many labels there are and how many bytes they have.
type labelCounts struct{ labels, bytes int }

func (c labelCounts) plus(set *attribute.Set) labelCounts {
	c.labels += set.Len()
	for i := range set.Len() {
		kv, _ := set.Get(i)
		c.bytes += len(kv.Key) + valueLen(&kv.Value)
	}
	return c
}

// valueLen is how long a value is as text, at least.
func valueLen(v *attribute.Value) int {
	switch v.Type() {
	case attribute.STRING:
		return len(v.AsString())
	case attribute.BOOL:
		return len("false")
	case attribute.INT64, attribute.FLOAT64:
		return maxNumberLen
	}
	return len(v.String())
}

// maxNumberLen is the longest text of a number.
const maxNumberLen = 24

// inherited is what every point of a scope has.
func (l *metricLimits) inherited(r *resource.Resource, s *Scope) labelCounts {
	return labelCounts{}.plus(r.Set()).plus(&s.Attributes)
}

// allow reports whether CloudWatch takes a point, and counts it if not.
func (l *metricLimits) allow(inherited *labelCounts, at time.Time, attributes *attribute.Set) bool {
	counts := inherited.plus(attributes)
	now := l.now()
	var reason string
	switch {
	case counts.labels > MaxMetricsLabels:
		reason = DropLabels
	case counts.bytes > MaxMetricsLabelBytes:
		reason = DropLabelBytes
	case now.Sub(at) > MaxMetricsPointAge:
		reason = DropTooOld
	case at.Sub(now) > MaxMetricsPointFuture:
		reason = DropTooNew
	default:
		return true
	}
	l.dropped[reason]++
	return false
}
