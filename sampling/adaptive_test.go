package sampling

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// The examples of AWS's guide, in both spellings of the use and both forms of YAML.
func TestParseAdaptive(t *testing.T) {
	f := func(text string, want Adaptive) {
		t.Helper()
		got, err := ParseAdaptive([]byte(text))
		if err != nil || !reflect.DeepEqual(*got, want) {
			t.Errorf("%s\nis %+v: %v, want %+v", text, got, err, want)
		}
	}
	f("version: 1.0\nanomalyConditions:\n  - errorCodeRegex: \"^5\\\\d\\\\d$\"\n    usage: both\n  - operations:\n      - \"/api\"\n"+
		"    errorCodeRegex: \"^429|5\\\\d\\\\d$\"\n    highLatencyMs: 300\n    usage: sampling-boost\n  - highLatencyMs: 1000\n"+
		"    usage: anomaly-span-capture\nanomalyCaptureLimit:\n  anomalyTracesPerSecond: 1\n", Adaptive{
		Conditions: []AnomalyCondition{
			{ErrorCode: `^5\d\d$`, Use: UseBoth},
			{ErrorCode: `^429|5\d\d$`, Operations: []string{"/api"}, HighLatency: 300 * time.Millisecond, Use: UseBoost},
			{HighLatency: time.Second, Use: UseCapture},
		},
		CapturesPerSecond: 1,
	})
	f(`{version: 1.0, anomalyConditions: [{errorCodeRegex: "^500$", usage: "sampling-boost"}, {errorCodeRegex: "^501$", usage: "anomaly-trace-capture"}], anomalyCaptureLimit: {anomalyTracesPerSecond: 10}}`, Adaptive{
		Conditions:        []AnomalyCondition{{ErrorCode: "^500$", Use: UseBoost}, {ErrorCode: "^501$", Use: useCaptureOld}},
		CapturesPerSecond: 10,
	})
	f(`{"version": "1.0", "anomalyConditions": [{"highLatencyMs": 0.5, "operations": []}]}`, Adaptive{
		Conditions: []AnomalyCondition{{HighLatency: 500 * time.Microsecond, Operations: []string{}}}, CapturesPerSecond: 1,
	})
	f("version: 1", Adaptive{CapturesPerSecond: 1})
}

func TestParseAdaptive_mistakes(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		if got, err := ParseAdaptive([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gives %+v and error %v, want one with %q", text, got, err, want)
		}
	}
	f("", "EOF")
	f("version: 2.0", "not 1.0")
	f("anomalyConditions: []", "not 1.0")
	f("version: 1.0\nanomalyCondition: []", "anomalyCondition")
	f("version: 1.0\nanomalyConditions: [{usage: never}]", "never")
	f("version: 1.0\nanomalyConditions: [{errorCodeRegex: '('}]", "error code")
	f("version: 1.0\nanomalyConditions: [{highLatencyMs: -1}]", "highLatencyMs")
	f("version: 1.0\nanomalyConditions: [{highLatencyMs: .nan}]", "highLatencyMs")
	f("version: 1.0\nanomalyCaptureLimit: {anomalyTracesPerSecond: -1}", "less than none")
	f("version: 1.0\nanomalyCaptureLimit: {anomalyTracesPerSecond: many}", "many")
	f("version: [", "yaml")
	f(strings.Repeat("#", 100_000), "of at most")
}

func FuzzParseAdaptive(f *testing.F) {
	f.Add("version: 1.0\nanomalyConditions:\n  - errorCodeRegex: \"^5\\\\d\\\\d$\"\n")
	f.Add(`{version: 1.0, anomalyCaptureLimit: {anomalyTracesPerSecond: 10}}`)
	f.Add("a: &a [*a]\nversion: 1")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := ParseAdaptive([]byte(text))
		if err != nil {
			return
		}
		if _, err := New(Config{Adaptive: a}); err != nil {
			t.Errorf("a configuration that was read makes no sampler: %v", err)
		}
	})
}

// recorder keeps what an exporter's processor would send.
type recorder struct {
	mu    sync.Mutex
	spans []sdktrace.ReadOnlySpan
}

func (*recorder) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (*recorder) Shutdown(context.Context) error                  { return nil }
func (*recorder) ForceFlush(context.Context) error                { return nil }
func (r *recorder) OnEnd(span sdktrace.ReadOnlySpan) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.spans = append(r.spans, span) // also one that is not sampled: none must come
}

func (r *recorder) names() (names []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.spans {
		names = append(names, s.Name())
	}
	r.spans = nil
	return names
}

