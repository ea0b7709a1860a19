package otlp

import (
	"encoding/binary"
	"slices"
)

// A data point travels to AppendMetrics as an item of its own: the scope and
// the metric it belongs to, each behind its length, and the point. So a queue
// counts points, which is what receivers count, and any of them can be sent
// with any others.

// MetricItemOverhead is what a request needs for a data point besides its
// item's bytes, at most: the heads of a ScopeMetrics, a Metric and a data
// message, of the metric's data, and of the point.
const MetricItemOverhead = 24

// AppendMetrics appends an ExportMetricsServiceRequest with the n data points
// that item returns, as [MetricItems] made them, all of one resource as
// [AppendResource] appended it. Each scope stands in it once, and in it each
// metric, where their first point is; the points of a metric keep their order.
// item is called more than once for each.
func AppendMetrics(dst []byte, resource string, n int, item func(i int) []byte) []byte {
	g := groupMetrics(n, item)
	size := len(resource)
	for i := range g.scopes {
		size += fieldLen(g.scopes[i].size)
	}
	dst = appendHead(slices.Grow(dst, fieldLen(size)), 1, size)
	dst = append(dst, resource...)
	for i := range g.scopes {
		s := &g.scopes[i]
		dst = appendHead(dst, 2, s.size)
		dst = append(dst, s.head...)
		for _, m := range s.metrics {
			dst = g.metrics[m].append(dst, g.order, item)
		}
	}
	return dst
}

// metricGroups is how the points of a request belong together.
type metricGroups struct {
	scopes  []metricScope
	metrics []metricGroup
	order   []int32 // the points, metric by metric
}

// A metricScope is the metrics of one scope within a request.
type metricScope struct {
	head    []byte
	size    int     // of the ScopeMetrics message
	metrics []int32 // places in metricGroups.metrics
}

// A metricGroup is the points of one metric within a request.
type metricGroup struct {
	metricHead
	size   int // of the data message: what holds the points
	scope  int32
	points int
	first  int // its place in the order
}

// messageLen is the length of the Metric message.
func (m *metricGroup) messageLen() int { return len(m.fields) + fieldLen(m.size) }

func (m *metricGroup) append(dst []byte, order []int32, item func(i int) []byte) []byte {
	dst = appendHead(dst, 2, m.messageLen())
	dst = append(dst, m.fields...)
	dst = appendHead(dst, int(m.data), m.size)
	for _, at := range order[m.first : m.first+m.points] {
		_, _, point := cutMetricItem(item(int(at)))
		dst = appendHead(dst, 1, len(point))
		dst = append(dst, point...)
	}
	return append(dst, m.tail...)
}

// groupMetrics finds the scopes and the metrics of points.
func groupMetrics(n int, item func(i int) []byte) *metricGroups {
	g := &metricGroups{}
	indices := make([]int32, 2*n)
	of, order := indices[:n], indices[n:]
	scopes, metrics := map[string]int32{}, map[string]int32{}
	var last []byte // of the point before, which mostly is of the same metric
	at := int32(-1)
	for i := range n {
		whole := item(i)
		scope, head, point := cutMetricItem(whole)
		prefix := whole[:len(whole)-len(point)]
		if at < 0 || string(prefix) != string(last) {
			var known bool
			if at, known = metrics[string(prefix)]; !known {
				at = g.add(scopes, scope, head)
				metrics[string(prefix)] = at
			}
			last = prefix
		}
		of[i] = at
		g.metrics[at].points++
		g.metrics[at].size += fieldLen(len(point))
	}
	g.finish(of, order)
	return g
}

// add takes a metric in that was not seen before.
func (g *metricGroups) add(scopes map[string]int32, scope, head []byte) int32 {
	s, known := scopes[string(scope)]
	if !known {
		s = int32(len(g.scopes))
		scopes[string(scope)] = s
		g.scopes = append(g.scopes, metricScope{head: scope, size: len(scope)})
	}
	at := int32(len(g.metrics))
	m := metricGroup{metricHead: cutMetricHead(head), scope: s}
	m.size = len(m.tail)
	g.metrics = append(g.metrics, m)
	g.scopes[s].metrics = append(g.scopes[s].metrics, at)
	return at
}

// finish sorts the points by metric, and adds up sizes.
func (g *metricGroups) finish(of, order []int32) {
	next := make([]int, len(g.metrics))
	at := 0
	for i := range g.metrics {
		m := &g.metrics[i]
		m.first, next[i] = at, at
		at += m.points
		g.scopes[m.scope].size += fieldLen(m.messageLen())
	}
	for i, m := range of {
		order[next[m]] = int32(i)
		next[m]++
	}
	g.order = order
}

// A metricHead is a metric without its points: what stands before its data
// message, which field of a Metric that is, and what stands in it behind the
// points.
type metricHead struct {
	data         byte
	tail, fields []byte
}

// cutMetricItem takes an item apart. What is none has no parts but a point.
func cutMetricItem(item []byte) (scope, metric, point []byte) {
	scope, rest, ok := cutSized(item)
	if !ok {
		return nil, nil, nil
	}
	metric, point, ok = cutSized(rest)
	if !ok {
		return nil, nil, nil
	}
	return scope, metric, point
}

func cutSized(b []byte) (part, rest []byte, ok bool) {
	size, n := binary.Uvarint(b)
	if n <= 0 || size > uint64(len(b)-n) {
		return nil, nil, false
	}
	return b[n : n+int(size)], b[n+int(size):], true
}

// cutMetricHead undoes appendMetricHead. What is no head is a gauge without a
// name.
func cutMetricHead(b []byte) metricHead {
	if len(b) < 2 || len(b) < 2+int(b[1]) {
		return metricHead{data: dataGauge}
	}
	size := 2 + int(b[1])
	return metricHead{data: b[0], tail: b[2:size], fields: b[size:]}
}
