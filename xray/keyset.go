package xray

import "go.opentelemetry.io/otel/attribute"

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
	if *word&bit == 0 {
		*word |= bit
		return false
	}
	return hasKey(before, key)
}

func hasKey(attributes []attribute.KeyValue, key attribute.Key) bool {
	for i := range attributes {
		if attributes[i].Key == key {
			return true
		}
	}
	return false
}