// span records a span with an HTTP status that took so long in virtual time.
func span(ctx context.Context, tracer trace.Tracer, name string, status int, took time.Duration) {
	_, s := tracer.Start(ctx, name, trace.WithAttributes(attribute.String("url.path", "/api/orders"), attribute.String("http.request.method", "GET")))
	if status > 0 {
		s.SetAttributes(attribute.Int("http.response.status_code", status))
	}
	if took > 0 {
		<-time.After(took)
	}
	s.End()
}

func adapted(t *testing.T, s *Sampler) (trace.Tracer, *recorder) {
	t.Helper()
	sent := &recorder{}
	provider := sdktrace.NewTracerProvider(sdktrace.WithSampler(s), sdktrace.WithSpanProcessor(s.Processor(sent)))
	t.Cleanup(func() { _ = provider.Shutdown(context.Background()) })
	return provider.Tracer("test"), sent
}

func TestBoost(t *testing.T) {
	service := &scripted{rules: append(all(0, 0), Rule{Name: "boosted", Priority: 1, Boost: &Boost{MaxRate: 1}})}
	inTime(t, service, Config{}, func(t *testing.T, s *Sampler) {
		tracer, sent := adapted(t, s)
		for i := range 10 {
			status := 200
			if i < 3 {
				status = 503
			}
			ctx, root := tracer.Start(t.Context(), "root") // two spans of a trace are one trace, and one anomaly
			span(ctx, tracer, "child", status, 0)
			root.SetAttributes(attribute.Int("http.response.status_code", status))
			root.End()
		}
		_, failed := tracer.Start(t.Context(), "without a status")
		failed.SetStatus(codes.Error, "no")
		failed.End()
		if names := sent.names(); len(names) != 0 {
			t.Errorf("sent %v, want nothing captured: nobody asked for it", names)
		}
		service.set(func(s *scripted) {
			until := time.Now().Add(time.Minute)
			s.target = func(Statistics) *Target { return &Target{BoostRate: 1, BoostUntil: until} }
		})
		sleep(11 * time.Second)
		if len(service.boosts) != 1 {
			t.Fatalf("%d boost statistics, want one", len(service.boosts))
		}
		if b := service.boosts[0]; b.Rule != "boosted" || b.Total != 11 || b.Anomalies != 4 || b.SampledAnomalies != 0 {
			t.Errorf("boost statistics %+v, want 11 traces, four of them anomalies", b)
		}
		span(t.Context(), tracer, "raised", 500, 0)
		if r := s.Report().Rules[0]; r.BoostRate != 1 || !slices.Equal(sent.names(), []string{"raised"}) {
			t.Errorf("%+v, want the trace sampled by the raised rate", r)
		}
		sleep(10 * time.Second)
		if b := service.boosts[1]; b.Total != 1 || b.SampledAnomalies != 1 {
			t.Errorf("boost statistics %+v, want one sampled anomaly", b)
		}
		sleep(time.Minute)
		span(t.Context(), tracer, "not raised", 200, 0)
		if names := sent.names(); len(names) != 0 {
			t.Errorf("sent %v after the boost's end", names)
		}
	})
}

// What others decided is counted for their rule, and for none where they do not say.
func TestBoost_downstream(t *testing.T) {
	rules := append(all(0, 0), Rule{Name: "boosted", SpanName: "elsewhere", Boost: &Boost{MaxRate: 0.5}}, Rule{Name: "asked", Boost: &Boost{NoDefaultAnomalies: true}})
	service := &scripted{rules: rules}
	// An Adaptive without conditions does not make one of the default anomaly.
	inTime(t, service, Config{Adaptive: &Adaptive{}}, func(t *testing.T, s *Sampler) {
		tracer, _ := adapted(t, s)
		span(child(t, 0, "xrsr="+referenceOf("boosted")), tracer, "says", 500, 0)
		id := never
		id[0] = 9
		silent := trace.NewSpanContext(trace.SpanContextConfig{TraceID: id, SpanID: trace.SpanID{1}, Remote: true})
		span(trace.ContextWithRemoteSpanContext(t.Context(), silent), tracer, "says nothing", 500, 0)
		span(t.Context(), tracer, "of ours", 500, 0)
		sleep(11 * time.Second)
		byRule := map[string]BoostStatistics{}
		for _, b := range service.boosts {
			byRule[b.Rule] = b
		}
		if b := byRule["boosted"]; b.Total != 1 || b.Anomalies != 1 {
			t.Errorf("%+v, want the trace of the rule that the tracestate refers to", b)
		}
		if b := byRule["asked"]; b.Total != 1 || b.Anomalies != 0 {
			t.Errorf("%+v, want our trace, and no anomaly: the rule leaves that to Adaptive", b)
		}
	})
}

