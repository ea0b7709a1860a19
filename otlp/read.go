package otlp

import (
	"encoding/binary"
	"iter"
)

// A wireField is one field of a message that was received.
type wireField struct {
	number int
	varint uint64 // of wire types 0, 1 and 5
	bytes  []byte // of wire type 2
}

// eachField ranges over the fields of a message, and stops at what is none.
func eachField(message []byte) iter.Seq[wireField] {
	return func(yield func(wireField) bool) {
		for len(message) > 0 {
			f, rest, ok := cutField(message)
			if !ok || !yield(f) {
				return
			}
			message = rest
		}
	}
}

func cutField(message []byte) (f wireField, rest []byte, ok bool) {
	tag, n := binary.Uvarint(message)
	if n <= 0 || tag>>3 == 0 || tag>>3 > 1<<29-1 {
		return f, nil, false
	}
	f.number, message = int(tag>>3), message[n:]
	switch tag & 7 {
	case wireVarint:
		f.varint, n = binary.Uvarint(message)
	case wireFixed64:
		if n = 8; len(message) >= n {
			f.varint = binary.LittleEndian.Uint64(message)
		}
	case wireFixed32:
		if n = 4; len(message) >= n {
			f.varint = uint64(binary.LittleEndian.Uint32(message))
		}
	case wireBytes:
		var size uint64
		size, n = binary.Uvarint(message)
		if n <= 0 || size > uint64(len(message)-n) {
			return f, nil, false
		}
		f.bytes = message[n : n+int(size)]
		n += int(size)
	default: // groups, which OTLP has none of
		return f, nil, false
	}
	if n <= 0 || n > len(message) {
		return f, nil, false
	}
	return f, message[n:], true
}
