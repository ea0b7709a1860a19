package outbox

import (
	"fmt"
	"os"
	"testing"

	"github.com/updraft-otel/updraft/internal/leaktest"
)

// TestMain fails the package when goroutines are left behind. It is also the
// process that TestSpool_kill kills.
func TestMain(m *testing.M) {
	if dir := os.Getenv(envKillDir); dir != "" {
		if err := runKilled(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(leaktest.Run(m))
}
