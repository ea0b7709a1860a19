package awsapi

import (
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
)

func FuzzParseError(f *testing.F) {
	f.Add("application/json", "", `{"__type":"a#b","message":"m"}`)
	f.Add("application/cbor", "A;Sender", cborMapOf("__type", "X", "message", "m"))
	f.Add("text/html", "", "<title>x</title>")
	f.Add("", "", "\x00\xff<Code>c</Code>")
	f.Fuzz(func(t *testing.T, contentType, query, body string) {
		h := http.Header{"Content-Type": {contentType}, "X-Amzn-Query-Error": {query}, "X-Amzn-Errortype": {query}, "Retry-After": {query}}
		code, message := parseError(h, []byte(body))
		if message = clean(message); len(message) > maxMessage+len("…") || strings.ContainsAny(message+code, "\n\x00") || !utf8.ValidString(message+code) {
			t.Errorf("code %q, message %q", code, message)
		}
		if after := retryAfter(h, testTime()); after < 0 || after > maxAfter {
			t.Errorf("after %v", after)
		}
	})
}

func FuzzAnswers(f *testing.F) {
	f.Add([]byte(`{"UnprocessedTraceSegments":[{"Id":"1"}]}`))
	f.Add([]byte(`{"rejectedLogEventsInfo":{"tooNewLogEventStartIndex":5}}`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		for _, s := range []Service{XRay, Logs} {
			c, err := New(Config{Service: s, Region: "us-east-1", Credentials: aws.AnonymousCredentials{}, HTTPClient: &http.Client{Transport: fixed(answer)}})
			if err != nil {
				t.Fatal(err)
			}
			if err := callOf(t, c); err != nil && asError(t, err).Code != "InvalidResponse" {
				t.Error(err)
			}
		}
	})
}

func FuzzSamplingAnswers(f *testing.F) {
	f.Add([]byte(`{"SamplingRuleRecords":[{"SamplingRule":{"RuleName":"a","FixedRate":-1},"ModifiedAt":1e300}],"NextToken":""}`))
	f.Add([]byte(`{"SamplingTargetDocuments":[{"FixedRate":null,"ReservoirQuota":9223372036854775807}]}`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		c, err := New(Config{Service: XRay, Region: "us-east-1", Credentials: aws.AnonymousCredentials{}, HTTPClient: &http.Client{Transport: fixed(answer)}})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := c.GetSamplingRules(t.Context(), ""); err != nil && asError(t, err).Code != "InvalidResponse" {
			t.Error(err)
		}
		if _, err := c.GetSamplingTargets(t.Context(), make([]SamplingStatistics, 1), nil); err != nil && asError(t, err).Code != "InvalidResponse" {
			t.Error(err)
		}
	})
}

// fixed is a transport that answers with these bytes.
type fixed []byte

func (f fixed) RoundTrip(r *http.Request) (*http.Response, error) {
	trace := httptrace.ContextClientTrace(r.Context())
	trace.GotConn(httptrace.GotConnInfo{})
	_, _ = io.Copy(io.Discard, r.Body)
	r.Body.Close()
	trace.WroteRequest(httptrace.WroteRequestInfo{})
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(f))), Request: r}, nil
}
