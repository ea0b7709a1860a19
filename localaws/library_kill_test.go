package localaws_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/updraft-otel/updraft"
	"github.com/updraft-otel/updraft/localaws"
)

// killedEnv makes the test's binary the application that is killed; it is the
// number of its first line.
const killedEnv = "LOCALAWS_KILLED_FROM"

// TestLibrary_kill kills an application again and again while it logs, by turns
// through slog and through LogWriter. What these took arrives, from the next
// process at the latest.
func TestLibrary_kill(t *testing.T) {
	if from := os.Getenv(killedEnv); from != "" {
		logUntilKilled(t, from)
		return
	}
	kills := 5
	if *soak {
		kills = 100
	}
	srv, err := localaws.Start(t.Context(), localaws.Config{MaxBytes: 64 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Close() })
	arrived := arrivals(srv)
	for _, pair := range append(srv.Env(), "OTEL_BLRP_SCHEDULE_DELAY=100", "UPDRAFT_SPOOL_DIR="+t.TempDir()) {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	const untold = 10 // numbers that a process may have logged without having said so
	next := 0
	var taken []int
	for range kills {
		said := runAndKill(t, next)
		taken = append(taken, said...)
		next += len(said) + untold
	}
	tel, err := updraft.Config{Traces: "none", Metrics: "none", NoGlobals: true}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if err := tel.Shutdown(ctx); err != nil {
		t.Fatalf("%v\n%s", err, tel.Report())
	}
	var lost []int
	for _, n := range taken {
		if !arrived(n) {
			lost = append(lost, n)
		}
	}
	if len(lost) > 0 || len(taken) < kills {
		t.Errorf("%d of %d lines were lost: %v", len(lost), len(taken), lost)
	}
	t.Logf("%d kills, %d lines", kills, len(taken))
}

// arrivals has a sixth of the calls throttled and as many fail. It says which
// numbers have arrived.
func arrivals(srv *localaws.Server) func(n int) bool {
	number := regexp.MustCompile(`\\"n\\":(\d+)`)
	var mu sync.Mutex
	seen := map[string]bool{}
	srv.Control("PutLogEvents", func(c *localaws.Call) *localaws.Fault {
		switch rand.IntN(6) {
		case 0:
			return localaws.Throttle()
		case 1:
			return localaws.Unavailable()
		}
		mu.Lock()
		defer mu.Unlock()
		for _, m := range number.FindAllSubmatch(c.Body, -1) {
			seen[string(m[1])] = true
		}
		return nil
	})
	return func(n int) bool {
		mu.Lock()
		defer mu.Unlock()
		return seen[strconv.Itoa(n)]
	}
}

// runAndKill returns the numbers, from one on, that the application said it has
// logged.
func runAndKill(t *testing.T, from int) (said []int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestLibrary_kill$")
	cmd.Env = append(os.Environ(), killedEnv+"="+strconv.Itoa(from))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var kill *time.Timer
	for lines := bufio.NewScanner(out); lines.Scan(); {
		n, err := strconv.Atoi(lines.Text())
		if err != nil {
			t.Errorf("the application says %q", lines.Text())
			continue
		}
		if said = append(said, n); kill == nil {
			kill = time.AfterFunc(rand.N(300*time.Millisecond), func() { _ = cmd.Process.Signal(syscall.SIGKILL) })
		}
	}
	_ = cmd.Wait() // it was killed
	return said
}

func logUntilKilled(t *testing.T, from string) {
	n, err := strconv.Atoi(from)
	if err != nil {
		t.Fatal(err)
	}
	tel, err := updraft.Config{Traces: "none", Metrics: "none", NoGlobals: true, Strict: true}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	logger, writer := tel.Logger(), tel.LogWriter()
	for ; ; n++ {
		if n%2 == 0 {
			logger.Info("work", "n", n)
		} else if _, err := fmt.Fprintf(writer, "{\"n\":%d}\n", n); err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Println(n); err != nil {
			t.Fatal(err)
		}
	}
}
