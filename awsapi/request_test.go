package awsapi

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/updraft-otel/updraft/internal/jsonstring"
)

// golden compares a request with testdata/NAME.request: method, path, headers, and the body in a readable form.
func golden(t *testing.T, name string, r request) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\nHost: %s\n", r.method, r.path, r.host)
	var names []string
	for n := range r.header {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		fmt.Fprintf(&b, "%s: %s\n", n, strings.ReplaceAll(strings.Join(r.header[n], " | "), ", ", ",\n    "))
	}
	b.WriteString("\n")
	switch {
	case r.header.Get("Content-Type") == "application/cbor":
		b.WriteString(diagnose(t, r.body) + "\n\n" + hex.Dump(r.body))
	default:
		var out bytes.Buffer
		if err := json.Indent(&out, r.body, "", "  "); err != nil {
			t.Fatalf("body %q: %v", r.body, err)
		}
		b.WriteString(out.String() + "\n")
	}
	file := filepath.Join("testdata", name+".request")
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("request is not as in %s; if it should be, run go test -update\n%s", file, b.String())
	}
}

func TestRequests(t *testing.T) {
	segments := []string{`{"name":"shop \"é\"","id":"70de5b6f19ff9a0a"}`, "{\"a\":\"tab\\tand\x01 and \xff\"}"}
	messages := []string{"plain", "line\nbreak \"quoted\" \\ \x00 \U0001F600 \xc3"}

	f := func(name string, s Service, answer string, do func(c *Client) error) {
		t.Helper()
		p := serve(t, ok(answer))
		if err := do(p.client(t, s)); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		r := p.last(t)
		checkSignature(t, r, s.String(), "us-east-1")
		golden(t, name, r)
	}
	f("put_trace_segments", XRay, `{"UnprocessedTraceSegments":[]}`, func(c *Client) error {
		_, err := c.PutTraceSegments(t.Context(), len(segments), func(i int) []byte { return []byte(segments[i]) })
		return err
	})
	f("put_log_events", Logs, `{"nextSequenceToken":"1"}`, func(c *Client) error {
		_, err := c.PutLogEvents(t.Context(), "/app/shop", "host \"1\"", nil, len(messages), func(i int) (int64, []byte) {
			return 1_700_000_000_000 + int64(i), []byte(messages[i])
		})
		return err
	})
	f("put_log_events", Logs, `{"nextSequenceToken":"1"}`, func(c *Client) error {
		escaped := []string{`plain`, `line\nbreak \"quoted\" \\ \u0000 ` + "\U0001F600 \uFFFD"}
		_, err := c.PutEscapedLogEvents(t.Context(), "/app/shop", "host \"1\"", nil, len(escaped), func(i int) (int64, []byte, bool) {
			return 1_700_000_000_000 + int64(i), []byte(escaped[i]), i > 0
		})
		return err
	})
	f("put_log_events_entity", Logs, `{"nextSequenceToken":"1"}`, func(c *Client) error {
		entity := &LogEntity{Service: "shop \"é\"", Environment: "production", Attributes: map[string]string{"PlatformType": "AWS::ECS", "A": "b"}}
		_, err := c.PutLogEvents(t.Context(), "/app/shop", "host-1", entity, 1, func(int) (int64, []byte) { return 1, []byte("m") })
		return err
	})
	f("create_log_group", Logs, "", func(c *Client) error {
		_, err := c.CreateLogGroup(t.Context(), "/app/shop", LogGroupSettings{})
		return err
	})
	f("create_log_group_settings", Logs, "", func(c *Client) error {
		_, err := c.CreateLogGroup(t.Context(), "/app/shop", LogGroupSettings{
			Class: "INFREQUENT_ACCESS", KMSKeyID: "arn:aws:kms:us-east-1:111122223333:key/k", DeletionProtection: true,
			Tags: map[string]string{"team": "shop \"é\"", "env": ""}, RetentionDays: 30,
		})
		return err
	})
	f("put_retention_policy", Logs, "", func(c *Client) error { return c.PutRetentionPolicy(t.Context(), "/app/shop", 30) })
	f("create_log_stream", Logs, "", func(c *Client) error { return c.CreateLogStream(t.Context(), "/app/shop", "host-1") })
	f("get_sampling_rules", XRay, `{"SamplingRuleRecords":[]}`, func(c *Client) error {
		_, _, err := c.GetSamplingRules(t.Context(), "")
		return err
	})
	f("get_sampling_rules_next", XRay, `{"SamplingRuleRecords":[]}`, func(c *Client) error {
		_, _, err := c.GetSamplingRules(t.Context(), "page \"2\"")
		return err
	})
	f("get_sampling_targets", XRay, `{}`, func(c *Client) error {
		_, err := c.GetSamplingTargets(t.Context(), []SamplingStatistics{
			{RuleName: "checkout \"é\"", ClientID: "0123456789abcdef01234567", Timestamp: 1_764_000_000, RequestCount: 100, SampledCount: 14, BorrowCount: 9},
			{RuleName: "Default", ClientID: "0123456789abcdef01234567", Timestamp: 1_764_000_000, RequestCount: 1},
		}, []SamplingBoostStatistics{
			{RuleName: "checkout", ServiceName: "shop", Timestamp: 1_764_000_000, TotalCount: 100, AnomalyCount: 7, SampledAnomalyCount: 2},
		})
		return err
	})
	f("put_metric_data", CloudWatch, "\xbf\xff", func(c *Client) error {
		return c.PutMetricData(t.Context(), "Shop", 2, func(i int) []byte { return datum(fmt.Sprintf("Orders%d", i)) })
	})
}

