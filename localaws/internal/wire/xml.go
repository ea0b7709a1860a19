package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// xmlNamespace is CloudWatch's, the only service here with awsQuery.
const xmlNamespace = "http://monitoring.amazonaws.com/doc/2010-08-01/"

// encodeXML writes
//
//	<OpResponse xmlns="…"><OpResult>…</OpResult><ResponseMetadata><RequestId>…</RequestId></ResponseMetadata></OpResponse>
//
// where an operation without output has no result element.
func encodeXML(operation, requestID string, out any) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<%sResponse xmlns="%s">`, operation, xmlNamespace)
	v := reflect.ValueOf(out)
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.IsValid() && v.Kind() == reflect.Struct && v.NumField() > 0 {
		if err := appendXML(&b, operation+"Result", v); err != nil {
			return nil, err
		}
	}
	appendMetadata(&b, requestID)
	fmt.Fprintf(&b, `</%sResponse>`, operation)
	return b.Bytes(), nil
}

func appendMetadata(b *bytes.Buffer, requestID string) {
	b.WriteString("<ResponseMetadata>")
	appendText(b, "RequestId", requestID)
	b.WriteString("</ResponseMetadata>")
}

// encodeErrorXML is awsQuery's form of an error.
func encodeErrorXML(requestID string, e *Error) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<ErrorResponse xmlns="%s"><Error>`, xmlNamespace)
	appendText(&b, "Type", e.fault())
	appendText(&b, "Code", e.queryCode())
	appendText(&b, "Message", e.Message)
	b.WriteString("</Error>")
	appendText(&b, "RequestId", requestID)
	b.WriteString("</ErrorResponse>")
	return b.Bytes()
}

// appendText writes one element; characters that XML cannot hold become U+FFFD.
func appendText(b *bytes.Buffer, name, text string) {
	b.WriteString("<" + name + ">")
	_ = xml.EscapeText(b, []byte(text)) // a bytes.Buffer takes everything
	b.WriteString("</" + name + ">")
}

// appendXML writes v as the element name: members by name, list elements as
// member, map entries as entry with key and value.
func appendXML(b *bytes.Buffer, name string, v reflect.Value) error {
	if v.Type() == timeType {
		if t, ok := v.Interface().(Time); ok {
			appendText(b, name, t.iso())
		}
		return nil
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return appendXML(b, name, v.Elem())
	case reflect.Struct:
		return appendStructXML(b, name, v)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 { // a blob
			appendText(b, name, base64.StdEncoding.EncodeToString(v.Bytes()))
			return nil
		}
		b.WriteString("<" + name + ">")
		for i := range v.Len() {
			if err := appendXML(b, "member", v.Index(i)); err != nil {
				return err
			}
		}
		b.WriteString("</" + name + ">")
		return nil
	case reflect.Map:
		return appendMapXML(b, name, v)
	default:
		text, err := scalarText(v)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		appendText(b, name, text)
		return nil
	}
}

func appendStructXML(b *bytes.Buffer, name string, v reflect.Value) error {
	b.WriteString("<" + name + ">")
	t := v.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		member := memberName(f)
		if member == "" || strings.Contains(f.Tag.Get("json"), ",omitempty") && isEmpty(v.Field(i)) {
			continue
		}
		if err := appendXML(b, member, v.Field(i)); err != nil {
			return err
		}
	}
	b.WriteString("</" + name + ">")
	return nil
}

// isEmpty is what encoding/json leaves out for omitempty.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	default:
		return v.IsZero()
	}
}

func appendMapXML(b *bytes.Buffer, name string, v reflect.Value) error {
	b.WriteString("<" + name + ">")
	keys := make([]string, 0, v.Len())
	for _, k := range v.MapKeys() {
		keys = append(keys, k.String())
	}
	slices.Sort(keys)
	for _, k := range keys {
		b.WriteString("<entry>")
		appendText(b, "key", k)
		elem := v.MapIndex(reflect.ValueOf(k).Convert(v.Type().Key()))
		if err := appendXML(b, "value", elem); err != nil {
			return err
		}
		b.WriteString("</entry>")
	}
	b.WriteString("</" + name + ">")
	return nil
}

func scalarText(v reflect.Value) (string, error) {
	switch v.Kind() {
	case reflect.String:
		return v.String(), nil
	case reflect.Bool:
		return strconv.FormatBool(v.Bool()), nil
	case reflect.Int, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10), nil
	case reflect.Float64, reflect.Float32:
		return strconv.FormatFloat(v.Float(), 'f', -1, 64), nil
	default:
		return "", fmt.Errorf("XML has no form for %s", v.Type())
	}
}
