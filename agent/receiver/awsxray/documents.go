package awsxray

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/updraft-otel/updraft/agent/internal/contain"
	"github.com/updraft-otel/updraft/agent/internal/xraydoc"
)

const (
	// readers and senders are the goroutines that read the socket and that hand on to the pipeline.
	readers = 2
	senders = 4
	// maxDatagram is more than any datagram has.
	maxDatagram = 64 << 10
	// socketBuffer is what the system is asked to keep of what was not read yet.
	socketBuffer = 8 << 20
	// batchDocuments, batchBytes and batchWait are when a batch goes: as many as two calls of PutTraceSegments take, or
	// what came in a tenth of a second.
	batchDocuments = 100
	batchBytes     = 1 << 20
	batchWait      = 100 * time.Millisecond
	// firstRetry and lastRetry bound the time between two attempts to hand a batch on.
	firstRetry = 50 * time.Millisecond
	lastRetry  = 5 * time.Second
)

// format is what the collector's own metrics call the documents.
const format = "awsxray"

// documents takes datagrams to the pipeline. What the pipeline refuses for now is
// offered again; what there is no room for meanwhile is dropped, and counted.
type documents struct {
	r      *xrayReceiver
	socket *net.UDPConn
	limit  int64
	lost   *dropped

	held    atomic.Int64 // bytes that came and were not taken yet
	batches chan [][]byte
	ctx     context.Context // ends when shutdown's does
	cancel  context.CancelFunc
	reading sync.WaitGroup
	sending sync.WaitGroup

	mu    sync.Mutex // guards what follows
	open  [][]byte
	bytes int
	timer *time.Timer
}

func receiveDocuments(r *xrayReceiver, socket *net.UDPConn) (*documents, error) {
	lost, err := newDropped(r.set)
	if err != nil {
		return nil, err
	}
	limit := int64(r.cfg.BufferMiB) << 20
	d := &documents{r: r, socket: socket, limit: limit, lost: lost, batches: make(chan [][]byte, limit/minBatch)}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	d.timer = time.AfterFunc(time.Hour, d.flush)
	for range readers {
		d.reading.Go(d.read)
	}
	for range senders {
		d.sending.Go(d.send)
	}
	return d, nil
}

// minBatch is less than any batch that is held counts, so that the channel of
// batches is never full before the limit of bytes is reached.
const minBatch = 512

// read takes datagrams until the socket is closed.
func (d *documents) read() {
	buf := make([]byte, maxDatagram)
	for {
		n, _, err := d.socket.ReadFromUDPAddrPort(buf)
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			continue // of one datagram
		}
		doc, err := payload(buf[:n])
		if err != nil {
			d.lost.add(lostMalformed, 1, err)
			continue
		}
		d.add(doc)
	}
}

// add copies a document into the open batch.
func (d *documents) add(doc []byte) {
	cost := int64(len(doc) + minBatch)
	if d.held.Add(cost) > d.limit {
		d.held.Add(-cost)
		d.lost.add(lostFull, 1, nil)
		return
	}
	doc = append([]byte(nil), doc...)
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.open) == 0 {
		d.timer.Reset(batchWait)
	}
	d.open = append(d.open, doc)
	d.bytes += len(doc)
	if len(d.open) >= batchDocuments || d.bytes >= batchBytes {
		d.seal()
	}
}

func (d *documents) flush() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seal()
}

// seal passes the open batch to the senders; d.mu is held.
func (d *documents) seal() {
	if len(d.open) == 0 {
		return
	}
	d.batches <- d.open // has room: see minBatch
	d.open, d.bytes = nil, 0
}

func (d *documents) send() {
	for batch := range d.batches {
		d.deliver(batch)
		bytes := int64(0)
		for _, doc := range batch {
			bytes += int64(len(doc) + minBatch)
		}
		d.held.Add(-bytes)
	}
}

// deliver offers a batch until the pipeline takes it, or refuses it for good.
func (d *documents) deliver(batch [][]byte) {
	td := d.traces(batch)
	n := td.SpanCount()
	if n == 0 {
		return
	}
	for wait := firstRetry; ; wait = min(2*wait, lastRetry) {
		ctx := d.r.report.StartTracesOp(d.ctx)
		offered := td
		if d.ctx.Err() == nil {
			offered = ptrace.NewTraces() // the pipeline may change what it gets
			td.CopyTo(offered)
		}
		err := d.r.next.traces.ConsumeTraces(ctx, offered)
		d.r.report.EndTracesOp(ctx, format, n, err)
		switch {
		case err == nil:
			d.lost.log.Worked()
			return
		case consumererror.IsPermanent(err) || d.ctx.Err() != nil:
			d.lost.add(lostRefused, n, err)
			return
		}
		select {
		case <-d.ctx.Done():
			d.lost.add(lostRefused, n, err)
			return
		case <-time.After(wait/2 + rand.N(wait/2)):
		}
	}
}

// traces makes spans of documents, or carries them unread.
func (d *documents) traces(batch [][]byte) ptrace.Traces {
	td := ptrace.NewTraces()
	if d.r.cfg.Verbatim {
		spans := xraydoc.NewVerbatim(td)
		spans.EnsureCapacity(len(batch))
		for _, doc := range batch {
			if isUnsampled(doc) {
				d.lost.add(lostUnsampled, 1, nil)
				continue
			}
			xraydoc.AppendVerbatim(spans, doc)
		}
		return td
	}
	for _, doc := range batch {
		if isUnsampled(doc) {
			d.lost.add(lostUnsampled, 1, nil)
			continue
		}
		if err := appendContained(td, doc); err != nil {
			d.lost.add(lostMalformed, 1, err)
		}
	}
	return td
}

// appendContained adds a document's spans, or none of them where that panics.
func appendContained(td ptrace.Traces, doc []byte) (err error) {
	before := td.ResourceSpans().Len()
	panicked := contain.Call(func() { err = appendDocument(td, doc) })
	if panicked == nil {
		return err
	}
	n := 0
	td.ResourceSpans().RemoveIf(func(ptrace.ResourceSpans) bool {
		n++
		return n > before
	})
	return panicked
}

func (d *documents) shutdown(ctx context.Context) error {
	stop := context.AfterFunc(ctx, d.cancel)
	defer stop()
	err := d.socket.Close()
	d.reading.Wait()
	d.timer.Stop()
	d.flush()
	close(d.batches)
	done := make(chan struct{})
	go func() {
		d.sending.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		err = errors.Join(err, fmt.Errorf("documents were left when the time was up: %w", ctx.Err()))
		<-done
	}
	d.cancel()
	d.lost.log.Close()
	return err
}
