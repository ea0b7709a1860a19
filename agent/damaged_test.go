package agent_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/grpc"

	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// TestDamagedStorage has all but the first pages of a queue's file lost while the agent is down, as a machine that dies may leave it.
func TestDamagedStorage(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	f := func(what string, boot bool) {
		t.Run(what, func(t *testing.T) {
			aws := agenttest.AWS(t, localaws.Config{})
			restore := aws.Control("PutTraceSegments", func(*localaws.Call) *localaws.Fault { return localaws.Unavailable() })
			dir, addr := t.TempDir(), agenttest.FreeAddr(t)
			config := killing{signal: "traces", exporter: "awsxray"}.config(dir, addr)
			client := ptraceotlp.NewGRPCClient(agenttest.Dial(t, addr, grpc.WithDefaultCallOptions(grpc.WaitForReady(true))))
			acknowledged := map[string]bool{}
			before := startProcess(t, "--config", config)
			for range 20 {
				agenttest.Eventually(t, "a request is acknowledged", func() bool { return export(t, client, acknowledged) })
			}
			_ = before.Process.Kill()
			_, _ = before.Process.Wait()

			file := filepath.Join(dir, "exporter_awsxray__traces")
			if err := os.Truncate(file, int64(3*os.Getpagesize())); err != nil { // which say where the others are
				t.Fatal(err)
			}
			if boot {
				if err := os.WriteFile(filepath.Join(dir, ".boot"), []byte("another"), 0o600); err != nil {
					t.Fatal(err)
				}
			} else { // the agent has no reason to look, and does not live
				killed := process(t, "--config", config)
				killed.Stderr = nil // a panic of bbolt's
				begin(t, killed)
				_ = killed.Wait()
			}

			var log bytes.Buffer
			after := process(t, "--config", config)
			after.Stderr = &log
			begin(t, after)
			restore()
			agenttest.Eventually(t, "a request is acknowledged", func() bool { return export(t, client, acknowledged) })
			agenttest.Eventually(t, "spans arrive", func() bool { return aws.Counts().Segments >= requestSpans })
			_ = after.Process.Signal(os.Interrupt)
			_ = after.Wait()
			if !strings.Contains(log.String(), "is damaged and was set aside") {
				t.Errorf("the log does not say so:\n%s", log.String())
			}
			if kept, _ := filepath.Glob(file + ".*.backup"); len(kept) != 1 {
				t.Errorf("set aside: %q, want one file", kept)
			}
		})
	}
	f("after a boot", true)
	f("at the second start", false)
}
