package logs

import (
	"context"
	"errors"
	"io"
	"log" //nolint:depguard // it is what writes the lines
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"
)

func newWriter(t *testing.T, c WriterConfig) (*Writer, *queue) {
	t.Helper()
	q := new(queue)
	if c.Queue == nil {
		c.Queue = q
	}
	c.Group, c.Stream, c.Attributes = "/{service}", "s", shop()
	w, err := NewWriter(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w, q
}

func TestWriter_lines(t *testing.T) {
	f := func(begins func([]byte) bool, pieces, want []string) {
		t.Helper()
		w, q := newWriter(t, WriterConfig{Begins: begins})
		for _, p := range pieces {
			if n, err := io.WriteString(w, p); n != len(p) || err != nil {
				t.Errorf("%q: %d, %v", p, n, err)
			}
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		if !reflect.DeepEqual(q.lines, want) {
			t.Errorf("%q: %q, want %q", pieces, q.lines, want)
		}
		for _, key := range q.keys {
			if key != Key("/shop", "s") {
				t.Errorf("key %q", key)
			}
		}
	}
	f(nil, []string{"one\ntwo\n"}, []string{"one", "two"})
	f(nil, []string{"o", "ne\nt", "wo", "\n"}, []string{"one", "two"})
	f(nil, []string{"one\r\n\n\r\ntwo"}, []string{"one", "two"})
	f(nil, []string{"a\xffb\n"}, []string{"a\uFFFDb"})
	f(nil, []string{""}, nil)
	f(Indented, []string{"panic: no\n\tat x\n\n  at y\nnext\n"}, []string{"panic: no\n\tat x\n\n  at y", "next"})
	f(Indented, []string{"  a line before all\n", "first\n", " more\n"}, []string{"  a line before all", "first\n more"})
	dated := func(line []byte) bool { return len(line) > 0 && line[0] == '2' }
	f(dated, []string{"2026 a\nb\nc\n2026 d\n"}, []string{"2026 a\nb\nc", "2026 d"})
}

// Text longer than an event goes as several that together are the text.
func TestWriter_long(t *testing.T) {
	f := func(text string, piece int) {
		t.Helper()
		w, q := newWriter(t, WriterConfig{})
		for rest := text; rest != ""; {
			n := min(piece, len(rest))
			_, _ = io.WriteString(w, rest[:n])
			rest = rest[n:]
		}
		_ = w.Close()
		var whole strings.Builder
		for i, line := range q.lines {
			if len(line) > MaxEventBytes || !utf8.ValidString(line) {
				t.Errorf("event %d has %d bytes", i, len(line))
			}
			cut, marked := strings.CutSuffix(line, ContinuationMark)
			if marked != (i < len(q.lines)-1) {
				t.Errorf("event %d of %d: marked %v", i, len(q.lines), marked)
			}
			whole.WriteString(cut)
		}
		if whole.String() != text {
			t.Errorf("%d bytes became %d", len(text), whole.Len())
		}
	}
	f(strings.Repeat("x", MaxEventBytes), 1<<20)
	f(strings.Repeat("x", MaxEventBytes+1), 1<<20)
	f(strings.Repeat("é", 3*MaxEventBytes/2), 1<<20)
	f(strings.Repeat("é", 3*MaxEventBytes/2), 777)
}

func TestWriter_multilineBound(t *testing.T) {
	w, q := newWriter(t, WriterConfig{Begins: Indented})
	for range 3 {
		_, _ = io.WriteString(w, " "+strings.Repeat("x", MaxEventBytes/2)+"\n")
	}
	_ = w.Close()
	for _, line := range q.lines {
		if len(line) > MaxEventBytes {
			t.Errorf("%d bytes", len(line))
		}
	}
	if len(q.lines) < 2 {
		t.Errorf("%d events", len(q.lines))
	}
}

// A line without an end goes when nothing comes any more.
func TestWriter_wait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, q := newWriter(t, WriterConfig{})
		began := time.Now()
		_, _ = io.WriteString(w, "Password")
		<-time.After(DefaultLineWait / 2)
		_, _ = io.WriteString(w, ": ")
		<-time.After(DefaultLineWait - time.Millisecond)
		q.mu.Lock() // a timer puts
		if len(q.lines) != 0 {
			t.Errorf("%q before its time", q.lines)
		}
		q.mu.Unlock()
		<-time.After(2 * time.Millisecond)
		synctest.Wait()
		q.mu.Lock()
		defer q.mu.Unlock()
		if !reflect.DeepEqual(q.lines, []string{"Password: "}) || !q.times[0].Equal(began) {
			t.Errorf("%q at %v", q.lines, q.times)
		}
	})
}

