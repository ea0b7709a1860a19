package updraft_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft"
	"github.com/updraft-otel/updraft/sampling"
	"github.com/updraft-otel/updraft/xray"
)

// oneRule is an answer of GetSamplingRules: nothing of /health, all of the rest.
const oneRule = `{"SamplingRuleRecords":[
	{"SamplingRule":{"RuleName":"quiet","Priority":1,"FixedRate":0,"ReservoirSize":0,"Version":1,"ServiceName":"*","ServiceType":"*","Host":"*","HTTPMethod":"*","URLPath":"/health","ResourceARN":"*"},"CreatedAt":1,"ModifiedAt":2},
	{"SamplingRule":{"RuleName":"future","Priority":2,"FixedRate":0,"Version":2,"URLPath":"*"}},
	{"SamplingRule":{"RuleName":"Default","Priority":10000,"FixedRate":1,"ReservoirSize":0,"Version":1,"ServiceName":"*","ServiceType":"*","Host":"*","HTTPMethod":"*","URLPath":"*","ResourceARN":"*"},"CreatedAt":0,"ModifiedAt":2}]}`

// answering answers GetSamplingRules.
func answering(rules string) func(http.ResponseWriter, string, []byte) {
	return func(w http.ResponseWriter, name string, _ []byte) {
		if name == "GetSamplingRules" {
			_, _ = io.WriteString(w, rules)
		}
	}
}

// started starts traces alone, with what it says on stderr.
func started(t *testing.T, c updraft.Config) *updraft.Telemetry {
	t.Helper()
	c.Metrics, c.Logs, c.NoGlobals = "none", "none", true
	if c.Traces == "" {
		c.Traces, c.Console = "console", io.Discard
	}
	tel, err := c.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tel.Shutdown(context.Background()) })
	return tel
}

// until polls a report.
func until(t *testing.T, tel *updraft.Telemetry, what string, is func(*sampling.Report) bool) *sampling.Report {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		r := tel.Report().Sampling
		switch {
		case r == nil:
			t.Fatal("there is no report of sampling")
		case is(r):
			return r
		case time.Now().After(deadline):
			t.Fatalf("%s: it is\n%s", what, r)
		}
		<-time.After(10 * time.Millisecond)
	}
}

func fromService(r *sampling.Report) bool { return r.Source == sampling.SourceService }

// sampled tells whether a new trace of the path is.
func sampled(tel *updraft.Telemetry, path string) bool {
	_, span := tel.TracerProvider().Tracer("test").Start(context.Background(), "GET "+path, trace.WithAttributes(attribute.String("url.path", path)))
	defer span.End()
	return span.SpanContext().IsSampled()
}

func TestXRaySampling(t *testing.T) {
	f := func(name string, c updraft.Config, env map[string]string, signed bool) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			e := newEndpoint(t)
			e.other = answering(oneRule)
			daemon := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Authorization") != "" || signed {
					t.Errorf("the daemon got %s, signed %q", r.URL, r.Header.Get("Authorization"))
				}
				_, _ = io.WriteString(w, oneRule)
			}))
			defer daemon.Close()
			for variable, value := range env {
				t.Setenv(variable, strings.ReplaceAll(value, "DAEMON", strings.TrimPrefix(daemon.URL, "http://")))
			}
			c.Strict = true
			tel := started(t, c)
			r := until(t, tel, "X-Ray's rules", fromService)
			if len(r.Rules) != 3 { // with what decides where none matches; not the one of version 2
				t.Errorf("rules\n%s", r)
			}
			if sampled(tel, "/health") || !sampled(tel, "/api") {
				t.Error("the rules do not decide")
			}
			if r := tel.Report(); !strings.Contains(r.String(), "path=/health: requests 1, sampled 0; 0\n") {
				t.Errorf("the report has no rules:\n%s", r)
			}
		})
	}
	f("by argument", updraft.Config{XRaySampling: true}, nil, true)
	f("by environment", updraft.Config{}, map[string]string{"OTEL_TRACES_SAMPLER": "xray"}, true)
	f("by environment, parent-based", updraft.Config{}, map[string]string{"OTEL_TRACES_SAMPLER": "parentbased_xray", "OTEL_TRACES_SAMPLER_ARG": "polling_interval=60"}, true)
	f("through a daemon", updraft.Config{}, map[string]string{"OTEL_TRACES_SAMPLER": "xray", "OTEL_TRACES_SAMPLER_ARG": "endpoint=http://DAEMON,polling_interval=300"}, false)
	f("through a daemon, without a scheme", updraft.Config{}, map[string]string{"OTEL_TRACES_SAMPLER": "xray", "OTEL_TRACES_SAMPLER_ARG": "endpoint=DAEMON"}, false)
	f("through the SDKs' daemon", updraft.Config{XRaySampling: true}, map[string]string{"AWS_XRAY_DAEMON_ADDRESS": "tcp:DAEMON udp:127.0.0.1:2000"}, false)
	f("local rules are X-Ray's fallback", updraft.Config{SamplingRules: []sampling.Rule{{}}}, map[string]string{"OTEL_TRACES_SAMPLER": "xray"}, true)
}

