package awssdk

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// traceHeader is the header that AWS's services read trace context from, and
// the one they pass on.
//
// Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
const traceHeader = "X-Amzn-Trace-Id"

// An attemptMiddleware sees each request once it is signed, and its response
// once it is read.
type attemptMiddleware struct{}

func (attemptMiddleware) ID() string { return "updraft.Attempt" }

func (attemptMiddleware) HandleDeserialize(
	ctx context.Context, input middleware.DeserializeInput, next middleware.DeserializeHandler,
) (middleware.DeserializeOutput, middleware.Metadata, error) {
	c, _ := middleware.GetStackValue(ctx, callKey{}).(*call)
	if c == nil {
		return next.HandleDeserialize(ctx, input)
	}
	c.beginAttempt()
	if request, ok := input.Request.(*smithyhttp.Request); ok && request != nil && request.Request != nil {
		c.send(request.Request)
	}
	output, metadata, err := next.HandleDeserialize(ctx, input)
	c.endAttempt(output.RawResponse, err)
	return output, metadata, err
}

// beginAttempt tells what became of the attempt before, now that the pause
// after it is known.
func (c *call) beginAttempt() {
	if c.failed != nil {
		c.tellFailure(time.Since(c.failed.at))
	}
	c.attempts++
	c.status, c.requestID, c.extendedID = 0, "", ""
}

// send notes the request, and adds X-Ray's header: no other, since AWS reads
// and passes on no other. That is done after signing, so that no proxy or load
// balancer on the way that rewrites the header can break the signature; the
// SDK's own signer leaves it out of the signature for the same reason.
func (c *call) send(request *http.Request) {
	c.request.method, c.request.url = request.Method, request.URL
	header := c.fields.Get(traceHeader)
	if header == "" || request.Header == nil {
		return
	}
	request.Header.Set(traceHeader, withLineage(header, request.Header.Get(traceHeader)))
}

// withLineage keeps Lambda's Lineage, by which AWS stops functions that call
// themselves without end, of the header that the SDK sets inside Lambda.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
func withLineage(header, before string) string {
	const lineage = ";Lineage="
	at := strings.Index(before, lineage)
	if at < 0 || strings.Contains(header, lineage) {
		return header
	}
	value, _, _ := strings.Cut(before[at+len(lineage):], ";")
	return header + lineage + value
}

// A failure is an attempt that failed.
type failure struct {
	at        time.Time
	err       error
	status    int
	requestID string
}

func (c *call) endAttempt(response any, err error) {
	var header http.Header
	c.status, header = headOf(response, err)
	c.requestID = firstHeader(header, "X-Amzn-Requestid", "X-Amzn-Request-Id", "X-Amz-Request-Id")
	c.extendedID = firstHeader(header, "X-Amz-Id-2")
	c.failed = nil
	if err != nil {
		c.failed = &failure{time.Now(), err, c.status, c.requestID}
	}
}

// failureEvent is the name of the events that X-Ray's exporters make
// exceptions of, with the status and the message below.
const failureEvent = "HTTP request failure"

// tellFailure makes an event of the failed attempt; a negative delay stands
// for none.
func (c *call) tellFailure(delay time.Duration) {
	f := c.failed
	c.failed = nil
	if !c.span.IsRecording() {
		return
	}
	attributes := make([]attribute.KeyValue, 0, 6)
	if f.status != 0 {
		attributes = append(attributes, attribute.Int("http.response.status_code", f.status))
	}
	attributes = append(attributes,
		attribute.String("aws.http.error_message", errorMessage(f.err)),
		attribute.String("error.type", errorType(f.err)),
		attribute.Int("aws.request.attempt", c.attempts))
	if f.requestID != "" {
		attributes = append(attributes, attribute.String("aws.request_id", f.requestID))
	}
	if delay >= 0 {
		attributes = append(attributes, attribute.Float64("aws.request.retry_delay", delay.Seconds()))
	}
	c.span.AddEvent(failureEvent, trace.WithTimestamp(f.at), trace.WithAttributes(attributes...))
}

// headOf is the status and header of the response, whichever way the SDK hands
// it over; 0 and nil for none.
func headOf(response any, err error) (int, http.Header) {
	r, _ := response.(*smithyhttp.Response)
	if failed := (*smithyhttp.ResponseError)(nil); r == nil && errors.As(err, &failed) {
		r = failed.Response
	}
	if r == nil || r.Response == nil {
		return 0, nil
	}
	return r.StatusCode, r.Header
}

func firstHeader(h http.Header, names ...string) string {
	for _, name := range names {
		if value := h.Get(name); value != "" {
			return value
		}
	}
	return ""
}
