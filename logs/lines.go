package logs

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"
	"time"
	"unicode/utf8"

	"go.opentelemetry.io/otel/sdk/resource"
)

// ContinuationMark ends each piece but the last of text that is longer than
// one event may be.
const ContinuationMark = " [continues in the next event]"

// DefaultLineWait is how long a Writer waits for the rest of an event.
const DefaultLineWait = time.Second

// WriterConfig is the settings of a Writer.
type WriterConfig struct {
	Config
	// Attributes describe where the lines come from, for the placeholders of
	// Group and Stream.
	Attributes *resource.Resource
	// Begins says whether a line begins an event; other lines belong to the
	// event before them, as the frames of a stack trace do. Default: each line
	// is an event of its own. [Indented] is a common rule.
	Begins func(line []byte) bool
	// Wait is how long a line that has no end yet, and an event that may get
	// more lines, is waited with before it goes as it is. Default:
	// DefaultLineWait.
	Wait time.Duration
	// AtOnce has all that a Write brings in the queue when it returns, so that a
	// spool keeps it: no event waits for more lines, and a line that has no end
	// yet goes with ContinuationMark.
	AtOnce bool
	// Block is how long Write may wait where the queue is full. Default: not
	// at all; what the queue refuses, it counts.
	Block time.Duration
}

// Indented is a rule for Begins: lines that begin with a blank or a tab, and
// empty ones, belong to the event before.
func Indented(line []byte) bool { return len(line) > 0 && line[0] != ' ' && line[0] != '\t' }

// Writer makes an event of each line that is written to it, whatever writes
// it: package log, another logger, the output of a program. Lines may come in
// pieces. A carriage return before the line's end and empty lines are left
// out, bytes that are no UTF-8 become U+FFFD, and text longer than one event
// goes as several, each but the last with ContinuationMark.
//
// The time of an event is that of its first byte. Write may be called from any
// goroutine; each call's lines stay together.
type Writer struct {
	cfg WriterConfig
	to  destination

	mu      sync.Mutex // guards what follows
	event   []byte     // complete lines of the open event, without the last line's end
	open    bool       // there is an open event
	at      time.Time  // of the open event
	line    []byte     // a line without an end
	lineAt  time.Time
	timer   *time.Timer
	changed time.Time
	closed  bool
}

var _ io.WriteCloser = (*Writer)(nil)

// NewWriter returns a writer that puts events into c.Queue.
func NewWriter(c WriterConfig) (*Writer, error) {
	s, err := newSink(c.Config)
	if err != nil {
		return nil, err
	}
	if c.Attributes == nil {
		c.Attributes = resource.Empty()
	}
	if c.Wait <= 0 {
		c.Wait = DefaultLineWait
	}
	c.Now = s.now
	return &Writer{cfg: c, to: s.lines.resource(c.Attributes).to}, nil
}

// Write takes lines. It returns an error only after Close, and where it waited
// for the queue in vain.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return 0, io.ErrClosedPipe
	}
	now := w.cfg.Now()
	written := len(p)
	var failed error
	for len(p) > 0 {
		if len(w.line) == 0 {
			w.lineAt = now
		}
		line, rest, complete := bytes.Cut(p, []byte{'\n'})
		p = rest
		w.line = append(w.line, line...)
		if complete {
			failed = firstError(failed, w.addLine())
		} else if len(w.line) > 2*MaxEventBytes {
			failed = firstError(failed, w.spill())
		}
	}
	if w.cfg.AtOnce {
		if len(w.line) > 0 {
			w.line = append(w.line, ContinuationMark...)
		}
		failed = firstError(failed, w.finish())
	} else {
		w.wait()
	}
	if failed != nil {
		return 0, failed
	}
	return written, nil
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// addLine makes the complete line an event, or a part of the open one.
func (w *Writer) addLine() error {
	line := bytes.TrimSuffix(w.line, []byte{'\r'})
	at := w.lineAt
	var err error
	switch begins := w.cfg.Begins == nil || w.cfg.Begins(line); {
	case begins || !w.open:
		err = w.endEvent()
		if len(line) > 0 {
			w.event, w.open, w.at = append(w.event[:0], line...), true, at
		}
		if w.cfg.Begins == nil {
			err = firstError(err, w.endEvent())
		}
	default:
		if len(w.event)+1+len(line) > MaxEventBytes {
			err = w.endEvent()
			w.open, w.at = true, at
			w.event = append(w.event[:0], line...)
			break
		}
		w.event = append(append(w.event, '\n'), line...)
	}
	w.line = w.line[:0]
	return err
}