// Documents that are escaped already arrive as the others do.
func TestPutEscapedTraceSegments(t *testing.T) {
	p := serve(t, ok(""))
	docs := []string{`{"name":"shop","path":"C:\\tmp\"}`, `{"name":"a\nb"}`, "", `{"name":"größe"}`}
	_, err := p.client(t, XRay).PutEscapedTraceSegments(t.Context(), len(docs), func(i int) ([]byte, bool) {
		if i%2 == 0 {
			return jsonstring.Escape(nil, docs[i]), true
		}
		return []byte(docs[i]), false
	})
	if err != nil {
		t.Fatal(err)
	}
	var got struct{ TraceSegmentDocuments []string }
	if err := json.Unmarshal(p.last(t).body, &got); err != nil || !slices.Equal(got.TraceSegmentDocuments, docs) {
		t.Errorf("%q, %v, want %q", got.TraceSegmentDocuments, err, docs)
	}
}

// datum is a MetricDatum in CBOR with a name and the value 1.5.
func datum(name string) []byte {
	b := appendCBORHead(nil, cborMap, 2)
	b = appendCBORText(appendCBORText(b, "MetricName"), name)
	return append(appendCBORText(b, "Value"), 0xfb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0)
}

// JSON bodies must say what was put in, as far as JSON can.
func TestBodiesDecode(t *testing.T) {
	p := serve(t, ok(""))
	docs := []string{`{"a":"ü\u0001"}`, "\x7f\u2028", "", strings.Repeat("<>&'\"\\/\n\r\t\b\f", 100), "broken \xff\xc3\x28\xe2\x82 end\xe2"}
	if _, err := p.client(t, XRay).PutTraceSegments(t.Context(), len(docs), func(i int) []byte { return []byte(docs[i]) }); err != nil {
		t.Fatal(err)
	}
	var got struct{ TraceSegmentDocuments []string }
	if err := json.Unmarshal(p.last(t).body, &got); err != nil {
		t.Fatal(err)
	}
	for i, d := range docs {
		if want := strings.Join(splitInvalid(d), "\uFFFD"); got.TraceSegmentDocuments[i] != want {
			t.Errorf("document %q, want %q", got.TraceSegmentDocuments[i], want)
		}
	}
}

// splitInvalid splits s at each byte that is not UTF-8.
func splitInvalid(s string) []string {
	var parts []string
	var part []byte
	for i, r := range s {
		if r == '\uFFFD' && !strings.HasPrefix(s[i:], "\uFFFD") {
			parts = append(parts, string(part))
			part = nil
			continue
		}
		part = append(part, string(r)...)
	}
	return append(parts, string(part))
}

func TestCompression(t *testing.T) {
	f := func(size, from int, want bool) {
		t.Helper()
		p := serve(t, ok("\xbf\xff"))
		c := p.client(t, CloudWatch, func(c *Config) { c.CompressFrom = from })
		const envelope = 1 + 10 + 2 + 11 + 1 // map, "Namespace", "N", "MetricData", array
		d := bytes.Repeat([]byte{0x01}, size-envelope)
		if err := c.PutMetricData(t.Context(), "N", 1, func(int) []byte { return d }); err != nil {
			t.Fatal(err)
		}
		r := p.last(t)
		if got := r.header.Get("Content-Encoding") == "gzip"; got != want {
			t.Errorf("%d bytes, compressed from %d: %v, want %v", size, from, got, want)
		}
		if len(r.body) != size || !bytes.HasSuffix(r.body, d) {
			t.Errorf("body of %d bytes, want %d", len(r.body), size)
		}
		checkSignature(t, r, "monitoring", "us-east-1")
	}
	f(10_239, 0, false)
	f(10_240, 0, true)
	f(1_000_000, 0, true)
	f(1_000_000, -1, false)
	f(100, 100, true)
}

