package localaws

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	"google.golang.org/protobuf/proto"
)

func textValue(s string) *commonpb.AnyValue {
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: s}}
}

// otlpLogs is a request with a record for each time.
func otlpLogs(body string, at ...time.Time) *logspb.LogsData {
	var records []*logspb.LogRecord
	for _, t := range at {
		records = append(records, &logspb.LogRecord{
			TimeUnixNano: uint64(t.UnixNano()), SeverityNumber: 9, SeverityText: "INFO", Body: textValue(body),
			TraceId: bytes.Repeat([]byte{0xa1}, 16), SpanId: bytes.Repeat([]byte{0xb2}, 8), Flags: 1,
			Attributes: []*commonpb.KeyValue{{Key: "k", Value: textValue("<v>")}},
		})
	}
	return &logspb.LogsData{ResourceLogs: []*logspb.ResourceLogs{{
		Resource:  &resourcepb.Resource{Attributes: []*commonpb.KeyValue{{Key: "service.name", Value: textValue("cart")}}},
		ScopeLogs: []*logspb.ScopeLogs{{Scope: &commonpb.InstrumentationScope{Name: "s", Version: "1"}, LogRecords: records}},
	}}}
}

// An otlpPost is a request to /v1/logs; the zero value but for its body is a
// signed one in protobuf for the stream s of the group g.
type otlpPost struct {
	contentType, encoding, bearer string
	group, stream                 string
	body                          []byte
}

func (p otlpPost) send(t *testing.T, srv *Server) (int, string, http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL()+"/v1/logs", bytes.NewReader(p.body))
	if err != nil {
		t.Fatal(err)
	}
	set := func(name, value, otherwise string) {
		if value == "" {
			value = otherwise
		}
		if value != "" && value != "-" {
			req.Header.Set(name, value)
		}
	}
	set("Content-Type", p.contentType, "application/x-protobuf")
	set("Content-Encoding", p.encoding, "")
	set("x-aws-log-group", p.group, "g")
	set("x-aws-log-stream", p.stream, "s")
	config := sdkConfig(srv)
	if p.bearer != "" {
		req.Header.Set("Authorization", "Bearer "+p.bearer)
	} else {
		keys, err := config.Credentials.Retrieve(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(p.body)
		if err := v4.NewSigner().SignHTTP(t.Context(), keys, req, hex.EncodeToString(sum[:]), "logs", Region, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	resp, err := config.HTTPClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(answer), resp.Header
}

func encodeLogs(t *testing.T, request *logspb.LogsData) []byte {
	t.Helper()
	body, err := proto.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// otlpServer is a server with the group g and the stream s.
func otlpServer(t *testing.T, cfg Config) *Server {
	t.Helper()
	srv := startTest(t, cfg)
	srv.logs.createGroup(&logGroup{name: "g", class: classStandard})
	srv.logs.createStream("g", "s", 0)
	return srv
}

func TestOTLPLogs(t *testing.T) {
	srv := otlpServer(t, Config{})
	now := time.UnixMilli(time.Now().UnixMilli())
	protobuf := encodeLogs(t, otlpLogs("hello", now, now.Add(-time.Minute)))
	f := func(p otlpPost, status int, want string) {
		t.Helper()
		if got, answer, _ := p.send(t, srv); got != status || !strings.Contains(answer, want) {
			t.Errorf("%d %q, want %d %q", got, answer, status, want)
		}
	}
	const json = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"in JSON"},"traceId":"a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"}]}]}]}`
	f(otlpPost{body: protobuf}, 200, "")
	f(otlpPost{body: gzipped(t, protobuf), encoding: "gzip"}, 200, "")
	f(otlpPost{body: []byte(json), contentType: "application/json"}, 200, "{}")
	f(otlpPost{contentType: "application/json", body: []byte("{")}, 400, "")
	f(otlpPost{body: protobuf, group: "-"}, 400, "x-aws-log-group")
	f(otlpPost{body: protobuf, stream: "-"}, 400, "x-aws-log-stream")
	f(otlpPost{body: protobuf, group: "nope"}, 400, "log group does not exist")
	f(otlpPost{body: protobuf, stream: "nope"}, 400, "log stream does not exist")

	found := srv.logs.read("g", logRange{start: firstPos, end: lastPos}, 10)
	if len(found) != 5 || found[0].at != now.Add(-time.Minute).UnixMilli() {
		t.Fatalf("%+v", found)
	}
	const want = `"severityNumber":9,"severityText":"INFO","body":"hello","attributes":{"k":"<v>"},"flags":1,"traceId":"a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1","spanId":"b2b2b2b2b2b2b2b2"}`
	const begin = `{"resource":{"attributes":{"service.name":"cart"}},"scope":{"name":"s","version":"1"},"timeUnixNano":`
	if m := found[0].message; !strings.HasPrefix(m, begin) || !strings.HasSuffix(m, want) {
		t.Errorf("%s", m)
	}
	k, _ := parseTraceKey("a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1")
	if n := len(srv.logs.ofTrace(k)); n != 5 {
		t.Errorf("%d events of the trace, want 5", n)
	}
}

func TestOTLPLogs_partial(t *testing.T) {
	srv := otlpServer(t, Config{})
	now := time.Now()
	const day = 24 * time.Hour
	old := encodeLogs(t, otlpLogs("m", now.Add(-15*day), now.Add(-15*day)))
	_, answer, _ := otlpPost{body: old}.send(t, srv)
	if !strings.Contains(answer, `{"tooOldLogEventCount":2}`) {
		t.Errorf("%q", answer)
	}
	srv.logs.setGroup("g", logSettings{retention: 1})
	mixed := `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"intValue":"1"}},{"timeUnixNano":"` +
		fmt.Sprint(now.Add(3*time.Hour).UnixNano()) + `"}]}]}]}`
	_, answer, _ = otlpPost{body: []byte(mixed), contentType: "application/json"}.send(t, srv)
	if answer != `{"partialSuccess":{"errorMessage":"{\"tooNewLogEventCount\":1}","rejectedLogRecords":1}}` {
		t.Errorf("%q", answer)
	}
	_, answer, _ = otlpPost{body: encodeLogs(t, otlpLogs("m", now.Add(-2*day)))}.send(t, srv)
	if !strings.Contains(answer, `{"expiredLogEventCount":1}`) {
		t.Errorf("%q", answer)
	}
	if n := srv.Counts(); n.LogEvents != 1 || n.Refused != 4 {
		t.Errorf("%+v", n)
	}
}

