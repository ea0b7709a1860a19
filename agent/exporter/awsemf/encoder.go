package awsemf

import (
	"sync"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.uber.org/zap"

	"github.com/updraft-otel/updraft/agent/internal/attrkey"
	"github.com/updraft-otel/updraft/agent/internal/contain"
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
	new     func() (*metrics.EMFEncoder, error)
	emf     *metrics.EMFEncoder
	reader  pmetrics.Reader
	target  *target
	items   *encoded.Items
	dropped map[string]int64
}

func newEncoder(c *Config, targets *targets, log *zap.Logger) (*encoder, error) {
	e := &encoder{before: c.Version == versionBefore, kubernetes: c.EKSFargateContainerInsightsEnabled, dropped: map[string]int64{}}
	e.new = func() (*metrics.EMFEncoder, error) { return metrics.NewEMFEncoder(c.encoding(log)) }
	var err error
	if e.emf, err = e.new(); err != nil {
		return nil, err
	}
	e.known.New = targets.new
	e.reader = pmetrics.Reader{ZeroUnknown: c.Compat, Resource: e.resource}
	return e, nil
}

// encode appends the documents of md to l. It calls dropped for what was not written as it came, and panicked for points that
// a panic was contained to.
func (e *encoder) encode(md pmetric.Metrics, l *encoded.Items, dropped func(reason string, n int), panicked func(n int, why error)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.items = l
	e.reader.Each(md, e.add, panicked)
	if err := contain.Call(func() { e.emf.Lines(e.line) }); err != nil {
		panicked(md.DataPointCount(), err) // at most: some are written
		e.startAnew()
	}
	e.items, e.target = nil, nil
	for reason, n := range e.emf.Dropped() {
		if more := n - e.dropped[reason]; more > 0 {
			e.dropped[reason] = n
			dropped(reason, int(more))
		}
	}
}

// startAnew forgets what is to be written, and with it the points before, so that the next increase of each is not known.
func (e *encoder) startAnew() {
	e.items.Cut()
	if emf, err := e.new(); err == nil { // as it was at the first time
		e.emf = emf
		clear(e.dropped)
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
