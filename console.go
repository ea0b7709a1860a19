package updraft

import (
	"bytes"
	"context"
	"io"
	"os"
	"sync"
	"time"

	"github.com/updraft-otel/updraft/outbox"
)

// A lineQueue is the console road: each document is written as a line, at
// once. It stands where the outbox stands on the others.
type lineQueue struct {
	mu    sync.Mutex
	to    io.Writer
	line  []byte
	stats outbox.Stats
}

// consoleQueue makes the console road of a signal and reports it.
func (b *builder) consoleQueue(signal string) *lineQueue {
	return b.lineQueue(signal, ExporterConsole, "")
}

// lineQueue makes a queue of lines on [Config.Console] and reports it.
func (b *builder) lineQueue(signal, exporter, endpoint string) *lineQueue {
	q := &lineQueue{to: b.config.Console}
	if q.to == nil {
		q.to = os.Stdout
	}
	b.outlets = append(b.outlets, &outlet{signal: signal, exporter: exporter, endpoint: endpoint, stats: q.Stats, shutdown: q.Shutdown})
	return q
}

// Put writes the document and a line feed in one call of Write.
func (q *lineQueue) Put(_ string, _ time.Time, document []byte) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.line = append(append(q.line[:0], document...), '\n')
	_, err := q.write(q.line)
	return err
}

// Write writes lines that are complete.
func (q *lineQueue) Write(lines []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.write(lines)
}

func (q *lineQueue) write(lines []byte) (int, error) {
	count := int64(bytes.Count(lines, []byte{'\n'}))
	q.stats.Accepted += count
	n, err := q.to.Write(lines)
	if err != nil {
		q.stats.Dropped = map[string]int64{"write": q.stats.Dropped["write"] + count}
		q.stats.LastError = err.Error()
		return n, err
	}
	q.stats.Delivered += count
	return n, nil
}

// Flush does nothing: a line is written when Put returns.
func (q *lineQueue) Flush(context.Context) error { return nil }

// Shutdown does nothing; the writer is its owner's to close.
func (q *lineQueue) Shutdown(context.Context) error { return nil }

// Stats returns the counts so far.
func (q *lineQueue) Stats() outbox.Stats {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.stats
}
