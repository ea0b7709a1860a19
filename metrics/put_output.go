package metrics

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// flush hands what the shards have over to the outputs.
func (r *Recorder) flush(what taking) {
	o := &r.outputs
	o.mu.Lock()
	defer o.mu.Unlock()
	now := r.config.Now()
	o.minutes = o.minutes[:0]
	from := make([]int, 0, len(r.shards)) // where each shard's begin
	for _, s := range r.shards {
		from = append(from, len(o.minutes))
		o.minutes = s.take(o.minutes, what, now.Unix(), r.registry.leave)
	}
	if len(o.minutes) == 0 {
		return
	}
	o.join()
	for _, one := range o.each {
		one.write(o.minutes, o.order, now)
	}
	for i, s := range r.shards {
		end := len(o.minutes)
		if i+1 < len(from) {
			end = from[i+1]
		}
		s.give(o.minutes[from[i]:end])
	}
	clear(o.minutes)
}

// outputs are where minutes go.
type outputs struct {
	mu      sync.Mutex // guards what follows, and each output
	each    []*output
	minutes []minute // of all shards
	joined  map[place]int
	order   []int // of minutes that leave
}

type place struct {
	*handSeries
	slot int64
}

// join makes one of the minutes that shards have of the same.
func (o *outputs) join() {
	if o.joined == nil {
		o.joined = map[place]int{}
	}
	clear(o.joined)
	o.order = o.order[:0]
	for i := range o.minutes {
		m := &o.minutes[i]
		at := place{m.handSeries, m.slot}
		if first, ok := o.joined[at]; ok {
			o.minutes[first].values.merge(&m.values)
			continue
		}
		o.joined[at] = i
		o.order = append(o.order, i)
	}
	slices.SortFunc(o.order, func(a, b int) int {
		x, y := &o.minutes[a], &o.minutes[b]
		return cmp.Or(x.time().Compare(y.time()), strings.Compare(x.group, y.group), strings.Compare(x.metric, y.metric),
			strings.Compare(x.sentUnit, y.sentUnit), cmp.Compare(x.resolution, y.resolution))
	})
}

func (o *outputs) do(one func(*output) error) error {
	var errs []error
	for _, to := range o.each {
		errs = append(errs, one(to))
	}
	return errors.Join(errs...)
}

// dropped counts what outputs could not hand over.
func (o *outputs) dropped() map[string]int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := map[string]int64{}
	for _, one := range o.each {
		for reason, n := range one.splitter.dropped {
			all[reason] += n
		}
	}
	return all
}

func (m *minute) time() time.Time { return time.Unix(m.slot*m.resolution, 0) }

// highResolution is what a datum says of its resolution: nothing of the usual one.
func (m *minute) highResolution() int {
	if m.resolution == HighResolution {
		return HighResolution
	}
	return 0
}

// output makes datums, documents or points of minutes.
type output struct {
	Output
	namespace string

	numbers, counts []float64
	lists           []float64 // of the metrics of one document
	body            []byte
	document        Document
	splitter        Splitter
}

func newOutputs(c *RecorderConfig) ([]*output, error) {
	var list []*output
	for _, o := range c.Outputs {
		switch {
		case o.Queue == nil && o.Exporter == nil:
			return nil, errors.New("metrics: an output of RecorderConfig.Outputs has neither queue nor exporter")
		case o.Format > JSONDatums:
			return nil, fmt.Errorf("metrics: Output.Format is %d, which is none", o.Format)
		}
		if o.Key == "" {
			o.Key = c.Namespace
		}
		list = append(list, &output{Output: o, namespace: c.Namespace})
	}
	if len(list) == 0 {
		return nil, errors.New("metrics: no output: set RecorderConfig.Outputs")
	}
	return list, nil
}

func (o *output) flush(ctx context.Context) error {
	if o.Queue == nil {
		return o.Exporter.ForceFlush(ctx)
	}
	return o.Queue.Flush(ctx)
}

func (o *output) shutdown(ctx context.Context) error {
	if o.Queue == nil {
		return o.Exporter.Shutdown(ctx)
	}
	return o.Queue.Shutdown(ctx)
}

// write does not pass errors on: who takes the data counts what it does not take,
// and says it once.
func (o *output) write(minutes []minute, order []int, now time.Time) {
	switch {
	case o.Queue == nil:
		_ = o.Exporter.Export(context.Background(), pointsOf(minutes, order, o.Resource, now))
	case o.Format == Documents:
		o.writeDocuments(minutes, order)
	default:
		for _, i := range order {
			o.writeDatum(&minutes[i])
		}
	}
}

func (o *output) writeDatum(m *minute) {
	d := Datum{Name: m.metric, Dimensions: m.sent, Time: m.time(), Unit: m.sentUnit, Resolution: m.highResolution()}
	o.numbers, o.counts = m.values.list(o.numbers[:0], o.counts[:0], MaxValues)
	if len(o.numbers) == 1 && o.counts[0] == 1 {
		d.Value = o.numbers[0]
	} else {
		d.Values, d.Counts = o.numbers, o.counts
	}
	if o.Format == JSONDatums {
		o.body = AppendDatumJSON(o.body[:0], &d)
	} else {
		o.body = AppendDatum(o.body[:0], &d)
	}
	_ = o.Queue.Put(o.namespace, d.Time, o.body)
}

// writeDocuments makes one document of the metrics that have the same time and
// dimensions.
func (o *output) writeDocuments(minutes []minute, order []int) {
	for rest := order; len(rest) > 0; {
		first := &minutes[rest[0]]
		n := 1
		for n < len(rest) && minutes[rest[n]].group == first.group && minutes[rest[n]].time().Equal(first.time()) {
			n++
		}
		o.writeDocument(minutes, rest[:n])
		rest = rest[n:]
	}
}

func (o *output) writeDocument(minutes []minute, which []int) {
	d, first := &o.document, &minutes[which[0]]
	d.Time, d.Namespace, d.Labels = first.time(), o.namespace, first.sent
	names := make([]string, 0, len(first.sent))
	for _, dimension := range first.sent {
		names = append(names, dimension.Name)
	}
	d.Dimensions = [][]string{names}
	d.Metrics = d.Metrics[:0]
	o.lists = o.lists[:0]
	for _, i := range which {
		m := &minutes[i]
		metric := DocumentMetric{Name: m.metric, Unit: m.sentUnit, Resolution: m.highResolution()}
		o.numbers, o.counts = m.values.list(o.numbers[:0], o.counts[:0], MaxValues)
		if len(o.numbers) == 1 && o.counts[0] == 1 {
			metric.Value = o.numbers[0]
		} else {
			metric.Values, metric.Counts = o.keep(o.numbers), o.keep(o.counts)
		}
		d.Metrics = append(d.Metrics, metric)
	}
	o.splitter.Lines(d, func(line []byte) { _ = o.Queue.Put(o.Key, d.Time, line) })
}

// keep copies a list for as long as the document lasts. Where the memory moves,
// what was kept before stays where it is.
func (o *output) keep(list []float64) []float64 {
	start := len(o.lists)
	o.lists = append(o.lists, list...)
	return o.lists[start:len(o.lists):len(o.lists)]
}
