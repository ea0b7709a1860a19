package logs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
)

// appendAttr appends a as an attribute. As slog wants it, an empty attribute
// and a group without attributes are left out, and the attributes of a group
// without a name stand where the group stood.
func appendAttr(dst []attribute.KeyValue, a slog.Attr) []attribute.KeyValue {
	v := a.Value.Resolve()
	if a.Key == "" && v.Equal(slog.Value{}) {
		return dst
	}
	if v.Kind() != slog.KindGroup {
		return append(dst, attribute.KeyValue{Key: attribute.Key(a.Key), Value: value(v)})
	}
	if a.Key == "" {
		for _, inner := range v.Group() {
			dst = appendAttr(dst, inner)
		}
		return dst
	}
	if kvs := groupAttributes(v); len(kvs) > 0 {
		dst = append(dst, attribute.KeyValue{Key: attribute.Key(a.Key), Value: attribute.MapValue(kvs...)})
	}
	return dst
}

func groupAttributes(v slog.Value) []attribute.KeyValue {
	var kvs []attribute.KeyValue
	for _, inner := range v.Group() {
		kvs = appendAttr(kvs, inner)
	}
	return kvs
}

// value converts a resolved value. A duration becomes nanoseconds, as in
// slog's own JSON; a time its RFC 3339 text; an unsigned number too large for
// an int64 its digits.
func value(v slog.Value) attribute.Value {
	switch v.Kind() {
	case slog.KindString:
		return attribute.StringValue(v.String())
	case slog.KindInt64:
		return attribute.Int64Value(v.Int64())
	case slog.KindUint64:
		return unsigned(v.Uint64())
	case slog.KindFloat64:
		return attribute.Float64Value(v.Float64())
	case slog.KindBool:
		return attribute.BoolValue(v.Bool())
	case slog.KindDuration:
		return attribute.Int64Value(v.Duration().Nanoseconds())
	case slog.KindTime:
		return attribute.StringValue(v.Time().Format(time.RFC3339Nano))
	case slog.KindGroup:
		return attribute.MapValue(groupAttributes(v)...)
	}
	return anyValue(v.Any())
}

func unsigned(u uint64) attribute.Value {
	if u > math.MaxInt64 {
		return attribute.StringValue(strconv.FormatUint(u, 10))
	}
	return attribute.Int64Value(int64(u))
}

// anyValue converts what slog has no kind for. It runs methods of the
// application's types; should one panic, the value says so and the log line
// is kept.
func anyValue(a any) (v attribute.Value) {
	defer func() {
		if p := recover(); p != nil {
			v = attribute.StringValue(fmt.Sprintf("!PANIC: %T", a))
		}
	}()
	switch a := a.(type) {
	case nil:
		return attribute.Value{}
	case attribute.Value:
		return a
	case json.Marshaler:
		return jsonValue(a)
	case error:
		return attribute.StringValue(a.Error())
	case fmt.Stringer:
		return attribute.StringValue(a.String())
	case []byte:
		return attribute.ByteSliceValue(a)
	case []string:
		return attribute.StringSliceValue(a)
	}
	return jsonValue(a)
}

// jsonValue goes by way of encoding/json, so that a struct's tags hold: what
// is hidden there stays hidden here.
func jsonValue(a any) attribute.Value {
	b, err := json.Marshal(a)
	if err != nil {
		return attribute.StringValue("!ERROR: " + err.Error())
	}
	decoder := json.NewDecoder(bytes.NewReader(b))
	decoder.UseNumber()
	var plain any
	if err := decoder.Decode(&plain); err != nil {
		return attribute.StringValue("!ERROR: " + err.Error())
	}
	return plainValue(plain)
}

// plainValue converts what encoding/json decodes to.
func plainValue(a any) attribute.Value {
	switch a := a.(type) {
	case bool:
		return attribute.BoolValue(a)
	case string:
		return attribute.StringValue(a)
	case json.Number:
		return number(a)
	case []any:
		vs := make([]attribute.Value, len(a))
		for i, e := range a {
			vs[i] = plainValue(e)
		}
		return attribute.SliceValue(vs...)
	case map[string]any:
		kvs := make([]attribute.KeyValue, 0, len(a))
		for k, e := range a {
			kvs = append(kvs, attribute.KeyValue{Key: attribute.Key(k), Value: plainValue(e)})
		}
		return attribute.MapValue(kvs...)
	}
	return attribute.Value{}
}

func number(n json.Number) attribute.Value {
	if i, err := n.Int64(); err == nil {
		return attribute.Int64Value(i)
	}
	if f, err := n.Float64(); err == nil {
		return attribute.Float64Value(f)
	}
	return attribute.StringValue(n.String())
}
