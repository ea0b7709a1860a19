package watch

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// A kind is a signal: what the collector calls it in names of metrics and in labels, and what its items are for the reader.
type kind struct{ items, label, word string }

var kinds = []kind{
	{"spans", "traces", "spans"},
	{"metric_points", "metrics", "points"},
	{"log_records", "logs", "records"},
}

// The collector's metrics of itself.
// https://opentelemetry.io/docs/collector/internal-telemetry/#metrics
const (
	upName     = "otelcol_process_uptime"
	cpuName    = "otelcol_process_cpu_seconds"
	memoryName = "otelcol_process_memory_rss"

	receiverPrefix  = "otelcol_receiver_"
	processorPrefix = "otelcol_processor_"
	exporterPrefix  = "otelcol_exporter_"
)

// header is one line about the process.
func (c counters) header() string {
	var parts []string
	name := strings.TrimSpace(c.now.label("target_info", "service_name") + " " + c.now.label("target_info", "service_version"))
	if name != "" {
		parts = append(parts, name)
	}
	if up, ok := c.now.total(upName, nil); ok {
		parts = append(parts, "up "+uptime(up))
	}
	if cpu := c.rate(cpuName, nil); !math.IsNaN(cpu) {
		parts = append(parts, fmt.Sprintf("CPU %.0f %%", 100*cpu))
	}
	if rss, ok := c.now.total(memoryName, nil); ok {
		parts = append(parts, "memory "+mebibytes(rss))
	}
	return strings.Join(parts, ", ")
}

func (c counters) receivers() table {
	t := table{columns: []column{
		{title: "RECEIVER", left: true}, {left: true, rank: 1}, {title: "accepted"}, {title: "/s"}, {title: "refused"}, {title: "failed", rank: 3},
	}}
	for _, s := range kinds {
		accepted, refused, failed := receiverPrefix+"accepted_"+s.items, receiverPrefix+"refused_"+s.items, receiverPrefix+"failed_"+s.items
		for _, key := range c.values([]string{accepted, refused, failed}, "receiver", "transport") {
			l := labels{"receiver": key[0], "transport": key[1]}
			t.rows = append(t.rows, []string{
				strings.TrimSpace(key[0] + " " + key[1]), s.word,
				c.count(accepted, l), rate(c.rate(accepted, l)), c.count(refused, l), c.count(failed, l),
			})
		}
	}
	sortRows(&t)
	return t
}

func (c counters) processors() table {
	const in, out = processorPrefix + "incoming_items", processorPrefix + "outgoing_items"
	t := table{columns: []column{
		{title: "PROCESSOR", left: true}, {left: true, rank: 1}, {title: "in"}, {title: "/s"}, {title: "out"}, {title: "/s"}, {title: "refused", rank: 3},
	}}
	for _, key := range c.values([]string{in, out}, "processor", "otel_signal") {
		l := labels{"processor": key[0], "otel_signal": key[1]}
		s := kindOf(key[1])
		refused := 0.0
		for _, rest := range c.withPrefix(processorPrefix) {
			if strings.HasSuffix(rest, "refused_"+s.items) {
				v, _ := c.now.total(processorPrefix+rest, labels{"processor": key[0]})
				refused += v
			}
		}
		t.rows = append(t.rows, []string{key[0], s.word, c.count(in, l), rate(c.rate(in, l)), c.count(out, l), rate(c.rate(out, l)), number(refused)})
	}
	sortRows(&t)
	return t
}

func kindOf(label string) kind {
	for _, s := range kinds {
		if s.label == label {
			return s
		}
	}
	return kind{items: label, label: label, word: label}
}

func (c counters) exporters() table {
	t := table{columns: []column{
		{title: "EXPORTER", left: true}, {left: true, rank: 1}, {title: "sent"}, {title: "/s"}, {title: "retried", rank: 3},
		{title: "queue"}, {title: "of", rank: 5}, {title: "calls", rank: 2}, {title: "throttled", rank: 4}, {title: "lag", rank: 1},
	}}
	for _, s := range kinds {
		for _, id := range c.exporterIDs(s) {
			t.rows = append(t.rows, c.exporter(id, s))
		}
	}
	sortRows(&t)
	return t
}