// A service that is gone, that talks nonsense, or talks without end, changes no more than where the rules come from.
func TestXRaySampling_hostile(t *testing.T) {
	f := func(name, answer, want string) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answer) }))
			t.Setenv("OTEL_TRACES_SAMPLER", "xray")
			t.Setenv("OTEL_TRACES_SAMPLER_ARG", "endpoint="+server.URL)
			if answer == "" {
				server.Close()
			}
			defer server.Close()
			said := stderr(t, func() {
				tel := started(t, updraft.Config{SamplingRules: []sampling.Rule{{URLPath: "/always", FixedRate: 1}, {}}})
				r := until(t, tel, "an error", func(r *sampling.Report) bool { return r.LastError != "" })
				if r.Source != sampling.SourceFallback || !strings.Contains(r.LastError, want) || len(r.LastError) > 2000 {
					t.Errorf("%s: %.3000q, want %q", r.Source, r.LastError, want)
				}
				if !sampled(tel, "/always") || sampled(tel, "/never") {
					t.Error("the local rules do not decide")
				}
				_ = tel.Shutdown(t.Context()) // all is said
			})
			if n := strings.Count(said, "\n"); n != 1 || !strings.HasPrefix(said, "updraft: sampling rules: ") {
				t.Errorf("said %q, want one line", said)
			}
		})
	}
	f("gone", "", "connection refused")
	f("malformed", "<html>", "not understood")
	f("empty", "{}", "no sampling rules")
	f("10 MB", `{"SamplingRuleRecords":[`+strings.Repeat(`{"SamplingRule":{"RuleName":"x","Version":1}},`, 220_000)+`{}]}`, "longer than 1 MiB")
	f("many", `{"SamplingRuleRecords":[`+strings.Repeat(`{"SamplingRule":{"RuleName":"x","Version":1}},`, 2_000)+`{}]}`, "of at most 1000")
	f("pages without end", `{"NextToken":"again"}`, "pages of sampling rules")
	f("negative", `{"SamplingRuleRecords":[{"SamplingRule":{"RuleName":"x","Version":1,"FixedRate":-1}}]}`, "not from 0 to 1")
}

