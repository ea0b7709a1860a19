package awsxray

import (
	"encoding/hex"
	"sync"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/updraft-otel/updraft/awsapi"
)

// A place is where a span stands in what is pushed.
type place struct{ resource, scope, span int }

// A document is one of a batch: its end in the buffer, the id X-Ray names it by, and the spans it is of.
type document struct {
	end     int
	escaped bool // as it stands in a JSON string, in the call's body
	id      pcommon.SpanID
	spans   []place // one; more for a document of OTLP
	one     [1]place
}

// A batch is what one call carries. It is used again, buffer and all.
type batch struct {
	data      []byte
	documents []document
	newest    pcommon.Timestamp // the last end of a span
	spans     int
}

// maxKept is the largest buffer that is used again: what 50 ordinary documents take, several times over.
const maxKept = 1 << 20

// firstBuffer is what 50 ordinary documents take.
const firstBuffer = 80 << 10

var batches = sync.Pool{New: func() any {
	return &batch{data: make([]byte, 0, firstBuffer), documents: make([]document, 0, awsapi.MaxSegments)}
}}

func newBatch() *batch {
	b := batches.Get().(*batch)
	b.data, b.documents, b.newest, b.spans = b.data[:0], b.documents[:0], 0, 0
	return b
}

func (b *batch) free() {
	if cap(b.data) <= maxKept {
		batches.Put(b)
	}
}

// add ends a document of one span, whose bytes are in data already.
func (b *batch) add(id pcommon.SpanID, p place, escaped bool) {
	b.documents = append(b.documents, document{})
	d := &b.documents[len(b.documents)-1]
	d.end, d.escaped, d.id, d.one[0] = len(b.data), escaped, id, p
	b.spans++
}

// addSpans ends a document of many spans.
func (b *batch) addSpans(spans []place) {
	b.documents = append(b.documents, document{end: len(b.data), spans: spans})
	b.spans += len(spans)
}

// cut takes away a span's own documents, which are the last, and what there is of an unfinished one.
func (b *batch) cut(at place) {
	for n := len(b.documents); n > 0 && b.documents[n-1].spans == nil && b.documents[n-1].one[0] == at; n-- {
		b.documents = b.documents[:n-1]
		b.spans--
	}
	b.data = b.data[:b.start(len(b.documents))]
}

func (d *document) places() []place {
	if d.spans != nil {
		return d.spans
	}
	return d.one[:]
}

func (b *batch) start(i int) int {
	if i == 0 {
		return 0
	}
	return b.documents[i-1].end
}

// body is document i, and whether it is escaped.
func (b *batch) body(i int) ([]byte, bool) {
	return b.data[b.start(i):b.documents[i].end], b.documents[i].escaped
}

// has tells whether X-Ray's name for a document it refused, a segment's id in hex, is of document i.
func (b *batch) has(i int, id string) bool {
	var raw [8]byte
	if len(id) != hex.EncodedLen(len(raw)) {
		return false
	}
	_, err := hex.Decode(raw[:], []byte(id))
	return err == nil && b.documents[i].id == raw
}

// names tells whether X-Ray's name for a document is of one of these.
func (b *batch) names(from, to int, id string) bool {
	for i := from; i < to; i++ {
		if b.has(i, id) {
			return true
		}
	}
	return false
}
