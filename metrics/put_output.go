package metrics

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"
)

// flush hands what the shards have over to the queue.
func (r *Recorder) flush(what taking) {
	o := &r.output
	o.mu.Lock()
	defer o.mu.Unlock()
	now := r.config.Now().Unix()
	o.minutes = o.minutes[:0]
	from := make([]int, 0, len(r.shards)) // where each shard's begin
	for _, s := range r.shards {
		from = append(from, len(o.minutes))
		o.minutes = s.take(o.minutes, what, now, r.registry.leave)
	}
	if len(o.minutes) == 0 {
		return
	}
	o.join()
	o.write()
	for i, s := range r.shards {
		end := len(o.minutes)
		if i+1 < len(from) {
			end = from[i+1]
		}
		s.give(o.minutes[from[i]:end])
	}
	clear(o.minutes)
}

// output makes datums and documents of minutes.
type output struct {
	config *RecorderConfig

	mu      sync.Mutex // guards what follows
	minutes []minute   // of all shards
	joined  map[place]int
	order   []int // of minutes that leave

	numbers, counts []float64
	lists           []float64 // of the metrics of one document
	body            []byte
	document        Document
	splitter        Splitter
}

type place struct {
	*handSeries
	slot int64
}

// join makes one of the minutes that shards have of the same.
func (o *output) join() {
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

func (m *minute) time() time.Time { return time.Unix(m.slot*m.resolution, 0) }

func (o *output) write() {
	if o.config.Format == Documents {
		o.writeDocuments()
		return
	}
	for _, i := range o.order {
		m := &o.minutes[i]
		d := Datum{Name: m.metric, Dimensions: m.sent, Time: m.time(), Unit: m.sentUnit}
		if m.resolution == HighResolution {
			d.Resolution = HighResolution
		}
		o.numbers, o.counts = m.values.list(o.numbers[:0], o.counts[:0], MaxValues)
		if len(o.numbers) == 1 && o.counts[0] == 1 {
			d.Value = o.numbers[0]
		} else {
			d.Values, d.Counts = o.numbers, o.counts
		}
		if o.config.Format == JSONDatums {
			o.body = AppendDatumJSON(o.body[:0], &d)
		} else {
			o.body = AppendDatum(o.body[:0], &d)
		}
		o.put(o.config.Namespace, d.Time)
	}
}

// put does not pass an error of the queue on: the queue counts it and says it
// once.
func (o *output) put(key string, at time.Time) { _ = o.config.Queue.Put(key, at, o.body) }

// writeDocuments makes one document of the metrics that have the same time and
// dimensions.
func (o *output) writeDocuments() {
	for rest := o.order; len(rest) > 0; {
		first := &o.minutes[rest[0]]
		n := 1
		for n < len(rest) {
			m := &o.minutes[rest[n]]
			if m.group != first.group || !m.time().Equal(first.time()) {
				break
			}
			n++
		}
		o.writeDocument(first, rest[:n])
		rest = rest[n:]
	}
}

func (o *output) writeDocument(first *minute, which []int) {
	d := &o.document
	d.Time, d.Namespace, d.Labels = first.time(), o.config.Namespace, first.sent
	names := make([]string, 0, len(first.sent))
	for _, dimension := range first.sent {
		names = append(names, dimension.Name)
	}
	d.Dimensions = [][]string{names}
	d.Metrics = d.Metrics[:0]
	o.lists = o.lists[:0]
	for _, i := range which {
		m := &o.minutes[i]
		metric := DocumentMetric{Name: m.metric, Unit: m.sentUnit}
		if m.resolution == HighResolution {
			metric.Resolution = HighResolution
		}
		o.numbers, o.counts = m.values.list(o.numbers[:0], o.counts[:0], MaxValues)
		if len(o.numbers) == 1 && o.counts[0] == 1 {
			metric.Value = o.numbers[0]
		} else {
			metric.Values, metric.Counts = o.keep(o.numbers), o.keep(o.counts)
		}
		d.Metrics = append(d.Metrics, metric)
	}
	o.splitter.Lines(d, func(line []byte) { _ = o.config.Queue.Put(o.config.Key, d.Time, line) })
}

// keep copies a list for as long as the document lasts. Where the memory moves,
// what was kept before stays where it is.
func (o *output) keep(list []float64) []float64 {
	start := len(o.lists)
	o.lists = append(o.lists, list...)
	return o.lists[start:len(o.lists):len(o.lists)]
}

// dropped counts what no document could hold.
func (o *output) dropped() map[string]int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.splitter.Dropped()
}
