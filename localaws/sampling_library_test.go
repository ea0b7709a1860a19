package localaws

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/aws/aws-sdk-go-v2/service/xray/types"
	"go.opentelemetry.io/otel/attribute"

	"github.com/updraft-otel/updraft"
)

// inMemory carries requests to a server without a socket, where time is virtual.
type inMemory struct{ handler http.Handler }

func (m inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	in := r.Clone(r.Context())
	in.RequestURI, in.Host = r.URL.RequestURI(), r.URL.Host
	m.handler.ServeHTTP(recorder, in)
	return recorder.Result(), r.Context().Err()
}

// virtualAWS is a server that lives in a bubble of virtual time, and the
// configuration that reaches it.
func virtualAWS(t *testing.T) aws.Config {
	t.Helper()
	srv := newServer(Config{}.withDefaults())
	var err error
	if srv.journal, err = openJournal("", srv.restore, srv.worthKeeping); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.cancel)
	return aws.Config{
		Region: Region, BaseEndpoint: aws.String("http://xray.local"), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(AccessKeyID, SecretAccessKey, ""),
		HTTPClient:  &http.Client{Transport: inMemory{srv.handler()}},
	}
}

// process starts the library as one of many processes of a service.
func process(t *testing.T, cfg aws.Config) *updraft.Telemetry {
	t.Helper()
	telemetry, err := updraft.Config{
		ServiceName: "shop", XRaySampling: true, AWS: &cfg, Traces: "console", Console: io.Discard, Metrics: "none", Logs: "none",
		NoGlobals: true, Strict: true,
	}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = telemetry.Shutdown(context.Background()) })
	return telemetry
}

// request begins and ends a trace, and tells whether it was sampled.
func request(telemetry *updraft.Telemetry, status int) bool {
	_, span := telemetry.TracerProvider().Tracer("test").Start(context.Background(), "GET /")
	span.SetAttributes(attribute.Int("http.response.status_code", status))
	defer span.End()
	return span.SpanContext().IsSampled()
}

// TestLibrary_sharedReservoir has ten processes share a rule of 50 traces a
// second and nothing else. Once each has its quota they sample 50 a second
// together, however many requests come and wherever.
func TestLibrary_sharedReservoir(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := virtualAWS(t)
		rule := testRule("shared", 1)
		rule.ReservoirSize, rule.FixedRate = 50, 0
		createRule(t, xray.NewFromConfig(cfg), rule)
		var processes []*updraft.Telemetry
		for range 10 {
			processes = append(processes, process(t, cfg))
			<-time.After(137 * time.Millisecond)
		}
		ticker := time.NewTicker(20 * time.Millisecond)
		defer ticker.Stop()
		var perSecond []int
		for range 60 {
			sampled := 0
			for range 50 {
				<-ticker.C
				for _, p := range processes {
					if request(p, 200) {
						sampled++
					}
				}
			}
			perSecond = append(perSecond, sampled)
		}
		t.Logf("sampled a second: %v", perSecond)
		for i, n := range perSecond[30:] {
			if n < 45 || n > 55 {
				t.Errorf("second %d: %d traces sampled, want 50, five more or less", 30+i, n)
			}
		}
		for i, n := range perSecond[:30] {
			if n > 50+10 { // nine that borrow while one has everything
				t.Errorf("second %d: %d traces sampled", i, n)
			}
		}
	})
}

// TestLibrary_boost has a service fail, and its rate go up for a while.
func TestLibrary_boost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := virtualAWS(t)
		rule := testRule("boosted", 1)
		rule.ReservoirSize, rule.FixedRate = 0, 0.01
		rule.SamplingRateBoost = &types.SamplingRateBoost{MaxRate: 0.5, CooldownWindowMinutes: 10}
		createRule(t, xray.NewFromConfig(cfg), rule)
		p := process(t, cfg)
		synctest.Wait()
		rates := map[string]bool{}
		for range 300 {
			for i := range 20 {
				status := 200
				if i%10 == 0 {
					status = 500
				}
				request(p, status)
			}
			<-time.After(time.Second)
			rates[fmt.Sprintf("%.1f", p.Report().Sampling.Rules[0].BoostRate)] = true
		}
		r := p.Report().Sampling.Rules[0]
		t.Logf("boosted to %v; %s", rates, r)
		if len(rates) < 2 {
			t.Errorf("the rate was boosted to %v, want some rate at first and none in the end", rates)
		}
		if r.BoostRate != 0 || r.Traces == 0 || r.Anomalies != r.Traces/10 || p.Report().Sampling.LastError != "" {
			t.Errorf("%+v", r)
		}
	})
}

// TestLibrary_daemon asks for the rules at the X-Ray daemon's port, unsigned, as
// the environment of a server with that port says.
func TestLibrary_daemon(t *testing.T) {
	srv := startTest(t, Config{ListenUDP: "127.0.0.1:0"})
	for _, pair := range srv.Env() {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	t.Setenv("OTEL_TRACES_SAMPLER", "xray")
	rule := testRule("all", 1)
	rule.FixedRate = 1
	createRule(t, xray.NewFromConfig(sdkConfig(srv)), rule)
	telemetry, err := updraft.Config{Traces: "console", Console: io.Discard, Metrics: "none", Logs: "none", Strict: true}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = telemetry.Shutdown(context.Background()) }()
	deadline := time.Now().Add(20 * time.Second)
	for r := telemetry.Report(); r.Sampling.Source != "service"; r = telemetry.Report() {
		if time.Now().After(deadline) {
			t.Fatalf("no rules came:\n%s", r)
		}
		<-time.After(time.Millisecond)
	}
	if r := telemetry.Report(); !request(telemetry, 200) || !strings.Contains(r.String(), "http://"+srv.UDPAddr()) {
		t.Errorf("the rule does not decide, or did not come by the daemon's port:\n%s", r)
	}
}