func TestCapture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := New(Config{Rules: []Rule{{}}, Adaptive: &Adaptive{CapturesPerSecond: 2, Conditions: []AnomalyCondition{
			{ErrorCode: "5", Use: useCaptureOld},
			{HighLatency: 300 * time.Millisecond, Operations: []string{"slow"}},
			{ErrorCode: "4", Use: UseBoost},
			{Use: UseBoth}, // says nothing
		}}})
		if err != nil {
			t.Fatal(err)
		}
		tracer, sent := adapted(t, s)
		f := func(want bool, name string, status int, took time.Duration) {
			t.Helper()
			span(t.Context(), tracer, name, status, took)
			if got := len(sent.names()) == 1; got != want {
				t.Errorf("%s, status %d, %v: captured %v, want %v", name, status, took, got, want)
			}
			sleep(time.Second)
		}
		f(true, "fails", 503, 0)
		f(false, "is refused", 404, 0)
		f(false, "works", 200, 0)
		f(true, "slow", 0, 300*time.Millisecond)
		f(false, "slow", 0, 299*time.Millisecond)
		f(false, "another", 200, time.Second)

		// After the first anomaly, the spans of the trace that end later are sent, too.
		ctx, root := tracer.Start(t.Context(), "root")
		span(ctx, tracer, "before", 200, 0)
		span(ctx, tracer, "anomaly", 500, 0)
		span(ctx, tracer, "after", 200, 0)
		root.End()
		sent.mu.Lock()
		captured := slices.Clone(sent.spans)
		sent.mu.Unlock()
		if names := sent.names(); !slices.Equal(names, []string{"anomaly", "after", "root"}) {
			t.Errorf("sent %v", names)
		}
		for _, c := range captured {
			if !slices.Contains(c.Attributes(), SampledKey.Int(0)) || !c.SpanContext().IsSampled() {
				t.Errorf("%s: %v", c.Name(), c.Attributes())
			}
		}
		if !slices.Contains(captured[2].Attributes(), AdaptiveKey.Bool(true)) {
			t.Errorf("the root has %v", captured[2].Attributes())
		}
		sleep(time.Second)

		// Two traces a second, whatever fails.
		for range 10 {
			for range 50 {
				span(t.Context(), tracer, "fails", 500, 0)
			}
			sleep(time.Second)
		}
		if n := len(sent.names()); n != 20 {
			t.Errorf("%d traces captured in ten seconds, want 20", n)
		}
		if n := s.Report().Captured; n != 25 {
			t.Errorf("%d spans captured, want 25", n)
		}
	})
}

func TestOperation(t *testing.T) {
	f := func(operation string, want bool) {
		t.Helper()
		s, err := New(Config{Rules: []Rule{{}}, Adaptive: &Adaptive{CapturesPerSecond: 1, Conditions: []AnomalyCondition{
			{ErrorCode: "500", Operations: []string{operation}},
		}}})
		if err != nil {
			t.Fatal(err)
		}
		tracer, sent := adapted(t, s)
		span(t.Context(), tracer, "GET /api/orders/{id}", 500, 0)
		if got := len(sent.names()) == 1; got != want {
			t.Errorf("operation %q: %v, want %v", operation, got, want)
		}
	}
	f("GET /api/orders/{id}", true)
	f("/api", true)
	f("GET /api", true)
	f("POST /api", false)
	f("/api/orders", false)
	f("", false)
}

// Memory stays within bounds, and a trace is forgotten after ten minutes.
func TestTraceCache(t *testing.T) {
	c := newTraceCache()
	set := func(before uint8) uint8 { return before | traceSeen }
	was := func(id trace.TraceID, now time.Duration) (before uint8) {
		c.update(id, now, func(b uint8) uint8 { before = b; return b })
		return before
	}
	c.update(never, 0, set)
	if was(never, 4*time.Minute) != traceSeen || was(never, 20*time.Minute) != 0 {
		t.Error("a trace is known after four minutes, and no more after twenty")
	}
	for i := range 1_000_000 {
		c.update(trace.TraceID{byte(i), byte(i >> 8), byte(i >> 16), 15: byte(i)}, 21*time.Minute, set)
	}
	held := 0
	for i := range c.shards {
		held += len(c.shards[i].younger) + len(c.shards[i].older)
	}
	if held > maxTraces {
		t.Errorf("%d traces are held, of at most %d", held, maxTraces)
	}
}
