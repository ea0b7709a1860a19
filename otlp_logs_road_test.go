package updraft

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// logsPeer is a receiver of OTLP logs, and of the calls that create streams.
type logsPeer struct {
	*httptest.Server
	mu    sync.Mutex
	calls []string // targets and paths, in order
	last  http.Header
}

func newLogsPeer(t *testing.T, answer string) *logsPeer {
	t.Helper()
	p := &logsPeer{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		p.mu.Lock()
		defer p.mu.Unlock()
		if target := r.Header.Get("X-Amz-Target"); target != "" {
			p.calls = append(p.calls, strings.TrimPrefix(target, "Logs_20140328."))
			return
		}
		p.calls, p.last = append(p.calls, r.URL.Path), r.Header
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(p.Close)
	return p
}

// logThrice logs by each of the three ways and returns the report of the logs.
func logThrice(t *testing.T, c Config, endpoint string) SignalReport {
	t.Helper()
	c.ServiceName, c.Traces, c.Metrics, c.Logs, c.NoGlobals, c.Strict = "shop", "none", "none", ExporterOTLP, true, true
	c.AWS = &aws.Config{
		Region: "eu-central-1", BaseEndpoint: aws.String(endpoint),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	}
	tel, err := c.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tel.Logger().Info("one")
	_, _ = io.WriteString(tel.LogWriter(), "two\nthree")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := tel.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	return tel.Report().Signals[0]
}

func TestStart_OTLPLogs(t *testing.T) {
	f := func(name, variables string, c Config, check func(t *testing.T, p *logsPeer, report SignalReport)) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			p := newLogsPeer(t, "")
			for pair := range strings.FieldsSeq(variables) {
				name, value, _ := strings.Cut(pair, "=")
				t.Setenv(name, strings.ReplaceAll(value, "URL", p.URL))
			}
			report := logThrice(t, c, p.URL)
			if report.Exporter != ExporterOTLP || report.Delivered != 3 || report.DroppedTotal() != 0 {
				t.Errorf("%+v", report)
			}
			check(t, p, report)
		})
	}
	f("collector", "OTEL_EXPORTER_OTLP_ENDPOINT=URL", Config{}, func(t *testing.T, p *logsPeer, _ SignalReport) {
		if got := strings.Join(p.calls, " "); got != "/v1/logs" {
			t.Errorf("calls %s", got)
		}
		if p.last.Get("Authorization") != "" || p.last.Get("X-Aws-Log-Group") != "" {
			t.Errorf("%v", p.last)
		}
	})
	f("signed", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=URL/v1/logs AWS_SIGV4_SERVICE=xray,logs", Config{LogGroup: "/shop", LogStream: "a:b"},
		func(t *testing.T, p *logsPeer, report SignalReport) {
			if got := strings.Join(p.calls, " "); got != "CreateLogStream /v1/logs" {
				t.Errorf("calls %s", got)
			}
			if !strings.Contains(p.last.Get("Authorization"), "/eu-central-1/logs/aws4_request") || !strings.Contains(report.Endpoint, "SigV4") {
				t.Errorf("%v, %s", p.last, report.Endpoint)
			}
			if p.last.Get("X-Aws-Log-Group") != "/shop" || p.last.Get("X-Aws-Log-Stream") != "a_b" {
				t.Errorf("%v", p.last)
			}
		})
	f("bearer token", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=URL/v1/logs AWS_SIGV4_SERVICE=logs"+
		" OTEL_EXPORTER_OTLP_LOGS_HEADERS=Authorization=Bearer%20ACWLx,x-aws-log-group=g,x-aws-log-stream=s", Config{},
		func(t *testing.T, p *logsPeer, _ SignalReport) {
			if got := strings.Join(p.calls, " "); got != "/v1/logs" || p.last.Get("Authorization") != "Bearer ACWLx" || p.last.Get("X-Aws-Log-Group") != "g" {
				t.Errorf("calls %s, %v", got, p.last)
			}
		})
}

func TestStart_OTLPLogsPartialSuccess(t *testing.T) {
	p := newLogsPeer(t, "\x0a\x09\x08\x02\x12\x05stale")
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", p.URL)
	if report := logThrice(t, Config{}, p.URL); report.Dropped["refused"] != 2 || !strings.Contains(report.LastError, "log record rejected: stale") {
		t.Errorf("%+v", report)
	}
}

func TestStart_OTLPLogsErrors(t *testing.T) {
	f := func(variable, value, want string) {
		t.Helper()
		t.Run(variable, func(t *testing.T) {
			t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "https://logs.eu-west-1.amazonaws.com")
			t.Setenv(variable, value)
			c := Config{Traces: "none", Metrics: "none", Logs: ExporterOTLP, Strict: true, LogStream: "{date}", AWS: &aws.Config{Region: "eu-west-1", Credentials: aws.AnonymousCredentials{}}}
			if _, err := c.Start(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %q", err, want)
			}
		})
	}
	f("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf", "use no placeholders")
	f("AWS_SIGV4_SERVICE", "lambda", `"lambda" is none of xray, logs, monitoring`)
	f("OTEL_EXPORTER_OTLP_LOGS_TIMEOUT", "1s", "want milliseconds")
}
