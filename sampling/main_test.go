package sampling

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files in testdata anew")

// TestMain fails the package when goroutines are left behind. Fuzzing has some of its own.
func TestMain(m *testing.M) {
	before := runtime.NumGoroutine()
	code := m.Run()
	if f := flag.Lookup("test.fuzz"); code == 0 && f.Value.String() == "" && !goroutinesEnd(before) {
		buf := make([]byte, 1<<20)
		fmt.Fprintf(os.Stderr, "goroutines left behind:\n%s\n", buf[:runtime.Stack(buf, true)])
		code = 1
	}
	os.Exit(code)
}

func goroutinesEnd(want int) bool {
	deadline := time.Now().Add(5 * time.Second)
	for runtime.NumGoroutine() > want {
		if time.Now().After(deadline) {
			return false
		}
		runtime.Gosched()
	}
	return true
}
