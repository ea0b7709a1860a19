package awsapi

import (
	"strconv"
	"testing"
)

func TestMillis(t *testing.T) {
	var m millis
	for _, at := range []int64{1_790_000_000_123, 1_790_000_000_124, 1_790_000_001_000, 999_999, 1_000, 999, 0, -1, -1_000, 1<<63 - 1, -1 << 63} {
		if got, want := string(m.append([]byte("x"), at)), "x"+strconv.FormatInt(at, 10); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
