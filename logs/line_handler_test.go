package logs

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/slogtest"
	"time"

	sdklog "go.opentelemetry.io/otel/sdk/log"

	"github.com/updraft-otel/updraft/internal/appendjson"
)

func lineHandler(t testing.TB, q Queue, opts *HandlerOptions) *LineHandler {
	t.Helper()
	h, err := NewLineHandler(LineHandlerConfig{
		Config: Config{Queue: q, Group: "/shop", Stream: "{host}/{date}/{level}"}, Attributes: shop(), Scope: "test",
	}, opts)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestLineHandler_slogtest(t *testing.T) {
	var q *queue
	slogtest.Run(t,
		func(t *testing.T) slog.Handler { q = new(queue); return lineHandler(t, q, nil) },
		func(t *testing.T) map[string]any {
			line := q.last(t)
			m, _ := line["attributes"].(map[string]any)
			if m == nil {
				m = map[string]any{}
			}
			m[slog.MessageKey], m[slog.LevelKey] = line["body"], line["severity"]
			// A line always has a time: CloudWatch Logs wants one.
			if at, _ := time.Parse(time.RFC3339Nano, line["timestamp"].(string)); time.Since(at) < time.Hour && strings.Contains(t.Name(), "zero-time") {
				return m
			}
			m[slog.TimeKey] = line["timestamp"]
			return m
		},
	)
}

// The two ways from slog to a line give the same line.
func TestLineHandler_likeHandlerAndProcessor(t *testing.T) {
	direct, through := new(queue), new(queue)
	p, err := NewProcessor(Config{Queue: through, Group: "/shop", Stream: "s"})
	if err != nil {
		t.Fatal(err)
	}
	provider := sdklog.NewLoggerProvider(sdklog.WithResource(shop()), sdklog.WithProcessor(p))
	f := func(name string, opts *HandlerOptions, log func(*slog.Logger)) {
		t.Helper()
		handlers := []slog.Handler{lineHandler(t, direct, opts), NewHandler(provider.Logger("test"), opts)}
		for _, h := range handlers { // one line of source for both
			log(slog.New(h))
		}
		var lines [2]map[string]any
		for i, q := range []*queue{direct, through} {
			lines[i] = q.last(t)
			delete(lines[i], "timestamp")
		}
		if !reflect.DeepEqual(lines[0], lines[1]) {
			t.Errorf("%s:\n%v\n%v", name, lines[0], lines[1])
		}
	}
	ctx := inSpan(t.Context())
	f("plain", nil, func(l *slog.Logger) { l.InfoContext(ctx, "m", "a", 1, "b", "x\n\"y") })
	f("no attributes", nil, func(l *slog.Logger) { l.Error("m") })
	f("groups", nil, func(l *slog.Logger) {
		l.With("a", 1).WithGroup("g").With("b", time.Second).WithGroup("h").Info("m", "c", 3.5)
	})
	f("empty groups", nil, func(l *slog.Logger) { l.With("a", 1).WithGroup("g").WithGroup("h").Info("m") })
	f("groups within", nil, func(l *slog.Logger) {
		l.WithGroup("g").Info("m", slog.Group("x", slog.Int("a", 1), slog.Group("none")), slog.Group("", slog.Int("b", 2)))
	})
	f("a key twice", nil, func(l *slog.Logger) { l.With("a", 1).Info("m", "b", 2, "a", 3, "b", 4) })
	f("a group with an attribute's name", nil, func(l *slog.Logger) { l.With("g", 1).WithGroup("g").Info("m", "a", 3) })
	f("source", &HandlerOptions{AddSource: true}, func(l *slog.Logger) { l.WithGroup("g").Info("m", "a", 1) })
	f("any", nil, func(l *slog.Logger) {
		l.Info("m", "e", errors.New("no"), "t", time.Unix(1, 2).UTC(), "u", uint64(1)<<63, "p", (*nilError)(nil), "c", card{"Ada", "4111"})
	})
	f("many", nil, func(l *slog.Logger) {
		var args []any
		for i := range 40 {
			args = append(args, slog.Int(string(rune('a'+i%30)), i))
		}
		l.Info("m", args...)
	})
	f("too long", nil, func(l *slog.Logger) { l.With("a", 1).Info("m", "long", strings.Repeat("x", 2<<20)) })
}

// A queue that takes escaped lines gets what the others get.
func TestLineHandler_escaped(t *testing.T) {
	var sizes []int
	plain, escaped := new(queue), new(queue)
	f := func(name string, log func(*slog.Logger)) {
		t.Helper()
		c := Config{Queue: plain, Group: "/shop", Stream: "{level}"}
		for range 2 {
			h, err := NewLineHandler(LineHandlerConfig{Config: c, Attributes: shop(), Scope: "test"}, &HandlerOptions{AddSource: true})
			if err != nil {
				t.Fatal(err)
			}
			log(slog.New(noTime{h}))
			c.PutEscaped = func(key string, at time.Time, line []byte, size int) error {
				sizes = append(sizes, size)
				return escaped.Put(key, at, line)
			}
		}
		last := len(plain.lines) - 1
		if len(escaped.lines) != last+1 || escaped.keys[last] != plain.keys[last] || !escaped.times[last].Equal(plain.times[last]) {
			t.Fatalf("%s: %v, want %v", name, escaped, plain)
		}
		var got string
		if err := json.Unmarshal([]byte(`"`+escaped.lines[last]+`"`), &got); err != nil || got != plain.lines[last] || sizes[last] != len(got) {
			t.Errorf("%s: %v\n%s of %d bytes, want\n%s of %d", name, err, got, sizes[last], plain.lines[last], len(plain.lines[last]))
		}
	}
	ctx := inSpan(t.Context())
	f("plain", func(l *slog.Logger) { l.InfoContext(ctx, "m", "a", 1, "b", time.Second) })
	f("to escape", func(l *slog.Logger) { l.Warn("\"\\\n\x00é\xff", `"k`, `\v`, "e", errors.New(`open "x"`)) })
	f("levels", func(l *slog.Logger) { l.Log(ctx, slog.LevelWarn+1, "m") })
	f("groups", func(l *slog.Logger) {
		l.With(`"a\`, `"b\`).WithGroup(`"g\`).Error("m", slog.Group("x", slog.String(`"`, `\`)), "f", math.NaN(), "any", []string{`"`})
	})
}

// noTime gives all records one time.
type noTime struct{ slog.Handler }

func (h noTime) Handle(ctx context.Context, r slog.Record) error {
	r.Time, r.PC = time.Unix(1_790_000_000, 123_456_789), 0
	return h.Handler.Handle(ctx, r)
}

func (h noTime) WithAttrs(attrs []slog.Attr) slog.Handler { return noTime{h.Handler.WithAttrs(attrs)} }
func (h noTime) WithGroup(name string) slog.Handler       { return noTime{h.Handler.WithGroup(name)} }

func TestLineHandler_destination(t *testing.T) {
	q := new(queue)
	h := lineHandler(t, q, nil)
	f := func(at time.Time, level slog.Level, want string) {
		t.Helper()
		r := slog.NewRecord(at, level, "m", 0)
		if err := h.Handle(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if got := q.keys[len(q.keys)-1]; got != Key("/shop", want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	f(time.Date(2026, 11, 25, 23, 0, 0, 0, time.UTC), slog.LevelInfo, "a1/2026-11-25/info")
	f(time.Date(2026, 11, 25, 23, 0, 0, 0, time.FixedZone("", -3*3600)), slog.LevelWarn, "a1/2026-11-26/warn")
}

func TestLineHandler_errors(t *testing.T) {
	f := func(c Config, want string) {
		t.Helper()
		if _, err := NewLineHandler(LineHandlerConfig{Config: c}, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	f(Config{Group: "g", Stream: "s"}, "no queue")
	f(Config{Queue: nowhere{}, Stream: "s"}, "no destination")
	f(Config{Queue: nowhere{}, Group: "g", Stream: "{dat}"}, "{dat} is no placeholder")
}

func TestTemplate(t *testing.T) {
	f := func(template, want string) {
		t.Helper()
		parts, err := parseTemplate(template)
		if err != nil {
			t.Fatal(err)
		}
		attributes := map[string]string{
			"service.name": "shop", "aws.ecs.task.arn": "arn:aws:ecs:eu-west-1:1:task/c/abc123", "k8s.namespace.name": "prod",
		}
		parts = fill(parts, func(key string) string { return attributes[key] })
		at := time.Date(2026, 11, 25, 7, 0, 0, 0, time.UTC)
		if got := string(appendParts(nil, parts, at, "WARN", "")); got != want {
			t.Errorf("%q: %q, want %q", template, got, want)
		}
	}
	f("", "")
	f("plain", "plain")
	f("/a/{service}/{date}", "/a/shop/2026-11-25")
	f("{hour}{level}{scope}", "2026-11-25-07warnunknown")
	f("{task_id}", "abc123")
	f("{k8s.namespace.name}/{k8s.pod.name}", "prod/unknown")
	f("open {date", "open {date")
}

func TestAppendText(t *testing.T) {
	f := func(log func(*slog.Logger), want string) {
		t.Helper()
		q := new(queue)
		h, err := NewLineHandler(LineHandlerConfig{Config: Config{Queue: q, Group: "g", Stream: "s"}, Attributes: shop(), Text: true}, nil)
		if err != nil {
			t.Fatal(err)
		}
		log(slog.New(h))
		if _, got, _ := strings.Cut(q.lines[0], " "); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	f(func(l *slog.Logger) { l.Info("order placed", "id", "A 17", "n", 3) }, `INFO order placed id="A 17" n=3 service=shop`)
	f(func(l *slog.Logger) { l.WithGroup("g").With("a", 1).Warn("two\nlines", "b", "") }, `WARN two\nlines g.a=1 g.b="" service=shop`)
	long := AppendText(nil, &Event{Severity: strings.Repeat("é", MaxEventBytes)})
	if len(long) > MaxEventBytes || !strings.HasSuffix(string(long), "é"+TruncationMark) {
		t.Errorf("%d bytes, ends with %q", len(long), long[len(long)-20:])
	}
}

func FuzzLineHandler(f *testing.F) {
	f.Add("message", "key", "value", "group")
	f.Fuzz(func(t *testing.T, message, key, value, group string) {
		q := new(queue)
		h := lineHandler(t, q, nil)
		slog.New(h).WithGroup(group).With(key, value).Info(message, key, value, group, slog.GroupValue(slog.String(key, value)))
		if !json.Valid([]byte(q.lines[0])) {
			t.Errorf("%q", q.lines[0])
		}
	})
}

// TestLineHandler_alikeKeys has keys that look alike in a glance and differ, and keys that are the same.
func TestLineHandler_alikeKeys(t *testing.T) {
	f := func(group []slog.Attr, fast bool, keys ...string) {
		t.Helper()
		h := lineHandler(t, new(queue), nil).WithAttrs(group).(*LineHandler)
		r := slog.NewRecord(time.Unix(1, 0), slog.LevelInfo, "m", 0)
		for _, key := range keys {
			r.AddAttrs(slog.Int(key, 1))
		}
		if got := h.fast(ids{}, r.Time, &r, new(lineBuffer)); got != fast {
			t.Errorf("%v after %v: fast is %v", keys, group, got)
		}
	}
	if keyBit("order") != keyBit("odder") || keyBit("order") == keyBit("orders") {
		t.Fatal("other keys are alike")
	}
	f(nil, true, "order", "odder", "orders")
	f(nil, false, "order", "odder", "order")
	f([]slog.Attr{slog.Int("order", 1)}, true, "odder")
	f([]slog.Attr{slog.Int("order", 1)}, false, "order")
	f(nil, false, "order", "")
}

// Both ways of a LineHandler write the same.
func FuzzLineHandler_fast(f *testing.F) {
	f.Add("message", "key", "value", "group", int64(1), 1.5, 0, int64(1_790_000_000_123_456_789))
	f.Add("", "\"\\", "\x00é\xff", "", int64(-1), math.NaN(), 3, int64(-1))
	f.Fuzz(func(t *testing.T, message, key, value, group string, number int64, float float64, level int, nanos int64) {
		h := lineHandler(t, new(queue), &HandlerOptions{AddSource: true})
		with := h.WithGroup(group).WithAttrs([]slog.Attr{slog.String(key, value), slog.Int64(value, number)}).WithGroup(key).(*LineHandler)
		var pcs [1]uintptr
		runtime.Callers(1, pcs[:])
		r := slog.NewRecord(time.Unix(0, nanos), slog.Level(level), message, pcs[0])
		r.AddAttrs(slog.String(key, value), slog.Float64(value, float), slog.Bool(group, number > 0), slog.Any("any", []string{key}),
			slog.Duration("duration", time.Duration(number)), slog.Time("time", time.Unix(number, 0)), slog.Uint64("unsigned", uint64(number)),
			slog.Group(group, slog.String(value, key), slog.Int64("n", number)))
		for range 2 { // the second one with what the first has left in caches
			b := new(lineBuffer)
			if !with.fast(idsOf(inSpan(t.Context())), r.Time, &r, b) {
				return
			}
			e := with.event(idsOf(inSpan(t.Context())), r.Time, r)
			if n := len(appendjson.Unescape(nil, b.line)); n != b.size {
				t.Fatalf("the size of %s is %d, not %d", b.line, n, b.size)
			}
			got, want := checkLine(t, appendjson.Unescape(nil, b.line)), checkLine(t, AppendEvent(nil, &e))
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("the fast way writes\n%s, the slow way\n%s", b.line, AppendEvent(nil, &e))
			}
		}
	})
}

func BenchmarkLineHandler(b *testing.B) {
	f := func(name string, escaped func(string, time.Time, []byte, int) error) {
		b.Run(name, func(b *testing.B) {
			h, err := NewLineHandler(LineHandlerConfig{
				Config: Config{Queue: nowhere{}, PutEscaped: escaped, Group: "g", Stream: "s"}, Attributes: shop(),
			}, nil)
			if err != nil {
				b.Fatal(err)
			}
			logger, ctx := slog.New(h), inSpan(b.Context())
			b.ReportAllocs()
			for b.Loop() {
				logger.LogAttrs(ctx, slog.LevelInfo, "order placed", slog.String("id", "A-17"), slog.Int("items", 3), slog.Duration("took", 1))
			}
		})
	}
	f("plain", nil)
	f("escaped", func(string, time.Time, []byte, int) error { return nil })
}

// BenchmarkJSONHandler is slog's own, for comparison.
func BenchmarkJSONHandler(b *testing.B) {
	logger, ctx := slog.New(slog.NewJSONHandler(io.Discard, nil)), inSpan(b.Context())
	b.ReportAllocs()
	for b.Loop() {
		logger.LogAttrs(ctx, slog.LevelInfo, "order placed", slog.String("id", "A-17"), slog.Int("items", 3), slog.Duration("took", 1))
	}
}
