package updraft

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// collector is a receiver of OTLP that keeps the last request.
func collector(t *testing.T, answer string) (url string, got chan *http.Request) {
	t.Helper()
	got = make(chan *http.Request, 8)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		got <- r
		if strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc") {
			w.Header().Set("Content-Type", "application/grpc")
			w.Header().Set("Trailer", "Grpc-Status")
			_, _ = w.Write([]byte{0, 0, 0, 0, 0})
			w.Header().Set("Grpc-Status", "0")
			return
		}
		_, _ = io.WriteString(w, answer)
	}))
	s.Config.Protocols = new(http.Protocols)
	s.Config.Protocols.SetHTTP1(true)
	s.Config.Protocols.SetUnencryptedHTTP2(true)
	s.Start()
	t.Cleanup(s.Close)
	return s.URL, got
}

// oneSpan records a span with the environment's settings and returns the
// report of the traces.
func oneSpan(t *testing.T, endpoint string) SignalReport {
	t.Helper()
	telemetry, err := Config{
		ServiceName: "shop", Metrics: ExporterNone, Logs: ExporterNone, NoGlobals: true, Strict: true,
		AWS: &aws.Config{
			Region: "eu-central-1", BaseEndpoint: aws.String(endpoint),
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
			}),
		},
	}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, span := telemetry.TracerProvider().Tracer("test").Start(t.Context(), "GET /")
	span.End()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := telemetry.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	return telemetry.Report().Signals[0]
}

func TestStart_OTLP(t *testing.T) {
	f := func(exporter, variables, wantEndpoint, wantAuthorization string) {
		t.Helper()
		t.Run(exporter+" "+variables, func(t *testing.T) {
			url, got := collector(t, "")
			t.Setenv("OTEL_TRACES_EXPORTER", exporter)
			for pair := range strings.FieldsSeq(variables) {
				name, value, _ := strings.Cut(pair, "=")
				t.Setenv(name, strings.ReplaceAll(value, "URL", url))
			}
			report := oneSpan(t, url)
			if report.Delivered != 1 || report.Exporter != exporter || report.Endpoint != url+wantEndpoint {
				t.Errorf("%+v", report)
			}
			if authorization := (<-got).Header.Get("Authorization"); !strings.Contains(authorization, wantAuthorization) ||
				(authorization == "") != (wantAuthorization == "") {
				t.Errorf("Authorization: %q", authorization)
			}
		})
	}
	f("otlp", "OTEL_EXPORTER_OTLP_ENDPOINT=URL", "/v1/traces (http/protobuf)", "")
	f("otlp", "OTEL_EXPORTER_OTLP_ENDPOINT=URL OTEL_EXPORTER_OTLP_PROTOCOL=grpc", " (grpc)", "")
	f("otlp", "OTEL_EXPORTER_OTLP_ENDPOINT=URL AWS_SIGV4_SERVICE=xray", "/v1/traces (http/protobuf, SigV4)", "/eu-central-1/xray/aws4_request")
	f("xray", "", "/v1/traces (http/protobuf, SigV4)", "/eu-central-1/xray/aws4_request")
}

func TestStart_OTLPPartialSuccess(t *testing.T) {
	url, _ := collector(t, "\x0a\x06\x08\x01\x12\x02no")
	t.Setenv("OTEL_TRACES_EXPORTER", "otlp")
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
	if report := oneSpan(t, url); report.Dropped["refused"] != 1 || !strings.Contains(report.LastError, "span rejected: no") {
		t.Errorf("%+v", report)
	}
}

func TestStart_OTLPWarning(t *testing.T) {
	url, _ := collector(t, "\x0a\x05\x12\x03old")
	t.Setenv("OTEL_TRACES_EXPORTER", "otlp")
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
	if report := oneSpan(t, url); report.Delivered != 1 || report.Warning != "old" {
		t.Errorf("%+v", report)
	}
}

func TestStart_OTLPOfAWS(t *testing.T) {
	t.Setenv("OTEL_TRACES_EXPORTER", "otlp")
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "https://xray.us-west-2.amazonaws.com/v1/traces") // a common mistake
	c := Config{
		ServiceName: "shop", Metrics: ExporterNone, Logs: ExporterNone, NoGlobals: true, Strict: true,
		AWS: &aws.Config{Region: "eu-central-1", Credentials: aws.AnonymousCredentials{}},
	}
	telemetry, err := c.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := "https://xray.us-west-2.amazonaws.com/v1/traces (http/protobuf, SigV4)"
	if got := telemetry.Report().Signals[0].Endpoint; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if err := telemetry.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
	if _, err := c.Start(t.Context()); err == nil || !strings.Contains(err.Error(), "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf") {
		t.Errorf("gRPC to AWS: %v", err)
	}
}
