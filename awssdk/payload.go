package awssdk

import (
	"bytes"
	"encoding/json"
	"reflect"

	"go.opentelemetry.io/otel/propagation"
)

// What payloads may hold, their limits having been raised since: EventBridge
// to 1 MB a call, Kinesis to 10 MiB where a stream is set so. The old limits
// hold everywhere.
//
// Sources:
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateMaxRecordSize.html (no stream takes less)
// https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
const (
	maxEvents  = 256 << 10 // bytes, of all entries of a call together
	maxRecord  = 1 << 20   // bytes, of data and partition key
	maxRecords = 5 << 20   // bytes, of all records of a call together
)

// carryEvents fills in the field that EventBridge has for X-Ray's context, and
// puts the whole context into the payload if so configured.
//
// Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html
func (c *call) carryEvents(input reflect.Value) {
	entries := copyEntries(fieldOf(input, "Entries"))
	size := 0
	for _, e := range entries {
		size += eventSize(e)
	}
	for _, e := range entries {
		header := fieldOf(e, "TraceHeader")
		if textOf(header) != "" {
			continue // the caller's own
		}
		if own := c.fields.Get(traceHeader); own != "" {
			setText(header, own)
		}
		if c.in.PayloadField == "" {
			continue
		}
		detail := textOf(fieldOf(e, "Detail"))
		if with, ok := c.intoJSON([]byte(detail), maxEvents-size); ok && setText(fieldOf(e, "Detail"), string(with)) {
			size += len(with) - len(detail)
		}
	}
}

// eventSize is the size of an entry as EventBridge counts it.
func eventSize(entry reflect.Value) int {
	size := len(textOf(fieldOf(entry, "Source"))) + len(textOf(fieldOf(entry, "DetailType"))) + len(textOf(fieldOf(entry, "Detail")))
	if at := fieldOf(entry, "Time"); at.Kind() == reflect.Pointer && !at.IsNil() {
		const timeSize = 14
		size += timeSize
	}
	if resources := fieldOf(entry, "Resources"); resources.Kind() == reflect.Slice {
		for i := range resources.Len() {
			size += len(textOf(resources.Index(i)))
		}
	}
	return size
}

func (c *call) carryRecord(input reflect.Value) {
	c.carryRecordsIn([]reflect.Value{input})
}

func (c *call) carryRecords(input reflect.Value) {
	c.carryRecordsIn(copyEntries(fieldOf(input, "Records")))
}

// carryRecordsIn puts the context into the data of records, which is opaque to
// Kinesis and has no place besides.
func (c *call) carryRecordsIn(records []reflect.Value) {
	size := 0
	for _, r := range records {
		size += recordSize(r)
	}
	for _, r := range records {
		data := fieldOf(r, "Data")
		if !data.IsValid() || !data.CanSet() || data.Type() != reflect.TypeFor[[]byte]() {
			continue
		}
		before := data.Len()
		if with, ok := c.intoJSON(data.Bytes(), min(maxRecord-recordSize(r), maxRecords-size)); ok {
			data.SetBytes(with)
			size += len(with) - before
		}
	}
}

func recordSize(record reflect.Value) int {
	size := len(textOf(fieldOf(record, "PartitionKey")))
	if data := fieldOf(record, "Data"); data.Kind() == reflect.Slice {
		size += data.Len()
	}
	return size
}

// intoJSON returns the JSON object with the trace context as one more member,
// if there is room for it. What the object holds stays as it is written.
func (c *call) intoJSON(object []byte, room int) ([]byte, bool) {
	end := bytes.LastIndexByte(object, '}')
	if end < 0 || bytes.TrimLeft(object, " \t\r\n")[0] != '{' {
		return nil, false
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(object, &members) != nil {
		return nil, false
	}
	if _, taken := members[c.in.PayloadField]; taken {
		return nil, false
	}
	member := c.member(len(members) > 0)
	if len(member) > room {
		return nil, false
	}
	with := make([]byte, 0, len(object)+len(member))
	with = append(append(with, object[:end]...), member...)
	return append(with, object[end:]...), true
}

// member is the trace context as a member of an object.
func (c *call) member(comma bool) []byte {
	context := make(map[string]string, len(c.fields))
	for _, f := range c.fields {
		context[f.key] = f.value
	}
	name, err := json.Marshal(c.in.PayloadField)
	if err != nil {
		return nil
	}
	value, err := json.Marshal(context)
	if err != nil {
		return nil
	}
	var member []byte
	if comma {
		member = append(member, ',')
	}
	return append(append(append(member, name...), ':'), value...)
}

// payloadCarrier reads the member again.
func payloadCarrier(object []byte, name string) propagation.MapCarrier {
	var members map[string]json.RawMessage
	if name == "" || json.Unmarshal(object, &members) != nil {
		return nil
	}
	var carrier propagation.MapCarrier
	if json.Unmarshal(members[name], &carrier) != nil {
		return nil
	}
	return carrier
}
