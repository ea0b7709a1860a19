package awsapi

import (
	"fmt"
	"strings"
	"testing"
)

// TestAppendEvents_room has all events written, from a buffer that the next one overwrites, whatever room there is.
func TestAppendEvents_room(t *testing.T) {
	message := make([]byte, 0, 100)
	event := func(i int) (int64, []byte, bool) {
		message = append(message[:0], strings.Repeat("\\n", i)...)
		return int64(i), message, i%2 == 0
	}
	want := `{"timestamp":0,"message":""},{"timestamp":1,"message":"\\n"},{"timestamp":2,"message":"\n\n"},{"timestamp":3,"message":"\\n\\n\\n"}`
	for room := range 2 * len(want) {
		if got := string(appendEvents(make([]byte, 0, room), 4, event)); got != want {
			t.Fatalf("room %d: %s, want %s", room, got, want)
		}
	}
}

// TestAppendEvents_calls has few calls for events where their size is known only when they are written.
func TestAppendEvents_calls(t *testing.T) {
	f := func(message string, escaped bool, most int) {
		t.Helper()
		calls, n := 0, 10_000
		appendEvents(nil, n, func(int) (int64, []byte, bool) {
			calls++
			return 1_790_000_000_000, []byte(message), escaped
		})
		if calls > most*n {
			t.Errorf("%q: %d calls for %d events, want at most %d each", message, calls, n, most)
		}
	}
	f("message", true, 3)
	f("message", false, 3)
	f(strings.Repeat("\x00", 100), false, 4)
}

func BenchmarkAppendEvents(b *testing.B) {
	const n = 5_000
	message := []byte(strings.Repeat("x", 200))
	dst := make([]byte, 0, n*(len(message)+eventRoom))
	for _, escaped := range []bool{false, true} {
		b.Run(fmt.Sprintf("escaped=%t", escaped), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(n * len(message)))
			for b.Loop() {
				dst = appendEvents(dst[:0], n, func(i int) (int64, []byte, bool) { return 1_790_000_000_000 + int64(i), message, escaped })
			}
		})
	}
}
