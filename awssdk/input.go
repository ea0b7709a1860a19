package awssdk

import (
	"reflect"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"
)

// A rule makes attributes of one field of an input or output, by the field's
// name. Names are part of AWS's API and of the SDK's promise not to break its
// users; a field that is missing or of another kind gives no attribute.
type rule struct {
	field string
	read  reader
}

// A reader appends what a field says.
type reader func(dst []attribute.KeyValue, v reflect.Value) []attribute.KeyValue

// rules are those of one service, whose operations share names.
type rules struct{ input, output []rule }

// A plan is what the rules come to for one type.
type plan []planned

type planned struct {
	index int
	read  reader
}

// read appends the attributes of an input or output.
func (in *instrumentation) read(dst []attribute.KeyValue, list []rule, value any) []attribute.KeyValue {
	if len(list) == 0 {
		return dst
	}
	v, ok := structOf(value)
	if !ok {
		return dst
	}
	for _, p := range in.planOf(v.Type(), list) {
		dst = p.read(dst, v.Field(p.index))
	}
	return dst
}

func (in *instrumentation) planOf(t reflect.Type, list []rule) plan {
	if known, ok := in.plans.Load(t); ok {
		return known.(plan)
	}
	var made plan
	for _, r := range list {
		if f, ok := t.FieldByName(r.field); ok && f.IsExported() && len(f.Index) == 1 {
			made = append(made, planned{f.Index[0], r.read})
		}
	}
	in.plans.Store(t, made)
	return made
}

// structOf is the struct that value is, or points to.
func structOf(value any) (reflect.Value, bool) {
	v := reflect.ValueOf(value)
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return v, false
		}
		v = v.Elem()
	}
	return v, v.Kind() == reflect.Struct
}

// textOf is a string, or what a pointer to one points to; else "".
func textOf(v reflect.Value) string {
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() != reflect.String {
		return ""
	}
	return v.String()
}

// fieldOf is an exported field of the struct v itself; the zero Value for none.
func fieldOf(v reflect.Value, name string) reflect.Value {
	if v.Kind() != reflect.Struct {
		return reflect.Value{}
	}
	f, ok := v.Type().FieldByName(name)
	if !ok || !f.IsExported() || len(f.Index) != 1 { // of an embedded struct, which may be nil
		return reflect.Value{}
	}
	return v.Field(f.Index[0])
}

// text reads a string that is not empty.
func text(keys ...attribute.Key) reader {
	return mapped(func(s string) string { return s }, keys...)
}

// mapped reads a string and makes another of it; "" gives no attribute.
func mapped(of func(string) string, keys ...attribute.Key) reader {
	return func(dst []attribute.KeyValue, v reflect.Value) []attribute.KeyValue {
		s := textOf(v)
		if s == "" {
			return dst
		}
		if s = of(s); s == "" {
			return dst
		}
		for _, key := range keys {
			dst = append(dst, key.String(s))
		}
		return dst
	}
}

// all reads a field in several ways.
func all(readers ...reader) reader {
	return func(dst []attribute.KeyValue, v reflect.Value) []attribute.KeyValue {
		for _, read := range readers {
			dst = read(dst, v)
		}
		return dst
	}
}

// number reads an integer; zero, unless pointed to, is one that was not set.
func number(key attribute.Key) reader { return integer(key, false) }

// total reads an integer of an output, where zero is an answer.
func total(key attribute.Key) reader { return integer(key, true) }

func integer(key attribute.Key, zero bool) reader {
	return func(dst []attribute.KeyValue, v reflect.Value) []attribute.KeyValue {
		set := zero
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return dst
			}
			v, set = v.Elem(), true
		}
		if !v.CanInt() || !set && v.Int() == 0 {
			return dst
		}
		return append(dst, key.Int64(v.Int()))
	}
}

// flag reads a bool that was set.
func flag(key attribute.Key) reader {
	return func(dst []attribute.KeyValue, v reflect.Value) []attribute.KeyValue {
		set := v.Kind() == reflect.Pointer && !v.IsNil()
		if set {
			v = v.Elem()
		}
		if v.Kind() != reflect.Bool || !set && !v.Bool() {
			return dst
		}
		return append(dst, key.Bool(v.Bool()))
	}
}

// count reads how many a list holds, if any.
func count(key attribute.Key) reader {
	return func(dst []attribute.KeyValue, v reflect.Value) []attribute.KeyValue {
		if v.Kind() != reflect.Slice || v.Len() == 0 {
			return dst
		}
		return append(dst, key.Int(v.Len()))
	}
}

// afterLast is what follows the last separator, or all of it without one.
func afterLast(separator string) func(string) string {
	return func(s string) string { return s[strings.LastIndex(s, separator)+1:] }
}

// ifARN keeps ARNs only.
func ifARN(s string) string {
	if !strings.HasPrefix(s, "arn:") {
		return ""
	}
	return s
}

// uniqueSorted is the list without what is in it twice.
func uniqueSorted(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}
