package wire

import (
	"errors"

	"github.com/fxamacker/cbor/v2"
)

// Bounds of a CBOR body: what a real request needs, with room to spare, so that
// a crafted one cannot ask for more memory than it is long.
const (
	maxNesting  = 32
	maxElements = 1 << 20
)

// The modes are immutable once built.
var (
	cborDecoding = newDecoding()
	cborEncoding = newEncoding()
)

func newDecoding() cbor.DecMode {
	mode, err := cbor.DecOptions{
		MaxNestedLevels:   maxNesting,
		MaxArrayElements:  maxElements,
		MaxMapPairs:       maxElements,
		FieldNameMatching: cbor.FieldNameMatchingCaseSensitive,
		TagsMd:            cbor.TagsAllowed,
	}.DecMode()
	if err != nil {
		return nil // the options are constants; a test decodes with them
	}
	return mode
}

func newEncoding() cbor.EncMode {
	mode, err := cbor.EncOptions{ShortestFloat: cbor.ShortestFloatNone}.EncMode()
	if err != nil {
		return nil // as above
	}
	return mode
}

// decodeCBOR takes an empty body for an empty map: Smithy sends none for an
// input without members.
func decodeCBOR(body []byte, v any) error {
	if len(body) == 0 {
		return nil
	}
	if body[0]>>5 != 5 { // major type 5
		return errors.New("top-level value is not a map")
	}
	return cborDecoding.Unmarshal(body, v)
}

// encodeCBOR writes an empty map for an empty answer.
func encodeCBOR(v any) ([]byte, error) {
	if v == nil {
		return []byte{0xa0}, nil
	}
	return cborEncoding.Marshal(v)
}