// All that a write brings is in the queue when it returns, if that is asked for.
func TestWriter_atOnce(t *testing.T) {
	w, q := newWriter(t, WriterConfig{Begins: Indented, AtOnce: true})
	for _, step := range []struct {
		piece string
		want  []string
	}{
		{"one\n  more\n", []string{"one\n  more"}},
		{"  of its own\n", []string{"  of its own"}},
		{"two\nthr", []string{"two", "thr" + ContinuationMark}},
		{"", nil},
		{"ee\n", []string{"ee"}},
		{"\n\r\n", nil},
	} {
		q.lines = nil
		if n, err := io.WriteString(w, step.piece); n != len(step.piece) || err != nil {
			t.Errorf("%q: %d, %v", step.piece, n, err)
		}
		if !slices.Equal(q.lines, step.want) {
			t.Errorf("%q: %q, want %q", step.piece, q.lines, step.want)
		}
	}
}

// fullQueue refuses until it is flushed.
type fullQueue struct {
	queue
	stuck bool
}

func (q *fullQueue) Put(key string, at time.Time, body []byte) error {
	if q.flushes == 0 {
		return errors.New("full")
	}
	return q.queue.Put(key, at, body)
}

func (q *fullQueue) Flush(ctx context.Context) error {
	if q.stuck {
		<-ctx.Done()
		return ctx.Err()
	}
	return q.queue.Flush(ctx)
}

func TestWriter_block(t *testing.T) {
	q := &fullQueue{}
	w, _ := newWriter(t, WriterConfig{Config: Config{Queue: q}})
	if _, err := io.WriteString(w, "lost\n"); err != nil {
		t.Errorf("%v, want no error: the queue counts", err)
	}
	w, _ = newWriter(t, WriterConfig{Config: Config{Queue: q}, Block: time.Second})
	if _, err := io.WriteString(w, "kept\n"); err != nil || !reflect.DeepEqual(q.lines, []string{"kept"}) {
		t.Errorf("%v, %q", err, q.lines)
	}
	w, _ = newWriter(t, WriterConfig{Config: Config{Queue: &fullQueue{stuck: true}}, Block: time.Millisecond})
	if _, err := io.WriteString(w, "late\n"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

func TestWriter_closed(t *testing.T) {
	w, q := newWriter(t, WriterConfig{})
	logger := log.New(w, "", 0)
	logger.Print("standard")
	_ = w.Close()
	logger.Print("late")
	if err := w.Flush(t.Context()); err != nil || !reflect.DeepEqual(q.lines, []string{"standard"}) {
		t.Errorf("%v, %q", err, q.lines)
	}
	if _, err := NewWriter(WriterConfig{}); err == nil {
		t.Error("a writer without a queue")
	}
}

func FuzzWriter(f *testing.F) {
	f.Add("a\nb", "\tc\r\n")
	f.Fuzz(func(t *testing.T, a, b string) {
		w, q := newWriter(t, WriterConfig{Begins: Indented})
		_, _ = io.WriteString(w, a)
		_, _ = io.WriteString(w, b)
		_ = w.Close()
		for _, line := range q.lines {
			if line == "" || !utf8.ValidString(line) || len(line) > MaxEventBytes {
				t.Errorf("%q", line)
			}
		}
	})
}

func BenchmarkWriter(b *testing.B) {
	w, err := NewWriter(WriterConfig{Config: Config{Queue: nowhere{}, Group: "g", Stream: "s"}})
	if err != nil {
		b.Fatal(err)
	}
	line := []byte(strings.Repeat("x", 199) + "\n")
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		_, _ = w.Write(line)
	}
}
