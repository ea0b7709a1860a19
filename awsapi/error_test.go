package awsapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// cborMapOf is a CBOR map of these keys and values.
func cborMapOf(pairs ...string) string {
	b := appendCBORHead(nil, cborMap, uint64(len(pairs)/2))
	for _, s := range pairs {
		b = appendCBORText(b, s)
	}
	return string(b)
}

// callOf makes a call of the service.
func callOf(t *testing.T, c *Client) error {
	t.Helper()
	switch c.cfg.Service {
	case XRay:
		_, err := c.PutTraceSegments(t.Context(), 1, func(int) []byte { return []byte("{}") })
		return err
	case Logs:
		_, err := c.PutLogEvents(t.Context(), "g", "s", nil, 1, func(int) (int64, []byte) { return 1, []byte("m") })
		return err
	}
	return c.PutMetricData(t.Context(), "N", 1, func(int) []byte { return datum("m") })
}

func TestErrorForms(t *testing.T) {
	f := func(name string, s Service, status int, header, body, code, message string) {
		t.Helper()
		p := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			for _, h := range strings.Split(header, "\n") {
				if k, v, ok := strings.Cut(h, ": "); ok {
					w.Header().Set(k, v)
				}
			}
			w.Header().Set("X-Amzn-RequestId", "r-1")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		})
		e := asError(t, callOf(t, p.client(t, s)))
		if e.Code != code || e.Message != message || e.StatusCode != status || e.RequestID != "r-1" || e.Service != s.String() {
			t.Errorf("%s: %+v, want code %q and message %q", name, *e, code, message)
		}
	}
	const asJSON, asCBOR = "Content-Type: application/json", "Content-Type: application/cbor"
	f("rest-json with a URI in the header", XRay, 400, asJSON+"\nX-Amzn-ErrorType: InvalidRequestException:http://internal.amazon.com/coral/",
		`{"message":"bad"}`, "InvalidRequestException", "bad")
	f("rest-json, Message", XRay, 429, asJSON+"\nx-amzn-errortype: ThrottledException", `{"Message":"Rate exceeded"}`, "ThrottledException", "Rate exceeded")
	f("rest-json, code in the body", XRay, 400, asJSON, `{"code":"com.amazonaws.xray#InvalidRequestException","message":"bad"}`, "InvalidRequestException", "bad")
	f("awsJson with a namespace", Logs, 400, "Content-Type: application/x-amz-json-1.1",
		`{"__type":"com.amazonaws.logs#ResourceNotFoundException","message":"The specified log group does not exist."}`,
		"ResourceNotFoundException", "The specified log group does not exist.")
	f("awsJson without", Logs, 400, "", `{"__type":"InvalidParameterException","Message":"m"}`, "InvalidParameterException", "m")
	f("awsJson, null members", Logs, 500, "", `{"__type":null,"message":null}`, "", "")
	f("awsJson, members of other types", Logs, 400, "", `{"__type":["X"],"message":{"a":1},"Code":"Y"}`, "Y", "")
	f("cbor", CloudWatch, 400, asCBOR, cborMapOf("__type", "com.amazonaws.cloudwatch#InvalidParameterValueException", "message", "m"),
		"InvalidParameterValueException", "m")
	f("cbor in query mode", CloudWatch, 400, asCBOR+"\nX-Amzn-Query-Error: InvalidParameterValue;Sender",
		cborMapOf("__type", "com.amazonaws.cloudwatch#InvalidParameterValueException", "Message", "m"), "InvalidParameterValue", "m")
	f("cbor that breaks off after the code", CloudWatch, 400, asCBOR, "\xbf\x66__type\x61X\x67mess", "X", "")
	f("cbor that is none", CloudWatch, 503, asCBOR, "\xff\xff", "", "")
	f("query XML", CloudWatch, 403, "Content-Type: text/xml",
		"<ErrorResponse>\n<Error><Type>Sender</Type><Code>InvalidClientTokenId</Code><Message>The security token included in the request is invalid.</Message></Error></ErrorResponse>",
		"InvalidClientTokenId", "The security token included in the request is invalid.")
	f("a proxy's page", XRay, 502, "Content-Type: text/html", "<html><head><title>502 Bad\n Gateway</title></head></html>", "", "502 Bad Gateway")
	f("a page without a title", XRay, 502, "Content-Type: text/html", "<p>no\x00</p>", "", "<p>no\uFFFD</p>")
	f("text", XRay, 503, "Content-Type: text/plain", "  upstream\tconnect \xff error\n", "", "upstream connect \uFFFD error")
	f("broken JSON", XRay, 500, asJSON, `{"message":`, "", `{"message":`)
	f("empty", XRay, 500, "", "", "", "")
	f("empty with a header", XRay, 403, "X-Amzn-ErrorType: MissingAuthenticationTokenException", "", "MissingAuthenticationTokenException", "")
	f("very long", XRay, 500, "Content-Type: text/plain", strings.Repeat("é", 10_000), "", strings.Repeat("é", 256)+"…")
	f("a redirect is not followed", XRay, 307, "Location: https://example.com/", "", "", "")
}

