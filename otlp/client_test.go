package otlp

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

// received is what a peer got.
type received struct {
	*http.Request
	body []byte
}

// peer is a server that answers as answer says, h2c and HTTP/1.1 as in real life.
func peer(t *testing.T, answer http.HandlerFunc) (url string, got chan received) {
	t.Helper()
	got = make(chan received, 16)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- received{r, body}
		answer(w, r)
	}))
	s.Config.Protocols = new(http.Protocols)
	s.Config.Protocols.SetHTTP1(true)
	s.Config.Protocols.SetUnencryptedHTTP2(true)
	s.Start()
	t.Cleanup(s.Close)
	return s.URL, got
}

// send sends one typical span.
func send(t *testing.T, c Config) (Rejection, error) {
	t.Helper()
	client, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	item := AppendItem(nil, typical())
	return client.ExportTraces(t.Context(), "", 1, func(int) []byte { return item })
}

func wantBody() []byte {
	item := AppendItem(nil, typical())
	return AppendTraces(nil, "", 1, func(int) []byte { return item })
}

func unzip(t *testing.T, b []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestExportTraces_HTTP(t *testing.T) {
	url, got := peer(t, func(http.ResponseWriter, *http.Request) {})
	for _, zip := range []bool{false, true} {
		if _, err := send(t, Config{Endpoint: url + "/v1/traces", Gzip: zip, Headers: map[string]string{"X-Key": "v"}}); err != nil {
			t.Fatal(err)
		}
		r := <-got
		body := r.body
		if zip {
			body = unzip(t, body)
		}
		if !bytes.Equal(body, wantBody()) {
			t.Errorf("gzip %v: body differs", zip)
		}
		if r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf" || r.Header.Get("X-Key") != "v" ||
			(r.Header.Get("Content-Encoding") == "gzip") != zip {
			t.Errorf("gzip %v: %s %v", zip, r.URL, r.Header)
		}
	}
}

func TestExportTraces_gRPC(t *testing.T) {
	url, got := peer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/grpc")
		w.Header().Set("Trailer", "Grpc-Status")
		_, _ = w.Write([]byte{0, 0, 0, 0, 4, 0x0a, 2, 8, 3}) // partial success: 3 spans
		w.Header().Set("Grpc-Status", "0")
	})
	for _, zip := range []bool{false, true} {
		rejection, err := send(t, Config{Endpoint: url, Protocol: ProtocolGRPC, Gzip: zip, Timeout: 5 * time.Second})
		if err != nil || rejection.Items != 3 {
			t.Fatal(rejection, err)
		}
		r := <-got
		body := r.body[frameHead:]
		if int(binary.BigEndian.Uint32(r.body[1:])) != len(body) || (r.body[0] == 1) != zip {
			t.Errorf("frame % x", r.body[:frameHead])
		}
		if zip {
			body = unzip(t, body)
		}
		if !bytes.Equal(body, wantBody()) {
			t.Errorf("gzip %v: body differs", zip)
		}
		ms, err := strconv.Atoi(strings.TrimSuffix(r.Header.Get("Grpc-Timeout"), "m"))
		if r.ProtoMajor != 2 || r.URL.Path != grpcTraces || r.Header.Get("Te") != "trailers" || err != nil || ms > 5000 || ms < 4000 {
			t.Errorf("%s %s %v", r.Proto, r.URL, r.Header)
		}
	}
}

func TestExportTraces_HTTPErrors(t *testing.T) {
	f := func(status int, header, body, want string, retry, split bool, after time.Duration) {
		t.Helper()
		url, _ := peer(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/x-protobuf")
			if header != "" {
				w.Header().Set("Retry-After", header)
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		})
		_, err := send(t, Config{Endpoint: url})
		var e *Error
		if !errors.As(err, &e) {
			t.Fatalf("%d: %v", status, err)
		}
		if !strings.Contains(e.Error(), want) || e.Retryable() != retry || e.Splittable() != split || e.RetryAfter() != after {
			t.Errorf("%d: %v; retryable %v, splittable %v, after %v", status, e, e.Retryable(), e.Splittable(), e.RetryAfter())
		}
	}
	f(400, "", "\x08\x03\x12\x03bad", "400: bad", false, true, 0)
	f(400, "", "\x12\x1b Trace Segment Destination.", "update-trace-segment-destination", false, false, 0)
	f(401, "", "", "no reason given", false, false, 0)
	f(404, "", "", "check the endpoint's path", false, false, 0)
	f(408, "", "", "408", true, false, 0)
	f(413, "", "", "413", false, true, 0)
	f(429, "7", "", "429", true, false, 7*time.Second)
	f(500, "", "", "500", true, false, 0)
	f(501, "", "", "501", false, false, 0)
	f(503, "99999999", "", "503", true, false, maxAfter)
}

