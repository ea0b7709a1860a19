package outbox

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// kills is how often TestSpool_kill kills its process.
var kills = flag.Int("kills", 15, "how often TestSpool_kill kills its process")

// Variables that make the test's binary the process that is killed.
const (
	envKillDir  = "OUTBOX_KILL_DIR"
	envKillURL  = "OUTBOX_KILL_URL"
	envKillFrom = "OUTBOX_KILL_FROM"
)

// TestSpool_kill kills a process again and again while it puts and sends. What Put took arrives, and what arrives twice
// had been counted as a possible duplicate.
func TestSpool_kill(t *testing.T) {
	var mu sync.Mutex
	arrived := map[int]int{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if rand.IntN(4) == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		for line := range bytes.Lines(body) {
			n, _ := strconv.Atoi(strings.TrimSpace(string(line)))
			arrived[n]++
		}
	}))
	defer server.Close()
	dir := t.TempDir()
	next, possible := 0, int64(0)
	for i := range *kills + 1 {
		p := startKilled(t, dir, server.URL, next, i == *kills)
		acknowledged, duplicates := p.follow(t, i == *kills)
		next, possible = max(next, acknowledged+1), possible+duplicates
	}
	twice := int64(0)
	mu.Lock()
	defer mu.Unlock()
	for n := range next {
		switch {
		case arrived[n] == 0:
			t.Fatalf("item %d of %d was taken and did not arrive", n, next)
		case arrived[n] > 1:
			twice += int64(arrived[n] - 1)
		}
	}
	if twice > possible {
		t.Errorf("%d arrived twice, %d counted as possible duplicates", twice, possible)
	}
	t.Logf("%d items through %d kills; %d arrived again, %d were counted as possible duplicates", next, *kills, twice, possible)
}

type killed struct {
	cmd    *exec.Cmd
	stdout io.Reader
}

func startKilled(t *testing.T, dir, url string, from int, last bool) killed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), envKillDir+"="+dir, envKillURL+"="+url, envKillFrom+"="+strconv.Itoa(from))
	if last {
		cmd.Env = append(cmd.Env, envKillFrom+"=-1")
	}
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return killed{cmd, stdout}
}

// follow kills the process after a while, unless it is the last one, and returns the last item it put and how many it
// found that may arrive twice.
func (p killed) follow(t *testing.T, last bool) (acknowledged int, duplicates int64) {
	t.Helper()
	lines := bufio.NewScanner(p.stdout)
	acknowledged = -1
	limit := rand.IntN(3_000)
	for n := 0; lines.Scan(); n++ {
		if text, ok := strings.CutPrefix(lines.Text(), "duplicates "); ok {
			duplicates, _ = strconv.ParseInt(text, 10, 64)
		} else if number, err := strconv.Atoi(lines.Text()); err == nil {
			acknowledged = number
		}
		if n == limit && !last {
			_ = p.cmd.Process.Kill()
		}
	}
	if err := p.cmd.Wait(); last && err != nil {
		t.Fatalf("the last process: %v", err)
	}
	return acknowledged, duplicates
}

// runKilled is the process that is killed: it puts numbers and says each one that was taken.
func runKilled(dir string) error {
	url := os.Getenv(envKillURL)
	q, err := New(Config{
		Spool: Spool{Dir: dir}, MaxBytes: 20_000, Limits: Limits{Items: 50}, Linger: time.Millisecond, Workers: 2,
		Retry: Retry{Initial: time.Millisecond, Max: 10 * time.Millisecond},
		Send: func(ctx context.Context, b *Batch) error {
			var body bytes.Buffer
			for i := range b.Len() {
				body.Write(b.Body(i))
			}
			return post(ctx, url, &body)
		},
	})
	if err != nil {
		return err
	}
	fmt.Printf("duplicates %d\n", q.Stats().PossibleDuplicates)
	from, _ := strconv.Atoi(os.Getenv(envKillFrom))
	for i := from; from >= 0; i++ {
		if err := q.Put(strconv.Itoa(i%3), time.Now(), fmt.Appendln(nil, i)); err != nil {
			return err
		}
		fmt.Println(i)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := q.Flush(ctx); err != nil {
		return err
	}
	return q.Shutdown(ctx)
}

func post(ctx context.Context, url string, body io.Reader) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, body)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("HTTP %d", resp.StatusCode)
	}
	return nil
}
