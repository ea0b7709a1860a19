package awscloudwatch

import (
	"strings"
	"sync"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.uber.org/zap"

	"github.com/updraft-otel/updraft/agent/internal/encoded"
	"github.com/updraft-otel/updraft/agent/internal/pmetrics"
	"github.com/updraft-otel/updraft/metrics"
)

// noNamespace is where metrics go of a resource without a service's name.
const noNamespace = "default"

// An encoder makes datums of points, one push after the other: increases follow from the point before.
type encoder struct {
	mu      sync.Mutex
	data    *metrics.DatumEncoder
	reader  pmetrics.Reader
	items   *encoded.Items
	dropped map[string]int64
}

func newEncoder(c *Config, log *zap.Logger) (*encoder, error) {
	e := &encoder{dropped: map[string]int64{}}
	how := c.encoding()
	how.OnProblem = func(err error) { log.Warn("Dimensions or series are left out", zap.Error(err)) }
	var err error
	if e.data, err = metrics.NewDatumEncoder(how, e.add); err != nil {
		return nil, err
	}
	e.reader.Resource = pmetrics.NewResources(func(m pcommon.Map) *metrics.Resource {
		r := &metrics.Resource{Labels: pmetrics.Labels(m)}
		if c.Namespace == "" {
			r.Namespace = namespaceOf(m)
		}
		return r
	}).Of
	return e, nil
}

// encode appends the datums of md to items. It calls dropped for what was not taken as it came, and panicked for points that
// a panic was contained to.
func (e *encoder) encode(md pmetric.Metrics, items *encoded.Items, dropped func(reason string, n int), panicked func(n int, why error)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.items = items
	e.data.Begin()
	e.reader.Each(md, e.data.Add, func(n int, why error) {
		items.Cut()
		panicked(n, why)
	})
	e.items = nil
	for reason, n := range e.data.Dropped() {
		if more := n - e.dropped[reason]; more > 0 {
			e.dropped[reason] = n
			dropped(reason, int(more))
		}
	}
}

func (e *encoder) add(namespace string, d *metrics.Datum) {
	e.items.Data = metrics.AppendDatum(e.items.Data, d)
	at := int64(0)
	if !d.Time.IsZero() {
		at = d.Time.UnixMilli()
	}
	e.items.End(namespace, at)
}

// namespaceOf is a namespace for the metrics of a resource, "" where it names no service.
func namespaceOf(m pcommon.Map) string {
	var parts []string
	for _, key := range []string{"service.namespace", "service.name"} {
		if v, ok := m.Get(key); ok && v.Type() == pcommon.ValueTypeStr && v.Str() != "" {
			parts = append(parts, v.Str())
		}
	}
	return metrics.CleanNamespace(strings.Join(parts, "/"))
}