// exporterIDs are the exporters that have a signal.
func (c counters) exporterIDs(s kind) []string {
	var ids []string
	for _, key := range c.values([]string{exporterPrefix + "sent_" + s.items, exporterPrefix + "send_failed_" + s.items}, "exporter") {
		ids = append(ids, key[0])
	}
	for _, key := range c.values([]string{exporterPrefix + "queue_capacity", exporterPrefix + "in_flight_requests"}, "exporter", "data_type") {
		if key[1] == s.label {
			ids = append(ids, key[0])
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// exporter is an exporter's row. What AWS took is said where the exporter counts that; others count what they handed over.
func (c counters) exporter(id string, s kind) []string {
	l := labels{"exporter": id}
	own := ownPrefix(id)
	sent, word := exporterPrefix+"sent_"+s.items, s.word
	for _, documents := range c.withPrefix(own + "sent_") {
		sent, word = own+"sent_"+documents, documents
	}
	retried := ""
	for _, items := range c.withPrefix(own + "retried_") {
		retried = c.count(own+"retried_"+items, l)
	}
	calls := ""
	if most, ok := c.now.total(own+"parallel_calls", l); ok {
		running, _ := c.now.total(own+"running_calls", l)
		calls = number(running) + " of " + number(most)
		if retried == "" {
			retried = number(0)
		}
	}
	throttled := ""
	if calls != "" {
		throttled = c.count(own+"throttled_calls", l)
	}
	full, capacity := c.queue(labels{"exporter": id, "data_type": s.label})
	return []string{
		id, strings.ReplaceAll(word, "_", " "), c.count(sent, l), rate(c.rate(sent, l)), retried,
		full, capacity, calls, throttled, lag(c.mean(own+"lag", l)),
	}
}

// ownPrefix begins the names of the metrics that an exporter of ours has beside every exporter's.
func ownPrefix(id string) string {
	kind, _, _ := strings.Cut(id, "/")
	return exporterPrefix + kind + "_"
}

// queue is how full one is, and its capacity: in requests, items or bytes, which the collector does not tell.
func (c counters) queue(l labels) (full, capacity string) {
	most, ok := c.now.total(exporterPrefix+"queue_capacity", l)
	if !ok || most <= 0 {
		return "", ""
	}
	size, _ := c.now.total(exporterPrefix+"queue_size", l)
	return fmt.Sprintf("%.0f%%", 100*size/most), scaled(most)
}

// A loss is items that did not arrive, for a reason.
type loss struct {
	who, reason, what string
	total, rate       float64
}

// lost is what did not arrive, by reason, the most first.
func (c counters) lost() table {
	all := slices.Concat(c.byReason("receiver", receiverPrefix, "dropped_"), c.byReason("exporter", exporterPrefix, "refused_"), c.notSent())
	slices.SortStableFunc(all, func(a, b loss) int {
		return cmp.Or(cmp.Compare(b.total, a.total), strings.Compare(a.who, b.who), strings.Compare(a.reason, b.reason))
	})
	t := table{columns: []column{{title: "NOT DELIVERED", left: true}, {title: "count"}, {title: "/s", rank: 1}, {left: true, rank: 2}, {title: "reason", left: true}}}
	for _, l := range all {
		t.rows = append(t.rows, []string{l.who, number(l.total), rate(l.rate), strings.ReplaceAll(l.what, "_", " "), l.reason})
	}
	return t
}

// byReason are the counters of ours that have a reason: otelcol_<kind>_<type>_<verb><items>.
func (c counters) byReason(kind, prefix, verb string) []loss {
	var out []loss
	for _, rest := range c.withPrefix(prefix) {
		typ, items, ok := strings.Cut(rest, "_"+verb)
		if !ok {
			continue
		}
		name := prefix + rest
		for _, key := range c.values([]string{name}, kind, "reason") {
			if key[1] == "" {
				continue
			}
			l := labels{"reason": key[1]}
			if key[0] != "" {
				l[kind] = key[0]
			}
			total, _ := c.now.total(name, l)
			out = append(out, loss{kind + " " + cmp.Or(key[0], typ), key[1], items, total, c.rate(name, l)})
		}
	}
	return out
}

// notSent is what exporters gave up, and what found no room in a queue and was refused to the sender.
func (c counters) notSent() []loss {
	var out []loss
	for _, s := range kinds {
		failed, full := exporterPrefix+"send_failed_"+s.items, exporterPrefix+"enqueue_failed_"+s.items
		for _, key := range c.values([]string{failed, full}, "exporter") {
			l := labels{"exporter": key[0]}
			if n, _ := c.now.total(full, l); n > 0 {
				out = append(out, loss{"exporter " + key[0], "queue full, sender told", s.word, n, c.rate(full, l)})
			}
			n, _ := c.now.total(failed, l)
			if n -= c.refused(key[0]); n > 0 {
				out = append(out, loss{"exporter " + key[0], "given up", s.word, n, c.rate(failed, l)})
			}
		}
	}
	return out
}

// refused is what an exporter of ours counts by reason: the collector counts the same as failed.
func (c counters) refused(id string) (sum float64) {
	own := ownPrefix(id)
	for _, items := range c.withPrefix(own + "refused_") {
		n, _ := c.now.total(own+"refused_"+items, labels{"exporter": id})
		sum += n
	}
	return sum
}

// failedCalls are the calls to AWS that did not work, by what came of them. What they held is tried again, or among the lost.
func (c counters) failedCalls() table {
	t := table{columns: []column{{title: "FAILED CALLS", left: true}, {title: "outcome", left: true}, {title: "count"}, {title: "/s"}}}
	for _, rest := range c.withPrefix(exporterPrefix) {
		if !strings.HasSuffix(rest, "_calls") {
			continue
		}
		name := exporterPrefix + rest
		for _, key := range c.values([]string{name}, "exporter", "outcome") {
			if key[1] != "" && key[1] != "ok" {
				l := labels{"exporter": key[0], "outcome": key[1]}
				t.rows = append(t.rows, []string{key[0], key[1], c.count(name, l), rate(c.rate(name, l))})
			}
		}
	}
	return t
}

// sortRows sorts by name and what is counted.
func sortRows(t *table) {
	slices.SortStableFunc(t.rows, func(a, b []string) int { return cmp.Or(strings.Compare(a[0], b[0]), strings.Compare(a[1], b[1])) })
}

// A frame is the lines of a view; titles are those that begin a table.
type frame struct {
	lines  []string
	titles map[int]bool
}

// frame is the whole view.
func (h history) frame(width int) frame {
	c := h.counters()
	f := frame{lines: []string{cut(c.header(), width)}, titles: map[int]bool{0: true}}
	for _, t := range []table{c.receivers(), c.processors(), c.exporters(), c.failedCalls(), c.lost()} {
		if len(t.rows) == 0 {
			continue
		}
		f.lines = append(f.lines, "")
		f.titles[len(f.lines)] = true
		f.lines = append(f.lines, t.lines(width)...)
	}
	if len(c.lost().rows) == 0 {
		f.lines = append(f.lines, "", "Nothing is lost.")
	}
	return f
}
