package xray

import (
	"strings"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
)

// A keySet finds a key that stands twice, at little cost where none does: it
// has a bit for each key that came, and only two keys of one bit are compared.
type keySet [4]uint64

// has adds key, and tells whether it is among those that came before.
func (s *keySet) has(before []attribute.KeyValue, key attribute.Key) bool {
	sum := uint(len(key))
	if sum > 0 {
		sum += uint(key[0])*7 + uint(key[len(key)/2])*31 + uint(key[len(key)-1])*113
	}
	word, bit := &s[sum/64%4], uint64(1)<<(sum%64)
	if *word&bit == 0 && isASCII(key) {
		*word |= bit
		return false
	}
	return hasKey(before, key)
}

func isASCII(key attribute.Key) bool {
	var bits byte
	for i := range len(key) {
		bits |= key[i]
	}
	return bits < utf8.RuneSelf
}

// hasKey tells whether one of attributes makes a member of the same name.
func hasKey(attributes []attribute.KeyValue, key attribute.Key) bool {
	for i := range attributes {
		if other := attributes[i].Key; other == key || len(other) > 0 && !isASCII(key) && member(other) == member(key) {
			return true
		}
	}
	return false
}

// member is the name that a key has in a document, where bytes that are not
// UTF-8 are each replaced.
func member(key attribute.Key) string {
	return strings.Map(func(r rune) rune { return r }, string(key))
}

// once returns attributes with each key once; the last counts.
func once(attributes []attribute.KeyValue) []attribute.KeyValue {
	var seen keySet
	repeats := false
	for i := range attributes {
		repeats = repeats || seen.has(attributes[:i], attributes[i].Key)
	}
	if !repeats {
		return attributes
	}
	kept := make([]attribute.KeyValue, 0, len(attributes))
	for i, kv := range attributes {
		if !hasKey(attributes[i+1:], kv.Key) {
			kept = append(kept, kv)
		}
	}
	return kept
}