func TestLocalRules(t *testing.T) {
	f := func(name string, c updraft.Config, sampler, arg string) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			t.Setenv("OTEL_TRACES_SAMPLER", sampler)
			t.Setenv("OTEL_TRACES_SAMPLER_ARG", arg)
			c.Strict = true
			tel := started(t, c)
			if sampled(tel, "/health") || !sampled(tel, "/api/orders") {
				t.Error("the rules do not decide")
			}
			n := 0
			for range 1000 {
				if sampled(tel, "/other") {
					n++
				}
			}
			if n < 50 || n > 150 { // five standard deviations
				t.Errorf("%d of 1000 sampled, want one in ten", n)
			}
		})
	}
	f("in code", updraft.Config{SamplingRules: []sampling.Rule{{URLPath: "/health"}, {URLPath: "/api/*", FixedRate: 1}, {FixedRate: 0.1}}}, "", "")
	f("in the environment", updraft.Config{}, "rules", "/health=0,/api/*=1,*=10%")
	f("in the environment, parent-based", updraft.Config{}, "parentbased_rules", "/health=0,/api/*=1,*=0.1")
	f("in X-Ray's form", updraft.Config{}, "rules", `{"version":2,"rules":[{"host":"*","http_method":"*","url_path":"/health","fixed_target":0,"rate":0},`+
		`{"host":"*","http_method":"*","url_path":"/api/*","fixed_target":0,"rate":1}],"default":{"fixed_target":0,"rate":0.1}}`)
}

func TestSampler_mistakes(t *testing.T) {
	f := func(want string, env ...string) {
		t.Helper()
		t.Run(want, func(t *testing.T) {
			t.Setenv("AWS_REGION", "eu-west-1")
			t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			for i := 0; i < len(env); i += 2 {
				t.Setenv(env[i], env[i+1])
			}
			said := stderr(t, func() {
				tel := started(t, updraft.Config{})
				sampled(tel, "/") // it goes on
				_ = tel.Shutdown(t.Context())
			})
			if !strings.Contains(said, want) {
				t.Errorf("said %q, want %q", said, want)
			}
			if _, err := (updraft.Config{Traces: "console", Console: io.Discard, Metrics: "none", Logs: "none", NoGlobals: true, Strict: true}).Start(t.Context()); err == nil {
				t.Error("Strict takes it")
			}
		})
	}
	f("neither a standard sampler", "OTEL_TRACES_SAMPLER", "sometimes")
	f("no rate", "OTEL_TRACES_SAMPLER", "rules", "OTEL_TRACES_SAMPLER_ARG", "/a=x")
	f(`"polling_interval=0" is none of`, "OTEL_TRACES_SAMPLER", "xray", "OTEL_TRACES_SAMPLER_ARG", "polling_interval=0")
	f(`"interval=5" is none of`, "OTEL_TRACES_SAMPLER", "xray", "OTEL_TRACES_SAMPLER_ARG", "interval=5")
	f("no address of an X-Ray daemon", "OTEL_TRACES_SAMPLER", "xray", "AWS_XRAY_DAEMON_ADDRESS", "here")
	f("no AWS region", "OTEL_TRACES_SAMPLER", "xray", "AWS_REGION", "")
	f("AWS_XRAY_ADAPTIVE_SAMPLING_CONFIG: adaptive sampling", "OTEL_TRACES_SAMPLER", "rules", "OTEL_TRACES_SAMPLER_ARG", "*=1", "AWS_XRAY_ADAPTIVE_SAMPLING_CONFIG", "version: 3")
	f("no such file", "OTEL_TRACES_SAMPLER", "rules", "OTEL_TRACES_SAMPLER_ARG", "*=1", "AWS_XRAY_ADAPTIVE_SAMPLING_CONFIG", "nowhere.yaml")
}

