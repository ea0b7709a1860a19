package localaws

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/xray"
)

// serveForever is the process that TestJournal_kill kills.
const helperEnv = "LOCALAWS_TEST_DATA_DIR"

func serveForever(dir string) int {
	srv, err := Start(context.Background(), Config{DataDir: dir})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println(srv.URL())
	_, _ = io.Copy(io.Discard, os.Stdin) // until the parent has gone
	return 0
}

// What was acknowledged is there after kill -9, while requests were coming in.
func TestJournal_kill(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), helperEnv+"="+dir)
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	remote := &Server{url: strings.TrimSpace(line)}

	var mu sync.Mutex
	acknowledged := map[string]bool{}
	enough := make(chan struct{}, 1)
	var senders sync.WaitGroup
	for w := range 4 {
		senders.Go(func() {
			client := xray.NewFromConfig(sdkConfig(remote))
			for i := 0; ; i++ {
				id, docs := shopTrace(shopTime, w*100000+i, false)
				if _, err := client.PutTraceSegments(t.Context(), &xray.PutTraceSegmentsInput{TraceSegmentDocuments: docs}); err != nil {
					return
				}
				mu.Lock()
				acknowledged[id] = true
				if len(acknowledged) == 100 {
					enough <- struct{}{}
				}
				mu.Unlock()
			}
		})
	}
	<-enough
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	senders.Wait()
	_ = cmd.Wait() // killed

	srv := startTest(t, Config{DataDir: dir})
	lost := 0
	for id := range acknowledged {
		if v, ok := srv.traces.get(id); !ok || len(v.docs) != 2 {
			lost++
		}
	}
	if lost > 0 {
		t.Errorf("%d of %d acknowledged traces are lost", lost, len(acknowledged))
	}
	t.Logf("%d traces survived", len(acknowledged))
}

func TestJournal_restart(t *testing.T) {
	dir := t.TempDir()
	first := startTest(t, Config{DataDir: dir})
	id := putShop(t, xray.NewFromConfig(sdkConfig(first)), 1)[0]
	if _, err := Start(t.Context(), Config{DataDir: dir}); err == nil || !strings.Contains(err.Error(), "another server") {
		t.Errorf("second owner: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := startTest(t, Config{DataDir: dir})
	if v, ok := second.traces.get(id); !ok || len(v.docs) != 2 || second.Counts() != (Counts{Traces: 1, Segments: 2, Spans: 4}) {
		t.Errorf("after the restart: %+v", second.Counts())
	}
}

// A server that has room for little forgets on disk as well.
func TestJournal_prune(t *testing.T) {
	dir := t.TempDir()
	srv := startTest(t, Config{DataDir: dir, MaxBytes: 64 << 10})
	putShop(t, xray.NewFromConfig(sdkConfig(srv)), 120)
	c := srv.Counts()
	if c.EvictedTraces == 0 || int(c.EvictedTraces)+c.Traces != 120 {
		t.Errorf("counts: %+v", c)
	}
	if err := srv.Close(); err != nil {
		t.Fatal(err)
	}
	if held, limit := srv.journal.sizes[kindSegments], srv.worthKeeping(kindSegments); held > limit+4096 {
		t.Errorf("journal holds %d bytes, limit %d", held, limit)
	}
	again := startTest(t, Config{DataDir: dir, MaxBytes: 64 << 10})
	if got := again.Counts().Traces; got != c.Traces {
		t.Errorf("%d traces after the restart, %d before", got, c.Traces)
	}
}

func TestJournal_damaged(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, journalFile), []byte("this is no database, but it is long enough to be one\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(t.Context(), Config{DataDir: dir}); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkJournal(b *testing.B) {
	j, err := openJournal(b.TempDir(), func(string, []byte) error { return nil }, func(string) int64 { return 0 })
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := j.close(); err != nil {
			b.Error(err)
		}
	}()
	_, docs := shopTrace(shopTime, 1, false)
	payload := appendChunk(nil, time.Now(), [][]byte{[]byte(docs[0]), []byte(docs[1])})
	b.SetBytes(int64(len(payload)))
	b.ReportAllocs()
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := j.append(kindSegments, shopTime, payload); err != nil {
				b.Error(err)
			}
		}
	})
}
