// Package encoded takes what an exporter of metrics has encoded through exporterhelper to the next try. Points must be encoded
// once, since the increase of the next one follows from them; but exporterhelper gives pdata alone back to an exporter.
package encoded

import (
	"crypto/rand"
	"encoding/binary"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/updraft-otel/updraft/agent/internal/spare"
)

// Items are what one push sends. The zero value is empty.
type Items struct {
	// Data is the bytes of all, one after the other; append an item's and then call End.
	Data []byte
	list []item
}

// An item is a part of Data.
type item struct {
	key        string
	at         int64
	start, end int
}

// The buffer of new items, and the largest that is used again.
const (
	firstData = 64 << 10
	maxKept   = 8 << 20
)

// A Pool is an exporter's memory for items. The zero value is ready.
type Pool struct{ spare spare.Pool[Items] }

// Get returns no items, in memory that was used before.
func (p *Pool) Get() *Items {
	l := p.spare.Get()
	if l == nil {
		return &Items{Data: make([]byte, 0, firstData)}
	}
	l.Data, l.list = l.Data[:0], l.list[:0]
	return l
}

// Put takes the memory of items back.
func (p *Pool) Put(l *Items) {
	if cap(l.Data) <= maxKept {
		p.spare.Put(l)
	}
}

// End ends the item whose bytes were appended to Data. Key is where it goes, at is its time in milliseconds since 1970, or 0.
func (l *Items) End(key string, at int64) {
	start := 0
	if n := len(l.list); n > 0 {
		start = l.list[n-1].end
	}
	l.list = append(l.list, item{key: key, at: at, start: start, end: len(l.Data)})
}

// Cut takes away what was appended to Data since the last End.
func (l *Items) Cut() {
	end := 0
	if n := len(l.list); n > 0 {
		end = l.list[n-1].end
	}
	l.Data = l.Data[:end]
}

// Len is how many there are.
func (l *Items) Len() int { return len(l.list) }

// Key is where item i goes.
func (l *Items) Key(i int) string { return l.list[i].key }

// At is the time of item i in milliseconds since 1970, or 0.
func (l *Items) At(i int) int64 { return l.list[i].at }

// Body is item i.
func (l *Items) Body(i int) []byte { return l.Data[l.list[i].start:l.list[i].end] }

// A Carrier carries items in metrics: as bytes of an attribute whose name nobody outside can know, so that no application can
// have an exporter send what it likes.
type Carrier struct{ attribute string }

// NewCarrier returns a carrier with a name of its own.
func NewCarrier() Carrier { return Carrier{"encoded " + rand.Text()} }

// Metrics are metrics that carry these of l.
func (c Carrier) Metrics(l *Items, which []int) pmetric.Metrics {
	var text []byte
	for _, i := range which {
		text = appendBytes(text, l.Key(i))
		text = binary.AppendVarint(text, l.At(i))
		text = appendBytes(text, l.Body(i))
	}
	md := pmetric.NewMetrics()
	md.ResourceMetrics().AppendEmpty().Resource().Attributes().PutEmptyBytes(c.attribute).FromRaw(text)
	return md
}

// Read appends to l what md carries, and reports whether it carries anything.
func (c Carrier) Read(l *Items, md pmetric.Metrics) bool {
	if md.ResourceMetrics().Len() != 1 {
		return false
	}
	v, ok := md.ResourceMetrics().At(0).Resource().Attributes().Get(c.attribute)
	if !ok || v.Type() != pcommon.ValueTypeBytes {
		return false
	}
	for text := v.Bytes().AsRaw(); len(text) > 0; {
		key, rest, whole := cutBytes(text)
		at, n := binary.Varint(rest)
		if !whole || n <= 0 {
			break
		}
		body, rest, whole := cutBytes(rest[n:])
		if !whole {
			break
		}
		l.Data = append(l.Data, body...)
		l.End(string(key), at)
		text = rest
	}
	return true
}

func appendBytes[T string | []byte](dst []byte, s T) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// cutBytes cuts off what appendBytes appended, and says whether it is whole.
func cutBytes(text []byte) (part, rest []byte, whole bool) {
	size, n := binary.Uvarint(text)
	if n <= 0 || size > uint64(len(text)-n) {
		return nil, nil, false
	}
	return text[n : n+int(size)], text[n+int(size):], true
}