func TestExportTraces_gRPCErrors(t *testing.T) {
	f := func(status, message string, details []byte, want string, retry, split bool, after time.Duration) {
		t.Helper()
		url, _ := peer(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/grpc")
			w.Header().Set("Grpc-Status", status)
			w.Header().Set("Grpc-Message", message)
			w.Header().Set("Grpc-Status-Details-Bin", base64.RawStdEncoding.EncodeToString(details))
		})
		_, err := send(t, Config{Endpoint: url, Protocol: ProtocolGRPC})
		var e *Error
		if !errors.As(err, &e) {
			t.Fatalf("%s: %v", status, err)
		}
		if !strings.Contains(e.Error(), want) || e.Retryable() != retry || e.Splittable() != split || e.RetryAfter() != after {
			t.Errorf("%s: %v; retryable %v, splittable %v, after %v", status, e, e.Retryable(), e.Splittable(), e.RetryAfter())
		}
	}
	const name = "type.googleapis.com/google.rpc.RetryInfo"
	info := []byte("\x1a" + string(rune(2+len(name)+2+4)) + "\x0a" + string(rune(len(name))) + name + "\x12\x04\x0a\x02\x08\x03")
	f("14", "busy%20now", nil, "UNAVAILABLE: busy now", true, false, 0)
	f("14", "", info, "UNAVAILABLE", true, false, 3*time.Second)
	f("8", "too large", nil, "RESOURCE_EXHAUSTED: too large", false, true, 0)
	f("8", "", info, "RESOURCE_EXHAUSTED", true, true, 3*time.Second)
	f("3", "bad", nil, "INVALID_ARGUMENT", false, true, 0)
	f("16", "who?", nil, "UNAUTHENTICATED: who?", false, false, 0)
}

func TestExportTraces_timeout(t *testing.T) {
	hang := make(chan struct{})
	url, _ := peer(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	})
	defer close(hang)
	_, err := send(t, Config{Endpoint: url, Timeout: 50 * time.Millisecond})
	var e *Error
	if !errors.As(err, &e) || !e.Retryable() || !e.OutcomeUnknown() || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

type signer struct{ body []byte }

func (s *signer) Sign(_ context.Context, r *http.Request, body []byte) error {
	s.body = bytes.Clone(body)
	r.Header.Set("Authorization", "signed")
	return nil
}

func TestExportTraces_signed(t *testing.T) {
	url, got := peer(t, func(http.ResponseWriter, *http.Request) {})
	s := new(signer)
	if _, err := send(t, Config{Endpoint: url, Gzip: true, Signer: s}); err != nil {
		t.Fatal(err)
	}
	if r := <-got; !bytes.Equal(r.body, s.body) || r.Header.Get("Authorization") != "signed" || r.ProtoMajor != 1 {
		t.Errorf("%s %v", r.Proto, r.Header)
	}
	if _, err := New(Config{Endpoint: url, Protocol: ProtocolGRPC, Signer: s}); err == nil {
		t.Error("gRPC to AWS: no error")
	}
}

func TestTracesConfig(t *testing.T) {
	f := func(env, want string) {
		t.Helper()
		set := map[string]string{}
		for pair := range strings.FieldsSeq(env) {
			name, value, _ := strings.Cut(pair, "=")
			set["OTEL_EXPORTER_OTLP_"+name] = value
		}
		c, err := TracesConfig(func(name string) string { return set[name] })
		got := fmt.Sprint(c.Endpoint, " ", c.Protocol, " ", c.Headers, " ", c.Gzip, " ", c.Timeout)
		if err != nil {
			got = err.Error()
		}
		if got != want && (err == nil || !strings.Contains(got, want)) {
			t.Errorf("%s:\ngot  %s\nwant %s", env, got, want)
		}
	}
	f("", "http://localhost:4318/v1/traces http/protobuf map[] false 0s")
	f("PROTOCOL=grpc", "http://localhost:4317 grpc map[] false 0s")
	f("ENDPOINT=http://c:1", "http://c:1/v1/traces http/protobuf map[] false 0s")
	f("ENDPOINT=http://c:1/base/", "http://c:1/base/v1/traces http/protobuf map[] false 0s")
	f("ENDPOINT=http://c:1 TRACES_ENDPOINT=http://d:2", "http://d:2/ http/protobuf map[] false 0s")
	f("TRACES_ENDPOINT=http://d:2/x", "http://d:2/x http/protobuf map[] false 0s")
	f("TRACES_PROTOCOL=grpc ENDPOINT=c:4317", "https://c:4317 grpc map[] false 0s")
	f("PROTOCOL=grpc ENDPOINT=c:4317 INSECURE=true", "http://c:4317 grpc map[] false 0s")
	f("HEADERS=a=b%20c,d=e COMPRESSION=gzip TIMEOUT=1500", "http://localhost:4318/v1/traces http/protobuf map[a:b c d:e] true 1.5s")
	f("HEADERS=a=b TRACES_HEADERS=c=d", "http://localhost:4318/v1/traces http/protobuf map[c:d] false 0s")
	f("PROTOCOL=http/json", "OTEL_EXPORTER_OTLP_PROTOCOL")
	f("COMPRESSION=zip", "want gzip or none")
	f("HEADERS=a=%0d%0ax", "OTEL_EXPORTER_OTLP_HEADERS")
	f("TIMEOUT=10s", "want milliseconds")
	f("CLIENT_KEY=/k", "go together")
	f("TRACES_CERTIFICATE=/does/not/exist", "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE")
}

func FuzzAnswers(f *testing.F) {
	f.Add([]byte("\x08\x03\x12\x03bad"))
	f.Add([]byte("\x0a\x02\x08\x03"))
	f.Fuzz(func(_ *testing.T, b []byte) {
		parseRejection("", b)
		decodeStatus(b)
		unframe("gzip", b)
		cutItem(b)
		AppendTraces(nil, "", 2, func(int) []byte { return b })
	})
}