// endEvent puts the open event into the queue.
func (w *Writer) endEvent() error {
	if !w.open {
		return nil
	}
	w.open = false
	text := w.event
	if !utf8.Valid(text) {
		text = bytes.ToValidUTF8(text, []byte("\uFFFD"))
	}
	text = bytes.TrimRight(text, "\n")
	var err error
	if len(text) > 0 {
		err = EachPiece(text, w.put)
	}
	if cap(w.event) > maxPooled {
		w.event = nil
	}
	return err
}

// EachPiece calls put with text, in pieces if it is longer than an event may be,
// each but the last with ContinuationMark. It returns the first error. Text must
// be UTF-8; put may keep a piece until text changes.
func EachPiece(text []byte, put func(piece []byte) error) error {
	var err error
	for len(text) > MaxEventBytes {
		n := MaxEventBytes - len(ContinuationMark)
		for !utf8.RuneStart(text[n]) {
			n--
		}
		err = firstError(err, put(append(bytes.Clone(text[:n]), ContinuationMark...)))
		text = text[n:]
	}
	return firstError(err, put(text))
}

// put hands an event to the queue, and waits for room if that is wanted.
func (w *Writer) put(text []byte) error {
	key := w.to.key(w.at, "", "")
	err := w.cfg.Queue.Put(key, w.at, text)
	if err == nil || w.cfg.Block <= 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), w.cfg.Block)
	defer cancel()
	if err := w.cfg.Queue.Flush(ctx); err != nil {
		return fmt.Errorf("logs: no room in the queue: %w", err)
	}
	return w.cfg.Queue.Put(key, w.at, text)
}

// spill lets go of the beginning of a line that has no end in sight.
func (w *Writer) spill() error {
	err := w.endEvent()
	n := MaxEventBytes - len(ContinuationMark)
	for n > 0 && !utf8.RuneStart(w.line[n]) {
		n--
	}
	if n == 0 { // no UTF-8
		n = MaxEventBytes - len(ContinuationMark)
	}
	w.event = append(append(w.event[:0], w.line[:n]...), ContinuationMark...)
	w.open, w.at = true, w.lineAt
	err = firstError(err, w.endEvent())
	w.line = append(w.line[:0], w.line[n:]...)
	return err
}

// wait sees to it that what is open does not stay.
func (w *Writer) wait() {
	if !w.open && len(w.line) == 0 {
		return
	}
	w.changed = time.Now()
	if w.timer == nil {
		w.timer = time.AfterFunc(w.cfg.Wait, w.expire)
		return
	}
	w.timer.Reset(w.cfg.Wait)
}

// expire sends what nothing was added to for a while.
func (w *Writer) expire() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if left := w.cfg.Wait - time.Since(w.changed); left > 0 {
		w.timer.Reset(left)
		return
	}
	_ = w.finish() // the queue has counted what it could not take
}

func (w *Writer) finish() error {
	if w.timer != nil {
		w.timer.Stop()
	}
	var err error
	if len(w.line) > 0 {
		err = w.addLine()
	}
	return firstError(err, w.endEvent())
}

// End puts what is left into the queue, complete lines or not. Writer goes on.
func (w *Writer) End() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.finish()
}

// Flush delivers what was written, complete lines or not, until ctx ends.
func (w *Writer) Flush(ctx context.Context) error {
	return firstError(w.End(), w.cfg.Queue.Flush(ctx))
}

// Close puts what is left into the queue, which others may use too and which
// it leaves open. Writes after it fail.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil
	}
	w.closed = true
	return w.finish()
}
