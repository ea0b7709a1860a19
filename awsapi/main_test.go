package awsapi

import (
	"flag"
	"os"
	"testing"

	"github.com/updraft-otel/updraft/internal/leaktest"
)

var update = flag.Bool("update", false, "write the golden files in testdata anew")

// TestMain fails the package when goroutines are left behind.
func TestMain(m *testing.M) { os.Exit(leaktest.Run(m)) }