func TestOTLPLogs_limits(t *testing.T) {
	now := time.Now()
	f := func(rule *Rule, request *logspb.LogsData) {
		t.Helper()
		srv := otlpServer(t, Config{})
		status, answer, _ := otlpPost{body: encodeLogs(t, request)}.send(t, srv)
		list := srv.Refused()
		if rule == nil {
			if status != 200 || len(list) != 0 {
				t.Errorf("%d %q %+v", status, answer, list)
			}
			return
		}
		if status != 400 || len(list) != 1 || list[0].Rule.ID != rule.ID || srv.Counts().LogEvents != 0 {
			t.Errorf("%s: %d %.200q, %d refused", rule.ID, status, answer, len(list))
		}
	}
	bare := func(n int) *logspb.LogsData {
		request := &logspb.LogsData{ResourceLogs: []*logspb.ResourceLogs{{ScopeLogs: []*logspb.ScopeLogs{{}}}}}
		for range n {
			scope := request.ResourceLogs[0].ScopeLogs[0]
			scope.LogRecords = append(scope.LogRecords, &logspb.LogRecord{})
		}
		return request
	}
	f(nil, bare(10_000))
	f(&ruleOTLPLogRecords, bare(10_001))
	line, err := otlpLine(nil, &logspb.ScopeLogs{}, &logspb.LogRecord{Body: textValue("x")})
	if err != nil {
		t.Fatal(err)
	}
	long := func(n int) *logspb.LogsData {
		request := bare(1)
		request.ResourceLogs[0].ScopeLogs[0].LogRecords[0].Body = textValue(strings.Repeat("x", n-eventOverheadBytes-len(line)+1))
		return request
	}
	f(nil, long(maxLogEventBytes))
	f(&ruleOTLPLogEvent, long(maxLogEventBytes+1))
	half := strings.Repeat("x", maxLogBatchBytes/2)
	f(&ruleOTLPLogBytes, otlpLogs(half, now, now))
	wide := otlpLogs("m", now)
	wide.ResourceLogs[0].ScopeLogs[0].Scope.Name = strings.Repeat("n", maxOTLPLogResource)
	f(&ruleOTLPLogResource, wide)
	f(nil, otlpLogs("m", now.Add(-24*time.Hour), now))
	f(&ruleOTLPLogGap, otlpLogs("m", now.Add(-24*time.Hour-2*time.Millisecond), now))
}

func TestOTLPLogs_bearer(t *testing.T) {
	srv := otlpServer(t, Config{LogsBearerToken: "ACWLsecret"})
	body := encodeLogs(t, otlpLogs("m", time.Now()))
	f := func(token string, want int) {
		t.Helper()
		if status, answer, _ := (otlpPost{body: body, bearer: token}).send(t, srv); status != want {
			t.Errorf("%s: %d %q, want %d", token, status, answer, want)
		}
	}
	f("ACWLsecret", 401)
	srv.logs.setGroup("g", logSettings{bearer: true})
	f("ACWLsecret", 200)
	f("ACWLother", 401)
}

func TestOTLPLogs_faults(t *testing.T) {
	srv := otlpServer(t, Config{})
	srv.Control("/v1/logs", func(c *Call) *Fault {
		fault := Throttle()
		if c.N == 2 {
			fault = Unavailable()
		}
		fault.RetryAfter = 2 * time.Second
		return fault
	})
	for _, want := range []int{429, 503} {
		status, _, header := otlpPost{body: encodeLogs(t, otlpLogs("m", time.Now()))}.send(t, srv)
		if status != want || header.Get("Retry-After") != "2" {
			t.Errorf("%d, Retry-After %q, want %d", status, header.Get("Retry-After"), want)
		}
	}
}

// Whatever a body says, it makes events, or is refused; it does not panic.
func FuzzOTLPLogs(f *testing.F) {
	seed, err := proto.Marshal(otlpLogs("m", time.UnixMilli(1795435230000)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed, false)
	f.Add([]byte(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"kvlistValue":{"values":[{"key":"a","value":{"doubleValue":"NaN"}}]}}}]}]}]}`), true)
	f.Add([]byte(`{"resourceLogs":[null,{"scopeLogs":[{"logRecords":[{"timeUnixNano":"18446744073709551615","traceId":"zz"}]}]}]}`), true)
	srv := newServer(Config{}.withDefaults())
	f.Fuzz(func(t *testing.T, body []byte, json bool) {
		request := &logspb.LogsData{}
		if json && unmarshalOTLPJSON(body, request) != nil || !json && proto.Unmarshal(body, request) != nil {
			return
		}
		c := &call{srv: srv, now: time.UnixMilli(1795435230000), op: &otlpLogsOperations()[0], body: body}
		if events, err := c.otlpEvents(request); err == nil {
			c.rejectOTLP(&logGroup{}, events)
		}
	})
}
