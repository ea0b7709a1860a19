package localaws

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// What this file does as AWS does: error names, texts and statuses of the three
// services. It leaves out the request id in X-Ray's bodies, which AWS has not
// either. Read from the services' API references, "Common Errors":
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CommonErrors.html

// fail is an error by AWS's code, where no rule of the table is concerned, e.g.
// ResourceNotFoundException.
func (c *call) fail(code, format string, args ...any) error {
	return newError(c.op.service, code, fmt.Sprintf(format, args...))
}

// newError gives an error code the forms and the status it has in its service.
func newError(s service, code, message string) *wire.Error {
	e := &wire.Error{Code: code, Message: message, Status: statusOf(code)}
	if s == serviceCloudWatch {
		e.Code, e.Query = cloudwatchNames(code)
	}
	return e
}

// statusOf is the HTTP status of an error code; nearly all of AWS's are 400.
func statusOf(code string) int {
	switch code {
	case "ThrottledException", "TooManyRequestsException":
		return http.StatusTooManyRequests
	case "ServiceUnavailable":
		return http.StatusServiceUnavailable
	case "InternalServiceError", "InternalServiceFault", "InternalFailure", "InternalServerError", "ServiceUnavailableException":
		return http.StatusInternalServerError
	case "ResourceNotFound":
		return http.StatusNotFound
	case "RequestEntityTooLargeException":
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusBadRequest
}

// cloudwatchNames are the two names that CloudWatch's errors have: the shape's,
// in JSON and CBOR, and the older one, in awsQuery. Either may be given.
func cloudwatchNames(code string) (shape, query string) {
	for _, n := range [...][2]string{
		{"InvalidParameterValueException", "InvalidParameterValue"},
		{"InvalidParameterCombinationException", "InvalidParameterCombination"},
		{"MissingRequiredParameterException", "MissingParameter"},
		{"InternalServiceFault", "InternalServiceError"},
		{"InvalidFormatFault", "InvalidFormat"},
		{"LimitExceededFault", "LimitExceeded"},
		{"ThrottlingException", "Throttling"},
		{"UnrecognizedClientException", "InvalidClientTokenId"},
		{"InvalidSignatureException", "SignatureDoesNotMatch"},
		{"MissingAuthenticationTokenException", "MissingAuthenticationToken"},
		{"IncompleteSignatureException", "IncompleteSignature"},
		{"UnknownOperationException", "InvalidAction"},
		{"SerializationException", "MalformedInput"},
	} {
		if code == n[0] || code == n[1] {
			return n[0], n[1]
		}
	}
	return code, code
}

// malformed is a body that could not be read.
func (c *call) malformed(err error) error {
	return c.refuse(&ruleMalformed, "body", reason(err), c.body)
}

// reason is the innermost text of an error: what is wrong, without our layers.
func reason(err error) string {
	var d *wire.DecodeError
	if errors.As(err, &d) {
		return d.Err.Error()
	}
	return err.Error()
}

// refuse records that AWS would have refused the call, and is AWS's error.
// Item is what was refused, as it came.
func (c *call) refuse(rule *Rule, field string, value any, item []byte) error {
	message := rule.message(value)
	c.record(rule, field, value, item, message, true)
	return newError(c.op.service, rule.Code, message)
}

// note records that AWS would have refused one item of a call which it accepts.
func (c *call) note(rule *Rule, field string, value any, item []byte) {
	c.record(rule, field, value, item, rule.message(value), false)
}

func (c *call) record(rule *Rule, field string, value any, item []byte, message string, whole bool) {
	c.srv.refused.add(Refusal{
		Time:      c.now,
		Service:   c.op.service.ruleName(),
		Operation: c.op.name,
		Rule:      *rule,
		Field:     field,
		Value:     shown(value),
		Item:      string(item[:min(len(item), maxShownItem)]),
		ItemBytes: len(item),
		Message:   message,
		Call:      whole,
	})
}

// message is AWS's text, with the value seen where the text has one.
func (r *Rule) message(value any) string {
	if strings.Contains(r.Message, "%") {
		return fmt.Sprintf(r.Message, value)
	}
	return r.Message
}

// maxShownValue is how much of a value is worth showing.
const maxShownValue = 500

// shown is a value as text.
func shown(value any) string {
	text := fmt.Sprint(value)
	if len(text) > maxShownValue {
		return strings.ToValidUTF8(text[:maxShownValue], "") + "…"
	}
	return text
}
