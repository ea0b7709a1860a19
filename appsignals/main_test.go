package appsignals

import (
	"os"
	"testing"

	"github.com/updraft-otel/updraft/internal/leaktest"
)

func TestMain(m *testing.M) { os.Exit(leaktest.Run(m)) }
