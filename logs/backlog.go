package logs

import (
	"log/slog"
	"sync"
	"time"
)

// A backlog has a goroutine encode what is logged, while records come fast:
// encoding is most of what a log call takes. While they come slowly, each call
// encodes its own, and no goroutine runs; while they come so fast that they are
// most of what the program does, handing them over would cost more than it
// spares.
type backlog struct {
	mu      sync.Mutex // guards what follows, for moments only
	waiting deferred   // its room is made by run
	window  int64      // the one of the last record, as a number
	count   int        // of the records in it so far
	fast    bool       // those of the one before came fast
	running bool
	parked  bool          // the goroutine waits for wake
	wake    chan struct{} // of one element

	encoding sync.Mutex // held while records are encoded, taken before mu
	spare    deferred   // room for those that come meanwhile
}

const (
	// deferredRecords and deferredText, in bytes, bound what waits; when there
	// is no room a call encodes its own. The room for it and as much to spare is
	// 750 kB.
	deferredRecords = 1024
	deferredText    = 128 << 10
	// maxDeferred bounds the text in one record that waits, in bytes.
	maxDeferred = 4 << 10
	// deferredAttrs is how many attributes one may have: a slog.Record has room
	// for so many.
	deferredAttrs = 5
	// backlogPause is how long records wait.
	backlogPause = 3 * time.Millisecond
	// backlogIdle is how long the goroutine and the room are kept.
	backlogIdle = time.Second
	// Records come fast when there are so many in a window of time: 5,000 to
	// 250,000 a second.
	windowLength = 10 * time.Millisecond
	fastFrom     = 50
	fastTo       = 2500
)

func newBacklog() *backlog { return &backlog{wake: make(chan struct{}, 1)} }

// put takes r if it is to be encoded later.
func (b *backlog) put(h *LineHandler, of ids, r *slog.Record) bool {
	if r.Time.IsZero() {
		return false
	}
	window := r.Time.UnixNano() / int64(windowLength)
	b.mu.Lock()
	defer b.mu.Unlock()
	if ahead := window - b.window; ahead != 0 && ahead != -1 { // one may come a little late
		b.fast = ahead == 1 && b.count >= fastFrom && b.count <= fastTo
		b.window, b.count = window, 0
	}
	b.count++
	if !b.fast {
		return false
	}
	if !b.running {
		b.running = true
		go b.run()
	}
	if !b.waiting.add(h, of, r) {
		return false
	}
	if b.parked {
		b.parked = false
		b.wake <- struct{}{}
	}
	return true
}

// run encodes until nothing has come for a while.
func (b *backlog) run() {
	b.setRoom(makeDeferred(), makeDeferred())
	timer := time.NewTimer(backlogPause)
	defer timer.Stop()
	for {
		<-timer.C
		if !b.drain() && !b.await(timer) {
			return
		}
		timer.Reset(backlogPause)
	}
}

func (b *backlog) setRoom(waiting, spare deferred) {
	b.encoding.Lock()
	defer b.encoding.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting, b.spare = waiting, spare
}

// await waits for a record, and reports false, with the room given back, where
// none comes.
func (b *backlog) await(timer *time.Timer) bool {
	b.mu.Lock()
	parked := len(b.waiting.records) == 0
	b.parked = parked
	b.mu.Unlock()
	if !parked {
		return true
	}
	timer.Reset(backlogIdle)
	select {
	case <-b.wake:
		return true
	case <-timer.C:
	}
	b.encoding.Lock()
	defer b.encoding.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.parked { // one came just now
		<-b.wake
		return true
	}
	b.waiting, b.spare = deferred{}, deferred{}
	b.running, b.parked = false, false
	return false
}

// drain encodes what waits, and reports whether anything did. What was put
// before the call is in the queue when it returns.
func (b *backlog) drain() bool {
	b.encoding.Lock()
	defer b.encoding.Unlock()
	b.mu.Lock()
	d := b.waiting
	if len(d.records) == 0 {
		b.mu.Unlock()
		return false
	}
	b.waiting, b.spare = b.spare.emptied(), d
	b.mu.Unlock()
	d.write()
	return true
}

// deferred is records that are not encoded yet. Texts that are no keys are
// copied: strings made from buffers without a copy, as some HTTP servers have
// them, change when a request ends.
type deferred struct {
	records []deferredRecord
	text    []byte // of all records
}

type deferredRecord struct {
	handler *LineHandler
	ids     ids
	record  slog.Record
	ends    [1 + deferredAttrs]int32 // in text: of the message and of each attribute's text
}

// makeDeferred makes the room, page by page, before a call needs it.
func makeDeferred() deferred {
	d := deferred{records: make([]deferredRecord, deferredRecords), text: make([]byte, deferredText)}
	clear(d.records)
	clear(d.text)
	return d.emptied()
}

func (d deferred) emptied() deferred { return deferred{d.records[:0], d.text[:0]} }

// add takes r, unless it has no room for it or r might say something else later.
func (d *deferred) add(h *LineHandler, of ids, r *slog.Record) bool {
	n := len(d.records)
	if n == cap(d.records) || r.NumAttrs() > deferredAttrs {
		return false
	}
	text, room := d.text, min(maxDeferred, cap(d.text)-len(d.text))
	if room -= len(r.Message); room < 0 {
		return false
	}
	to := &d.records[:n+1][n]
	text = append(text, r.Message...)
	to.ends[0] = int32(len(text))
	i := 1
	r.Attrs(func(a slog.Attr) bool {
		switch a.Value.Kind() {
		case slog.KindString:
			value := a.Value.String()
			if room -= len(value); room >= 0 {
				text = append(text, value...)
			}
		case slog.KindAny, slog.KindLogValuer, slog.KindGroup:
			room = -1
		}
		to.ends[i] = int32(len(text))
		i++
		return room >= 0
	})
	if room < 0 {
		return false
	}
	to.handler, to.ids, to.record = h, of, *r
	d.records, d.text = d.records[:n+1], text
	return true
}

// write encodes the records and puts them into the queue.
func (d *deferred) write() {
	text := string(d.text)
	begin := int32(0)
	for i := range d.records {
		from := &d.records[i]
		r := slog.NewRecord(from.record.Time, from.record.Level, text[begin:from.ends[0]], from.record.PC)
		begin = from.ends[0]
		n := 1
		from.record.Attrs(func(a slog.Attr) bool {
			if a.Value.Kind() == slog.KindString {
				a.Value = slog.StringValue(text[begin:from.ends[n]])
			}
			begin = from.ends[n]
			n++
			r.AddAttrs(a)
			return true
		})
		from.handler.write(from.ids, &r)
	}
}