// Only metrics are compressed: the other services do not say that they take it.
func TestLogsAreNotCompressed(t *testing.T) {
	p := serve(t, ok("{}"))
	big := bytes.Repeat([]byte("a"), 100_000)
	if _, err := p.client(t, Logs).PutLogEvents(t.Context(), "g", "s", nil, 1, func(int) (int64, []byte) { return 1, big }); err != nil {
		t.Fatal(err)
	}
	if e := p.last(t).header.Get("Content-Encoding"); e != "" {
		t.Errorf("Content-Encoding %q", e)
	}
}

func TestEndpointWithPath(t *testing.T) {
	p := serve(t, ok("{}"))
	c := p.client(t, XRay, func(c *Config) { c.Endpoint += "/proxy/aws/" })
	if _, err := c.PutTraceSegments(t.Context(), 1, func(int) []byte { return []byte("{}") }); err != nil {
		t.Fatal(err)
	}
	r := p.last(t)
	if r.path != "/proxy/aws/TraceSegments" {
		t.Errorf("path %q", r.path)
	}
	checkSignature(t, r, "xray", "us-east-1")
}

func TestNothingToSend(t *testing.T) {
	p := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was made") })
	if _, err := p.client(t, XRay).PutTraceSegments(t.Context(), 0, nil); err != nil {
		t.Error(err)
	}
	if _, err := p.client(t, Logs).PutLogEvents(t.Context(), "g", "s", nil, 0, nil); err != nil {
		t.Error(err)
	}
	if _, err := p.client(t, XRay).GetSamplingTargets(t.Context(), nil, nil); err != nil {
		t.Error(err)
	}
	if err := p.client(t, CloudWatch).PutMetricData(t.Context(), "N", 0, nil); err != nil {
		t.Error(err)
	}
}

func TestCallsThatCannotWork(t *testing.T) {
	p := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was made") })
	f := func(err error, want string) {
		t.Helper()
		e := asError(t, err)
		if e.Retryable() || e.Code != "InvalidRequest" || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, retryable %v", err, e.Retryable())
		}
	}
	_, err := p.client(t, XRay).PutTraceSegments(t.Context(), MaxSegments+1, nil)
	f(err, "51 items in a call that takes 50")
	_, err = p.client(t, Logs).PutTraceSegments(t.Context(), 1, nil)
	f(err, "the client is for logs; make one for xray")
	_, err = p.client(t, XRay).GetSamplingTargets(t.Context(), make([]SamplingStatistics, MaxSamplingStatistics+1), nil)
	f(err, "26 items in a call that takes 25")
	_, err = p.client(t, XRay).GetSamplingTargets(t.Context(), nil, make([]SamplingBoostStatistics, MaxSamplingStatistics+1))
	f(err, "26 items in a call that takes 25")
	_, _, err = p.client(t, Logs).GetSamplingRules(t.Context(), "")
	f(err, "make one for xray")
	_, err = p.client(t, XRay).CreateLogGroup(t.Context(), "g", LogGroupSettings{})
	f(err, "make one for logs")
	f(p.client(t, XRay).PutRetentionPolicy(t.Context(), "g", 30), "make one for logs")
	f(p.client(t, Logs).PutRetentionPolicy(t.Context(), "g", 2), "must be one of [1 3 5")
	f(p.client(t, XRay).CreateLogStream(t.Context(), "g", "s"), "make one for logs")
	f(p.client(t, Logs).PutMetricData(t.Context(), "N", MaxMetricData+1, nil), "make one for monitoring")
}

// TestPutLogEvents_format: events that are metrics say so, the others don't.
func TestPutLogEvents_format(t *testing.T) {
	for _, format := range []string{"", FormatEMF} {
		p := serve(t, ok("{}"))
		c := p.client(t, Logs, func(c *Config) { c.LogsFormat = format })
		if _, err := c.PutLogEvents(t.Context(), "g", "s", nil, 1, func(int) (int64, []byte) { return 1, []byte("{}") }); err != nil {
			t.Fatal(err)
		}
		if got := p.last(t).header.Get("X-Amzn-Logs-Format"); got != format {
			t.Errorf("%q, want %q", got, format)
		}
	}
}