func TestErrorText(t *testing.T) {
	f := func(e Error, want string) {
		t.Helper()
		if got := e.Error(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	f(Error{Service: "xray", Operation: "PutTraceSegments", Code: "ThrottledException", Message: "Rate exceeded", StatusCode: 429, RequestID: "r-1"},
		"xray PutTraceSegments: ThrottledException: Rate exceeded (HTTP 429, request id r-1)")
	f(Error{Service: "logs", Operation: "PutLogEvents", StatusCode: 502, Message: "Bad Gateway"}, "logs PutLogEvents: Bad Gateway (HTTP 502)")
	f(Error{Service: "logs", Operation: "PutLogEvents", StatusCode: 500}, "logs PutLogEvents: no reason given (HTTP 500)")
	f(Error{Service: "logs", Operation: "PutLogEvents", Code: "NetworkError", Message: "host: refused"}, "logs PutLogEvents: NetworkError: host: refused")
}

func TestErrorClasses(t *testing.T) {
	f := func(status int, code string, retryable, throttled, splittable, unknown bool) {
		t.Helper()
		e := &Error{StatusCode: status, Code: code}
		if e.Retryable() != retryable || e.Throttled() != throttled || e.Splittable() != splittable || e.OutcomeUnknown() != unknown {
			t.Errorf("%d %s: retryable %v, throttled %v, splittable %v, outcome unknown %v",
				status, code, e.Retryable(), e.Throttled(), e.Splittable(), e.OutcomeUnknown())
		}
	}
	const y, n = true, false
	f(429, "", y, y, n, n)
	f(400, "ThrottlingException", y, y, n, n)
	f(400, "ThrottledException", y, y, n, n)
	f(503, "SlowDown", y, y, n, n)
	f(500, "ThrottledException", y, y, n, n)
	f(408, "", y, n, n, n)
	f(400, "RequestTimeout", y, n, n, n)
	f(500, "InternalFailure", y, n, n, y)
	f(502, "", y, n, n, y)
	f(503, "ServiceUnavailableException", y, n, n, n)
	f(504, "", y, n, n, y)
	f(501, "", n, n, n, n)
	f(400, "OperationAbortedException", y, n, n, n)
	f(403, "ExpiredTokenException", y, n, n, n)
	f(400, "ExpiredToken", y, n, n, n)
	f(403, "AccessDeniedException", n, n, n, n)
	f(403, "InvalidSignatureException", n, n, n, n)
	f(400, "UnrecognizedClientException", n, n, n, n)
	f(400, "ResourceNotFoundException", n, n, n, n)
	f(400, "InvalidParameterException", n, n, y, n)
	f(400, "InvalidParameterValue", n, n, y, n)
	f(400, "InvalidRequestException", n, n, y, n)
	f(400, "SerializationException", n, n, y, n)
	f(413, "", n, n, y, n)
	f(404, "UnknownOperationException", n, n, n, n)
	f(307, "", n, n, n, n)
}

func TestRetryAfter(t *testing.T) {
	now := testTime()
	f := func(want time.Duration, header ...string) {
		t.Helper()
		h := http.Header{}
		for i := 0; i < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		if got := retryAfter(h, now); got != want {
			t.Errorf("%v: %v, want %v", h, got, want)
		}
	}
	f(0)
	f(7*time.Second, "Retry-After", "7")
	f(7*time.Second, "Retry-After", " 7 ")
	f(0, "Retry-After", "-7")
	f(0, "Retry-After", "soon")
	f(time.Hour, "Retry-After", "4294967295")
	f(0, "Retry-After", "99999999999999999999")
	f(90*time.Second, "Retry-After", now.Add(90*time.Second).Format(http.TimeFormat))
	f(0, "Retry-After", now.Add(-time.Minute).Format(http.TimeFormat))
	f(time.Hour, "Retry-After", now.Add(1000*time.Hour).Format(http.TimeFormat))
	// by the server's clock, where it says what time it has
	f(30*time.Second, "Retry-After", now.Add(90*time.Second).Format(http.TimeFormat), "Date", now.Add(time.Minute).Format(http.TimeFormat))
	f(1500*time.Millisecond, "X-Amz-Retry-After", "1500", "Retry-After", "7")
	f(7*time.Second, "X-Amz-Retry-After", "x", "Retry-After", "7")
}

func TestRetryAfterOfAnAnswer(t *testing.T) {
	p := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	if e := asError(t, callOf(t, p.client(t, Logs))); e.RetryAfter() != 3*time.Second || !e.Retryable() {
		t.Errorf("after %v, retryable %v", e.RetryAfter(), e.Retryable())
	}
}

func TestExistingGroupsAndStreams(t *testing.T) {
	p := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"__type":"ResourceAlreadyExistsException","message":"The specified log group already exists"}`)
	})
	c := p.client(t, Logs)
	if created, err := c.CreateLogGroup(t.Context(), "g", LogGroupSettings{}); err != nil || created {
		t.Errorf("created %v, %v", created, err)
	}
	if err := c.CreateLogStream(t.Context(), "g", "s"); err != nil {
		t.Error(err)
	}
	if e := asError(t, callOf(t, c)); e.Code != CodeResourceAlreadyExists {
		t.Errorf("another call's error is %v", e)
	}
}

func TestNetworkErrors(t *testing.T) {
	f := func(name string, change func(*Config), unknown bool, want string) {
		t.Helper()
		p := serve(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		_, err := p.client(t, XRay, change).PutTraceSegments(ctx, 1, func(int) []byte { return []byte("{}") })
		e := asError(t, err)
		if e.Code != "NetworkError" || !e.Retryable() || e.OutcomeUnknown() != unknown || !strings.Contains(e.Message, want) {
			t.Errorf("%s: %v, retryable %v, outcome unknown %v", name, e, e.Retryable(), e.OutcomeUnknown())
		}
	}
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	address := closed.Addr().String()
	f("refused", func(c *Config) { c.Endpoint, c.HTTPClient = "http://"+address, nil }, false, address+": dial tcp")
	f("cut off", func(*Config) {}, true, "xray.us-east-1.amazonaws.com: ")
}

func TestTimeoutIsSeenThrough(t *testing.T) {
	release := make(chan struct{})
	p := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	defer close(release)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := p.client(t, XRay).PutTraceSegments(ctx, 1, func(int) []byte { return []byte("{}") })
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	if e := asError(t, err); !e.Retryable() || !e.OutcomeUnknown() {
		t.Errorf("retryable %v, outcome unknown %v", e.Retryable(), e.OutcomeUnknown())
	}
}

func TestAnswersThatSayNothing(t *testing.T) {
	f := func(name string, s Service, body, want string) {
		t.Helper()
		e := asError(t, callOf(t, serve(t, ok(body)).client(t, s)))
		if e.Code != "InvalidResponse" || !e.Retryable() || !e.OutcomeUnknown() || !strings.Contains(e.Message, want) {
			t.Errorf("%s: %v, retryable %v, outcome unknown %v", name, e, e.Retryable(), e.OutcomeUnknown())
		}
	}
	f("a log-in page", XRay, "<html>log in</html>", "check the endpoint")
	f("a log-in page", Logs, "<html>log in</html>", "check the endpoint")
	f("wrong types", Logs, `{"rejectedLogEventsInfo":{"tooOldLogEventEndIndex":"x"}}`, "not understood")
	f("no end", XRay, strings.Repeat(" ", maxResponse+1), "longer than 1 MiB")
}

func TestPartialAnswers(t *testing.T) {
	p := serve(t, ok(`{"UnprocessedTraceSegments":[{"Id":"70de5b6f19ff9a0a","ErrorCode":"InvalidName","Message":"Invalid segment. ErrorCode: InvalidName"},{"ErrorCode":"MissingId"}]}`))
	refused, err := p.client(t, XRay).PutTraceSegments(t.Context(), 2, func(int) []byte { return []byte("{}") })
	if err != nil || len(refused) != 2 || refused[0].ID != "70de5b6f19ff9a0a" || refused[0].ErrorCode != "InvalidName" || refused[1].ID != "" {
		t.Errorf("refused %+v, %v", refused, err)
	}
	p = serve(t, ok(`{"rejectedLogEventsInfo":{"tooNewLogEventStartIndex":5,"tooOldLogEventEndIndex":0}}`))
	rejected, err := p.client(t, Logs).PutLogEvents(t.Context(), "g", "s", nil, 1, func(int) (int64, []byte) { return 1, []byte("m") })
	if err != nil || rejected.TooNewStart == nil || *rejected.TooNewStart != 5 || rejected.TooOldEnd == nil || *rejected.TooOldEnd != 0 || rejected.ExpiredEnd != nil {
		t.Errorf("rejected %+v, %v", rejected, err)
	}
}

func TestUnprocessedSegmentIsAnError(t *testing.T) {
	f := func(u UnprocessedTraceSegment, text string, retryable bool) {
		t.Helper()
		if u.Error() != text || u.Retryable() != retryable {
			t.Errorf("%q, retryable %v", u.Error(), u.Retryable())
		}
	}
	f(UnprocessedTraceSegment{ID: "70de5b6f19ff9a0a", ErrorCode: "InvalidName", Message: "Invalid segment.\nErrorCode: InvalidName"},
		"segment 70de5b6f19ff9a0a: InvalidName: Invalid segment. ErrorCode: InvalidName", false)
	f(UnprocessedTraceSegment{ErrorCode: "MissingId"}, "segment without an id: MissingId", false)
	f(UnprocessedTraceSegment{ID: "1", ErrorCode: "ThrottledException"}, "segment 1: ThrottledException", true)
	f(UnprocessedTraceSegment{ID: "1", ErrorCode: "InternalFailure"}, "segment 1: InternalFailure", true)
}

func TestReasonOfARejectedEvent(t *testing.T) {
	two, three, eight := 2, 3, 8
	f := func(r RejectedLogEvents, want string) {
		t.Helper()
		var got []string
		for i := range 10 {
			got = append(got, cmp.Or(r.Reason(i), "-"))
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s, want %s", s, want)
		}
	}
	f(RejectedLogEvents{}, "- - - - - - - - - -")
	f(RejectedLogEvents{TooNewStart: &eight, TooOldEnd: &two, ExpiredEnd: &three}, "too_old too_old expired - - - - - too_new too_new")
	zero := 0
	f(RejectedLogEvents{TooNewStart: &zero}, strings.TrimSpace(strings.Repeat("too_new ", 10)))
	f(RejectedLogEvents{TooOldEnd: &zero}, "- - - - - - - - - -")
}

// AWS's answer to a wrong signature repeats what was signed, the session token included.
func TestErrorsHoldNoCredentials(t *testing.T) {
	f := func(name, body string) {
		t.Helper()
		p := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, body)
		})
		err := callOf(t, p.client(t, XRay))
		for _, text := range []string{err.Error(), fmt.Sprintf("%+v", *asError(t, err))} {
			for _, secret := range []string{testKey, testSecret, testToken, testToken[:12], testSecret[:12]} {
				if strings.Contains(text, secret) {
					t.Errorf("%s: %q in %q", name, secret, text)
				}
			}
		}
	}
	f("canonical string", `{"__type":"InvalidSignatureException","message":"The request signature we calculated does not match.\n\nThe Canonical String for this request should have been\n'POST\n/\nx-amz-security-token:`+testToken+`'"}`)
	f("token", `{"message":"token `+testToken+` of `+testKey+` is bad, not `+testSecret+`"}`)
	f("token where the text is cut", `{"message":"`+strings.Repeat("x", maxMessage-8)+testToken+`"}`)
	f("token where more is cut", `{"message":"`+strings.Repeat("x", 4*maxMessage-8)+testToken+`"}`)
	f("HTML", "<title>"+testToken+"</title>")
}
