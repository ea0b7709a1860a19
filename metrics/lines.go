package metrics

import (
	"context"
	"io"
	"sync"
	"time"
)

// Lines is a [Queue] that writes each item to w as a line, in one call of Write,
// when it is put. The writer is its owner's to close.
func Lines(w io.Writer) Queue { return &lineQueue{w: w} }

type lineQueue struct {
	mu   sync.Mutex // guards what follows
	w    io.Writer
	line []byte
}

func (q *lineQueue) Put(_ string, _ time.Time, body []byte) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.line = append(append(q.line[:0], body...), '\n')
	_, err := q.w.Write(q.line)
	return err
}

func (*lineQueue) Flush(context.Context) error    { return nil }
func (*lineQueue) Shutdown(context.Context) error { return nil }
