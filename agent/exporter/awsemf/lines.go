package awsemf

import (
	"crypto/rand"
	"encoding/binary"
	"sync"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// lines are documents on their way: what one push sends.
type lines struct {
	data []byte
	list []line
}

// A line is a document in data, and where it goes.
type line struct {
	key        string
	at         time.Time
	start, end int
}

// maxKept is the largest buffer that is used again.
const maxKept = 8 << 20

var linesPool = sync.Pool{New: func() any { return new(lines) }}

func newLines() *lines {
	l := linesPool.Get().(*lines)
	l.data, l.list = l.data[:0], l.list[:0]
	return l
}

func (l *lines) free() {
	if cap(l.data) <= maxKept {
		linesPool.Put(l)
	}
}

// end ends a document whose bytes were appended to data.
func (l *lines) end(key string, at time.Time, start int) {
	l.list = append(l.list, line{key: key, at: at, start: start, end: len(l.data)})
}

func (l *lines) body(i int) []byte { return l.data[l.list[i].start:l.list[i].end] }

// A carrier takes documents through exporterhelper, which hands back pdata alone, to the next try: as bytes of an attribute
// whose name nobody else can know, so that no application can send documents as it likes.
type carrier struct{ attribute string }

func newCarrier() carrier { return carrier{"documents " + rand.Text()} }

// metrics are metrics that carry documents i of l.
func (c carrier) metrics(l *lines, which []int) pmetric.Metrics {
	var text []byte
	for _, i := range which {
		one := &l.list[i]
		text = appendBytes(text, one.key)
		text = binary.AppendVarint(text, one.at.UnixMilli())
		text = appendBytes(text, l.body(i))
	}
	md := pmetric.NewMetrics()
	md.ResourceMetrics().AppendEmpty().Resource().Attributes().PutEmptyBytes(c.attribute).FromRaw(text)
	return md
}

func appendBytes[T string | []byte](dst []byte, s T) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// read takes the documents that md carries into l, and says whether it carries any.
func (c carrier) read(md pmetric.Metrics, l *lines) bool {
	if md.ResourceMetrics().Len() != 1 {
		return false
	}
	v, ok := md.ResourceMetrics().At(0).Resource().Attributes().Get(c.attribute)
	if !ok || v.Type() != pcommon.ValueTypeBytes {
		return false
	}
	text := v.Bytes().AsRaw()
	for whole := true; whole && len(text) > 0; {
		var key, body []byte
		if key, text, whole = cutBytes(text); !whole {
			break
		}
		millis, n := binary.Varint(text)
		if n <= 0 {
			break
		}
		if body, text, whole = cutBytes(text[n:]); whole {
			start := len(l.data)
			l.data = append(l.data, body...)
			l.end(string(key), time.UnixMilli(millis), start)
		}
	}
	return true
}

// cutBytes cuts off what appendBytes appended, and says whether it is whole.
func cutBytes(text []byte) (part, rest []byte, whole bool) {
	size, n := binary.Uvarint(text)
	if n <= 0 || size > uint64(len(text)-n) {
		return nil, nil, false
	}
	return text[n : n+int(size)], text[n+int(size):], true
}
