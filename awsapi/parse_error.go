package awsapi

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// clockTolerance is the difference of clocks from which a refused signature is blamed on it, as in AWS's SDKs; AWS
// accepts five minutes.
const clockTolerance = 4 * time.Minute

// maxMessage is how much of AWS's text an error keeps.
const maxMessage = 512

// maxAfter is the longest wait taken from an answer; more is a mistake, or a proxy's.
const maxAfter = time.Hour

func (c *Client) localError(k call, code string, err error, again bool) *Error {
	return &Error{Service: c.signingName, Operation: k.operation, Code: code, Message: clean(err.Error()), err: err, again: again}
}

// networkError is for a call without an answer.
func (c *Client) networkError(k call, err error, sent bool) *Error {
	cause := err
	var u *url.Error
	if errors.As(err, &u) {
		cause = u.Err
	}
	e := c.localError(k, "NetworkError", cause, true)
	e.Message = clean(fmt.Sprintf("%s: %v", hostOf(c.endpoint), cause))
	e.unknown = sent
	return e
}

// badAnswer is for a call that may have worked, but whose answer says nothing. It is worth another try: something
// between us and AWS may have answered.
func (c *Client) badAnswer(k call, resp *http.Response, err error) *Error {
	e := c.localError(k, "InvalidResponse", fmt.Errorf("answer of %s not understood: %w; check the endpoint", hostOf(c.endpoint), err), true)
	e.unknown = true
	if resp != nil {
		e.StatusCode, e.RequestID = resp.StatusCode, requestID(resp.Header)
	}
	return e
}

func hostOf(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil {
		return "endpoint"
	}
	return u.Host
}

// answerError reads an answer that is not a success, and learns from it: expired credentials are fetched anew and a
// wrong clock is corrected, both for the next call.
func (c *Client) answerError(k call, resp *http.Response, body []byte, creds aws.Credentials, signedAt time.Time) *Error {
	code, message := parseError(resp.Header, body)
	e := &Error{
		Service:    c.signingName,
		Operation:  k.operation,
		Code:       code,
		Message:    clean(redact(message, creds)), // in this order: shortened, a secret would not be found
		RequestID:  requestID(resp.Header),
		StatusCode: resp.StatusCode,
		After:      retryAfter(resp.Header, c.cfg.Now()),
	}
	if cache, ok := c.credentials.(*aws.CredentialsCache); ok && expired(code) {
		cache.Invalidate()
	}
	if server, err := http.ParseTime(resp.Header.Get("Date")); err == nil && aboutTime(code) {
		if server.Sub(signedAt).Abs() > clockTolerance {
			c.skew.Store(int64(server.Sub(c.cfg.Now())))
			e.again = true
		}
	}
	return e
}

// parseError finds code and message in any of the forms AWS's protocols have, and in what proxies send.
func parseError(h http.Header, body []byte) (code, message string) {
	mediaType, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	switch {
	case mediaType == "application/cbor":
		code, message = parseCBORError(body)
	case looksLike(body, '{'):
		code, message = parseJSONError(body)
	case looksLike(body, '<'):
		code, message = parseXMLError(body)
	default:
		message = string(body)
	}
	// The headers come first: a query-compatible service's body has the shape's name, the header the code that
	// everyone knows.
	if v, _, _ := strings.Cut(h.Get("X-Amzn-Query-Error"), ";"); v != "" {
		code = v
	} else if v := h.Get("X-Amzn-ErrorType"); v != "" {
		code = v
	}
	return clean(bareCode(code)), message
}

func looksLike(body []byte, first byte) bool {
	s := strings.TrimLeftFunc(string(body[:min(len(body), 64)]), unicode.IsSpace)
	return s != "" && s[0] == first
}

// bareCode removes a namespace before and a URI after a code, as in "com.amazonaws.logs#X" and "X:http://…".
func bareCode(code string) string {
	code, _, _ = strings.Cut(code, ":")
	if i := strings.LastIndexByte(code, '#'); i >= 0 {
		code = code[i+1:]
	}
	return strings.TrimSpace(code)
}

func parseJSONError(body []byte) (code, message string) {
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil {
		return "", string(body)
	}
	text := func(name string) string {
		var s string
		_ = json.Unmarshal(members[name], &s) // what is no string does not count
		return s
	}
	return cmp.Or(text("__type"), text("code"), text("Code")), cmp.Or(text("message"), text("Message"), text("errorMessage"))
}

func parseCBORError(body []byte) (code, message string) {
	m, err := cborStrings(body)
	if err != nil && len(m) == 0 {
		return "", ""
	}
	return cmp.Or(m["__type"], m["code"], m["Code"]), cmp.Or(m["message"], m["Message"])
}

// parseXMLError reads the query protocol's <Error><Code>…</Code><Message>…</Message>, which comes also where a request
// is refused before its protocol was looked at. Of a page of HTML it takes the title.
func parseXMLError(body []byte) (code, message string) {
	s := string(body)
	if code = between(s, "<Code>", "</Code>"); code != "" {
		return code, between(s, "<Message>", "</Message>")
	}
	return "", cmp.Or(between(s, "<title>", "</title>"), between(s, "<TITLE>", "</TITLE>"), between(s, "<h1>", "</h1>"), s)
}

func between(s, from, to string) string {
	_, s, ok := strings.Cut(s, from)
	if !ok {
		return ""
	}
	s, _, ok = strings.Cut(s, to)
	if !ok {
		return ""
	}
	return s
}

// redact removes the credentials a request was made with. AWS's answer to a wrong signature repeats the signed headers,
// session token included.
func redact(message string, creds aws.Credentials) string {
	message, _, _ = strings.Cut(message, "The Canonical String for this request")
	message, _, _ = strings.Cut(message, "The String-to-Sign")
	for _, secret := range []string{creds.SecretAccessKey, creds.SessionToken, creds.AccessKeyID} {
		if len(secret) >= 8 { // shorter ones are a test's, and words
			message = strings.ReplaceAll(message, secret, "[redacted]")
		}
	}
	return message
}

// clean makes text from outside fit for one line of a log.
func clean(s string) string {
	if len(s) > 4*maxMessage {
		s = s[:4*maxMessage]
	}
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Join(strings.Fields(s), " ")
	if len(s) <= maxMessage {
		return s
	}
	cut := maxMessage
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}

func requestID(h http.Header) string {
	return clean(cmp.Or(h.Get("X-Amzn-Requestid"), h.Get("X-Amzn-Request-Id"), h.Get("X-Amz-Request-Id")))
}

// retryAfter reads the standard header, seconds or a date, and AWS's own, milliseconds.
func retryAfter(h http.Header, now time.Time) time.Duration {
	if ms, err := strconv.ParseUint(h.Get("X-Amz-Retry-After"), 10, 32); err == nil {
		return min(maxAfter, time.Duration(ms)*time.Millisecond)
	}
	v := strings.TrimSpace(h.Get("Retry-After"))
	if s, err := strconv.ParseUint(v, 10, 32); err == nil {
		return min(maxAfter, time.Duration(s)*time.Second)
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	if server, err := http.ParseTime(h.Get("Date")); err == nil {
		now = server // the date is the server's, so count by its clock
	}
	return min(maxAfter, max(0, at.Sub(now)))
}
