package awsemf

import (
	"sync"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.uber.org/zap"

	"github.com/updraft-otel/updraft/agent/internal/attrkey"
	"github.com/updraft-otel/updraft/agent/internal/encoded"
	"github.com/updraft-otel/updraft/agent/internal/pmetrics"
	"github.com/updraft-otel/updraft/metrics"
)

// An encoder makes documents of points, one push after the other: increases follow from the point before.
type encoder struct {
	before     bool // in the format before _aws
	kubernetes bool
	known      attrkey.Cache[*target]

	mu      sync.Mutex
	emf     *metrics.EMFEncoder
	reader  pmetrics.Reader
	target  *target
	items   *encoded.Items
	dropped map[string]int64
}

func newEncoder(c *Config, targets *targets, log *zap.Logger) (*encoder, error) {
	emf, err := metrics.NewEMFEncoder(c.encoding(log))
	if err != nil {
		return nil, err
	}
	e := &encoder{emf: emf, before: c.Version == versionBefore, kubernetes: c.EKSFargateContainerInsightsEnabled, dropped: map[string]int64{}}
	e.known.New = targets.new
	e.reader = pmetrics.Reader{ZeroUnknown: c.Compat, Resource: e.resource}
	return e, nil
}

// encode appends the documents of md to l, and calls dropped for what was not written as it came.
func (e *encoder) encode(md pmetric.Metrics, l *encoded.Items, dropped func(reason string, n int)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.items = l
	e.reader.Each(md, e.add)
	e.emf.Lines(e.line)
	e.items, e.target = nil, nil
	for reason, n := range e.emf.Dropped() {
		if more := n - e.dropped[reason]; more > 0 {
			e.dropped[reason] = n
			dropped(reason, int(more))
		}
	}
}

func (e *encoder) resource(m pcommon.Map) *metrics.Resource {
	e.target = e.known.Of(m)
	return e.target.resource
}

func (e *encoder) add(m *metrics.Metric, p *metrics.Point) {
	m.Resource = e.target.with(p.Labels)
	if e.kubernetes {
		p.Labels = withKubernetes(p.Labels, e.target.resource.Labels)
	}
	if e.before {
		rename(p.Labels)
	}
	e.emf.Add(m, p)
}

// rename gives labels that would stand in the place of a member of version 0 another name, as package metrics does with _aws.
func rename(labels []metrics.Label) {
	for i := range labels {
		switch labels[i].Name {
		case memberVersion, memberTimestamp, memberDirectives:
			labels[i].Name += ".attribute"
		}
	}
}

func (e *encoder) line(key string, at time.Time, document []byte) {
	millis := at.UnixMilli()
	if e.before {
		e.items.Data = appendBefore(e.items.Data, document, millis)
	} else {
		e.items.Data = append(e.items.Data, document...)
	}
	e.items.End(key, millis)
}