// A failed span of a trace that is not sampled is sent, whether the configuration stands in the variable or in a file.
func TestAdaptiveSampling(t *testing.T) {
	file := filepath.Join(t.TempDir(), "adaptive.yaml")
	if err := os.WriteFile(file, []byte("version: 1.0\nanomalyConditions:\n  - errorCodeRegex: \"^5\"\n    usage: anomaly-span-capture\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, value := range []string{file, `{version: 1.0, anomalyConditions: [{errorCodeRegex: "^500$", usage: "anomaly-trace-capture"}]}`} {
		e := newEndpoint(t)
		t.Setenv("OTEL_TRACES_SAMPLER", "rules")
		t.Setenv("OTEL_TRACES_SAMPLER_ARG", "*=0")
		t.Setenv("AWS_XRAY_ADAPTIVE_SAMPLING_CONFIG", value)
		tel := started(t, updraft.Config{Traces: "awsxray", Strict: true, IndexedAttributes: []string{string(sampling.SampledKey)}})
		for _, status := range []int{200, 500} {
			_, span := tel.TracerProvider().Tracer("test").Start(t.Context(), "GET /", trace.WithSpanKind(trace.SpanKindServer))
			span.SetAttributes(attribute.Int("http.response.status_code", status))
			span.End()
		}
		if err := tel.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		e.mu.Lock()
		if len(e.segments) != 1 || e.segments[0]["fault"] != true || !strings.Contains(fmt.Sprint(e.segments[0]["annotations"]), "sampled:0") {
			t.Errorf("segments %v, want the failed one", e.segments)
		}
		e.mu.Unlock()
	}
}

func TestExplainSampling(t *testing.T) {
	var lines strings.Builder
	tel := started(t, updraft.Config{Traces: "console", Console: &lines, SamplingRules: []sampling.Rule{{Name: "everything", FixedRate: 1}}, ExplainSampling: true})
	sampled(tel, "/")
	for _, want := range []string{`everything`, `fixed_rate`} {
		if !strings.Contains(lines.String(), want) {
			t.Errorf("%s lacks %s", lines.String(), want)
		}
	}
}

func TestSamplingMetrics(t *testing.T) {
	var lines strings.Builder
	tel, err := updraft.Config{
		Traces: "console", Metrics: "console", Logs: "none", Console: &lines, NoGlobals: true, Strict: true,
		SamplingRules: []sampling.Rule{{Name: "everything", FixedRate: 1}}, SamplingMetrics: true,
	}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sampled(tel, "/")
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(lines.String(), "updraft.sampling.requests") {
		t.Errorf("%s has no metric of sampling", lines.String())
	}
}

// A caller who asks for the decision gets the rules' one, and the rule that took it stands in tracestate.
func TestSampling_asked(t *testing.T) {
	e := newEndpoint(t)
	e.other = answering(strings.ReplaceAll(oneRule, `"URLPath":"/health",`, `"URLPath":"/health","SamplingRateBoost":{"MaxRate":1,"CooldownWindowMinutes":1},`))
	tel := started(t, updraft.Config{XRaySampling: true, Strict: true})
	until(t, tel, "X-Ray's rules", fromService)
	header := http.Header{}
	header.Set(xray.Header, "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=?")
	ctx := tel.Propagator().Extract(t.Context(), carrier(header))
	_, span := tel.TracerProvider().Tracer("test").Start(ctx, "GET /", trace.WithAttributes(attribute.String("url.path", "/")))
	defer span.End()
	sc := span.SpanContext()
	if !sc.IsSampled() || sc.TraceState().Get(sampling.ReferenceKey) == "" {
		t.Errorf("sampled %v, tracestate %q", sc.IsSampled(), sc.TraceState())
	}
}

type carrier http.Header

func (c carrier) Get(key string) string { return http.Header(c).Get(key) }
func (c carrier) Set(key, value string) { http.Header(c).Set(key, value) }
func (c carrier) Keys() []string        { return nil }

// The SDK, which knows no sampler of ours, says nothing of it; other errors reach who was told of them before.
func TestSampler_unknownToTheSDK(t *testing.T) {
	t.Setenv("OTEL_TRACES_SAMPLER", "rules")
	t.Setenv("OTEL_TRACES_SAMPLER_ARG", "*=1")
	start := func() string {
		return stderr(t, func() {
			tel, err := updraft.Config{Traces: "console", Console: io.Discard, Metrics: "none", Logs: "none", Strict: true}.Start(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			otel.Handle(errors.New("something else"))
			_ = tel.Shutdown(t.Context())
		})
	}
	if said := start(); said != "opentelemetry: something else\n" {
		t.Errorf("said %q", said)
	}
	var told []error
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { told = append(told, err) }))
	if said := start(); said != "" || len(told) != 1 {
		t.Errorf("said %q, and told %v", said, told)
	}
}
