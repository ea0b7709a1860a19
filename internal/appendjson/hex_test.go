package appendjson

import (
	"encoding/hex"
	"testing"
)

func TestHex(t *testing.T) {
	id := make([]byte, 4)
	for i := range 1 << 8 {
		id[0], id[1], id[2], id[3] = byte(i), byte(i+85), byte(i+170), byte(255-i)
		if got, want := string(Hex([]byte("x"), id)), "x"+hex.EncodeToString(id); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	long := []byte("0123456789abcdef")
	if got, want := string(Hex(nil, long)), hex.EncodeToString(long); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
