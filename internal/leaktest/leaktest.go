// Package leaktest fails the tests of a package that leave goroutines behind.
// It is for TestMain.
package leaktest

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"
)

// patience is how long goroutines have to end after the last test.
const patience = 5 * time.Second

// Run runs the tests and returns what to exit with: 1 where they passed and
// goroutines are left. Fuzzing has some of its own, which do not count.
func Run(m *testing.M) int {
	before := runtime.NumGoroutine()
	code := m.Run()
	if f := flag.Lookup("test.fuzz"); code != 0 || f != nil && f.Value.String() != "" || end(before) {
		return code
	}
	buf := make([]byte, 1<<20)
	fmt.Fprintf(os.Stderr, "goroutines left behind:\n%s\n", buf[:runtime.Stack(buf, true)])
	return 1
}

// end waits until no more than want goroutines run.
func end(want int) bool {
	deadline := time.Now().Add(patience)
	for runtime.NumGoroutine() > want {
		if time.Now().After(deadline) {
			return false
		}
		runtime.Gosched()
	}
	return true
}
