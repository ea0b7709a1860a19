package xraydoc

import (
	"bytes"
	"encoding/hex"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// idKey is the member that X-Ray names a document by.
var idKey = []byte(`"id"`)

// ownID finds the id of a document without reading it: the string behind the key
// "id" that stands in no inner object.
func ownID(doc []byte) (id pcommon.SpanID) {
	depth := 0
	for i := 0; i < len(doc); i++ {
		switch doc[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			end := endOfString(doc, i)
			if depth == 1 && bytes.Equal(doc[i:end], idKey) {
				if id, ok := idValue(doc[end:]); ok {
					return id
				}
			}
			i = end - 1
		}
	}
	return id
}

// endOfString is where the string that begins at i ends, behind its quote.
func endOfString(doc []byte, i int) int {
	for i++; i < len(doc); i++ {
		switch doc[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(doc)
}

// idValue reads a colon and 16 hexadecimal digits in quotes.
func idValue(rest []byte) (id pcommon.SpanID, ok bool) {
	rest, ok = bytes.CutPrefix(bytes.TrimLeft(rest, " \t\r\n"), []byte(":"))
	rest = bytes.TrimLeft(rest, " \t\r\n")
	if !ok || len(rest) < 2+hex.EncodedLen(len(id)) || rest[0] != '"' || rest[1+hex.EncodedLen(len(id))] != '"' {
		return id, false
	}
	_, err := hex.Decode(id[:], rest[1:1+hex.EncodedLen(len(id))])
	return id, err == nil
}
