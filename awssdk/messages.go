package awssdk

import (
	"reflect"
	"strings"
)

// What a message may hold. A queue's or topic's own limit may be set higher
// than maxMessage, up to 1 MiB, and nothing in a call tells; so a message that
// is larger stays as it is.
//
// Sources:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
// https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
// https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html (with raw delivery to SQS, ten as well)
const (
	maxMessage    = 256 << 10 // bytes, of body and attributes; of all messages in a batch together
	maxAttributes = 10
)

// traceAttribute is the message system attribute of SQS that X-Ray and Lambda
// read. It counts for neither limit, and goes before the HTTP header.
//
// Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-services-sqs.html
const traceAttribute = "AWSTraceHeader"

func (c *call) carrySQS(input reflect.Value) {
	c.carryMessages([]reflect.Value{input}, "MessageBody")
}

func (c *call) carrySQSBatch(input reflect.Value) {
	c.carryMessages(copyEntries(fieldOf(input, "Entries")), "MessageBody")
}

// carrySNS puts nothing into what goes to phones and devices, where nobody
// would read it. X-Ray's own context needs no attribute: SNS takes the HTTP
// header, and hands it on.
//
// Source: https://docs.aws.amazon.com/sns/latest/dg/sns-active-tracing.html
func (c *call) carrySNS(input reflect.Value) {
	if textOf(fieldOf(input, "TopicArn")) != "" || isTopic(textOf(fieldOf(input, "TargetArn"))) {
		c.carryMessages([]reflect.Value{input}, "Message")
	}
}

func (c *call) carrySNSBatch(input reflect.Value) {
	c.carryMessages(copyEntries(fieldOf(input, "PublishBatchRequestEntries")), "Message")
}

// copyEntries replaces a list in a copied input by a copy, and returns its
// elements, which can be set.
func copyEntries(list reflect.Value) []reflect.Value {
	if list.Kind() != reflect.Slice || !list.CanSet() {
		return nil
	}
	copied := reflect.MakeSlice(list.Type(), list.Len(), list.Len())
	reflect.Copy(copied, list)
	list.Set(copied)
	elements := make([]reflect.Value, copied.Len())
	for i := range elements {
		elements[i] = copied.Index(i)
	}
	return elements
}

// carryMessages puts the trace context into messages, as far as they have room.
func (c *call) carryMessages(messages []reflect.Value, body string) {
	size := 0
	for _, m := range messages {
		size += len(textOf(fieldOf(m, body))) + len(textOf(fieldOf(m, "Subject"))) + attributesSize(fieldOf(m, "MessageAttributes"))
	}
	for _, m := range messages {
		if m.Kind() != reflect.Struct || c.carriesAlready(m) {
			continue
		}
		if header := c.fields.Get(traceHeader); header != "" {
			addAttributes(fieldOf(m, "MessageSystemAttributes"), fields{{traceAttribute, header}})
		}
		if c.in.NoMessageAttributes {
			continue
		}
		own := c.messageFields()
		attributes, added := fieldOf(m, "MessageAttributes"), fieldsSize(own)
		if attributes.Kind() != reflect.Map || attributes.Len()+len(own) > maxAttributes || size+added > maxMessage {
			continue
		}
		if addAttributes(attributes, own) {
			size += added
		}
	}
}

// messageFields are the fields that go into message attributes: all but
// X-Ray's, for which SQS and SNS have their own place.
func (c *call) messageFields() fields {
	var own fields
	for _, f := range c.fields {
		if !strings.EqualFold(f.key, traceHeader) && isAttributeName(f.key) && f.value != "" {
			own = append(own, f)
		}
	}
	return own
}

// isAttributeName tells whether SQS and SNS take the name.
//
// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
func isAttributeName(s string) bool {
	const longest = 256
	if s == "" || len(s) > longest || s[0] == '.' || s[len(s)-1] == '.' || strings.Contains(s, "..") {
		return false
	}
	if lower := strings.ToLower(s); strings.HasPrefix(lower, "aws.") || strings.HasPrefix(lower, "amazon.") {
		return false
	}
	for _, r := range s {
		if (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '_' && r != '-' && r != '.' {
			return false
		}
	}
	return true
}

// carriesAlready tells whether the caller put trace context in: then it is
// the caller's business, all of it.
func (c *call) carriesAlready(message reflect.Value) bool {
	if has(fieldOf(message, "MessageSystemAttributes"), traceAttribute) {
		return true
	}
	attributes := fieldOf(message, "MessageAttributes")
	for _, f := range c.fields {
		if has(attributes, f.key) {
			return true
		}
	}
	return false
}

func has(attributes reflect.Value, name string) bool {
	if attributes.Kind() != reflect.Map || attributes.Type().Key().Kind() != reflect.String {
		return false
	}
	return attributes.MapIndex(reflect.ValueOf(name).Convert(attributes.Type().Key())).IsValid()
}

// stringType is the DataType of attributes, "String"; one word for SQS and SNS.
const stringType = "String"

// addAttributes replaces a map of attributes by one that has the fields too.
func addAttributes(attributes reflect.Value, add fields) bool {
	if attributes.Kind() != reflect.Map || !attributes.CanSet() || len(add) == 0 {
		return false
	}
	t := attributes.Type()
	if t.Key().Kind() != reflect.String || t.Elem().Kind() != reflect.Struct {
		return false
	}
	merged := reflect.MakeMapWithSize(t, attributes.Len()+len(add))
	for entries := attributes.MapRange(); entries.Next(); {
		merged.SetMapIndex(entries.Key(), entries.Value())
	}
	for _, f := range add {
		value := reflect.New(t.Elem()).Elem()
		if !setText(value.FieldByName("DataType"), stringType) || !setText(value.FieldByName("StringValue"), f.value) {
			return false
		}
		merged.SetMapIndex(reflect.ValueOf(f.key).Convert(t.Key()), value)
	}
	attributes.Set(merged)
	return true
}

// setText sets a *string.
func setText(v reflect.Value, s string) bool {
	if !v.IsValid() || !v.CanSet() || v.Type() != reflect.TypeFor[*string]() {
		return false
	}
	v.Set(reflect.ValueOf(&s))
	return true
}

// attributesSize is what attributes count: names, types and values.
func attributesSize(attributes reflect.Value) int {
	if attributes.Kind() != reflect.Map {
		return 0
	}
	size := 0
	for entries := attributes.MapRange(); entries.Next(); {
		value := entries.Value()
		size += len(textOf(entries.Key())) + len(textOf(fieldOf(value, "DataType"))) + len(textOf(fieldOf(value, "StringValue")))
		if binary := fieldOf(value, "BinaryValue"); binary.Kind() == reflect.Slice {
			size += binary.Len()
		}
	}
	return size
}

func fieldsSize(list fields) int {
	size := 0
	for _, f := range list {
		size += len(f.key) + len(stringType) + len(f.value)
	}
	return size
}
