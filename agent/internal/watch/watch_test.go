package watch

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"
)

var update = flag.Bool("update", false, "write the golden files")

// recorded is what an agent served under load, throttled, with a queue full, five seconds apart.
func recorded(t testing.TB) history {
	t.Helper()
	at := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	var h history
	for i, name := range []string{"before.txt", "after.txt"} {
		h = h.add(read(t, name, at.Add(time.Duration(i)*window)))
	}
	return h
}

func read(t testing.TB, name string, at time.Time) snapshot {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	s, err := parse(file, at)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFrame(t *testing.T) {
	h := recorded(t)
	f := func(name string, h history, width int) {
		t.Helper()
		got := strings.Join(h.frame(width).lines, "\n") + "\n"
		for line := range strings.Lines(got) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width {
				t.Errorf("%s: a line of %d, the window has %d: %q", name, n, width, line)
			}
		}
		file := filepath.Join("testdata", name+".golden.txt")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil || got != string(want) {
			t.Errorf("%s: %v\n%s\nwant\n%s", name, err, got, want)
		}
	}
	f("wide", h, 120)
	f("window", h, 80)
	f("narrow", h, 50)
	f("first", h[:1], 120)
}

// TestHistory_restart has no rates over a restart of the agent.
func TestHistory_restart(t *testing.T) {
	h := recorded(t)
	again := h[0]
	again.at = h[1].at.Add(time.Second)
	if h = h.add(again); len(h) != 1 {
		t.Errorf("%d snapshots after a restart, want one", len(h))
	}
	if r := h.counters().rate("otelcol_exporter_sent_spans", nil); !math.IsNaN(r) {
		t.Errorf("rate %v out of one snapshot", r)
	}
}

// TestHistory_window keeps what rates need, however long it runs.
func TestHistory_window(t *testing.T) {
	s := snapshot{at: time.Unix(0, 0)}
	var h history
	for range 100 {
		s.at = s.at.Add(time.Second)
		h = h.add(s)
	}
	if c := h.counters(); c.seconds < window.Seconds() || c.seconds > window.Seconds()+1 || len(h) > 8 {
		t.Errorf("%d snapshots over %v s", len(h), c.seconds)
	}
}

func TestNumbers(t *testing.T) {
	f := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	f(number(0), "0")
	f(number(1234567), "1,234,567")
	f(number(-1234), "-1,234")
	f(number(12_345_678), "12.3M")
	f(number(9.99e30), "9.99e+18T")
	f(number(math.NaN()), "?")
	f(scaled(67108864), "67.1M")
	f(scaled(30), "30")
	f(rate(math.NaN()), "")
	f(rate(0.25), "0.2")
	f(rate(1200.4), "1,200")
	f(mebibytes(9.5*1024*1024), "9.5 MiB")
	f(mebibytes(200*1024*1024), "200 MiB")
	f(lag(0.123), "0.12 s")
	f(lag(75), "75 s")
	f(lag(7200), "2h00m")
	f(uptime(59), "59s")
	f(uptime(3600*26), "1d2h")
	f(uptime(math.Inf(1)), "11574d1h")
	f(uptime(math.NaN()), "?")
}

func TestParse(t *testing.T) {
	f := func(args string, want Options) {
		t.Helper()
		o, err := Parse(strings.Fields(args), &bytes.Buffer{})
		if err != nil || o != want {
			t.Errorf("%q: %+v, %v; want %+v", args, o, err, want)
		}
		if !Wanted(strings.Fields(args)) {
			t.Errorf("%q does not ask to watch", args)
		}
	}
	f("--watch", Options{URL: DefaultURL, Interval: time.Second})
	f("-watch --for 3s", Options{URL: DefaultURL, For: 3 * time.Second, Interval: time.Second})
	f("--for=3s --watch=http://10.0.0.7:8888/metrics --interval 250ms", Options{URL: "http://10.0.0.7:8888/metrics", For: 3 * time.Second, Interval: 250 * time.Millisecond})
	f("--watch=10.0.0.7:8888", Options{URL: "http://10.0.0.7:8888/metrics", Interval: time.Second})
	bad := func(args, want string) {
		t.Helper()
		var out bytes.Buffer
		if _, err := Parse(strings.Fields(args), &out); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one with %q", args, err, want)
		}
	}
	bad("--watch 10.0.0.7:8888", "--watch=URL")
	bad("--watch=http://", "no address")
	bad("--watch --for -1s", "negative")
	bad("--watch --config a", "config")
	bad("--watch --help", "help")
	if Wanted([]string{"--config", "watch", "--watcher"}) {
		t.Error("this asks for something else")
	}
}

// TestRun_noAnswer says why nothing is shown, and fails at the end.
func TestRun_noAnswer(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	var out bytes.Buffer
	err := Run(t.Context(), Options{URL: srv.URL, For: 100 * time.Millisecond, Interval: 10 * time.Millisecond}, &out)
	if err == nil || !strings.Contains(err.Error(), "404") || !strings.Contains(out.String(), "No answer: ") || !strings.Contains(out.String(), "metrics::level") {
		t.Errorf("error %v\n%s", err, out.String())
	}
}

// TestRun_agentGoes keeps the last view while nobody answers.
func TestRun_agentGoes(t *testing.T) {
	text, err := os.ReadFile("testdata/after.txt")
	if err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) > 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write(text)
	}))
	defer srv.Close()
	out := &stopAfter{frames: 2}
	if err := Run(t.Context(), Options{URL: srv.URL, Interval: 10 * time.Millisecond}, out); !errors.Is(err, errStop) {
		t.Fatal(err)
	}
	_, second, _ := strings.Cut(out.text.String(), "No answer: ")
	if !strings.Contains(second, "503") || !strings.Contains(second, "otlp grpc") {
		t.Errorf("%s", out.text.String())
	}
}

var errStop = errors.New("the reader has gone")

// stopAfter is a pipe whose reader goes.
type stopAfter struct {
	text   bytes.Buffer
	frames int
}

func (s *stopAfter) Write(p []byte) (int, error) {
	if s.frames--; s.frames < 0 {
		return 0, errStop
	}
	return s.text.Write(p)
}

func TestTerminal_text(t *testing.T) {
	f := frame{lines: []string{"agent", "", "RECEIVER", "otlp", "xray"}, titles: map[int]bool{2: true}}
	at := time.Date(2026, 11, 26, 12, 34, 56, 0, time.UTC)
	want := "\x1b[Hagent\x1b[K\r\n\x1b[K\r\n\x1b[1mRECEIVER\x1b[0m\x1b[K\r\notlp\x1b[K\r\nxray\x1b[K\r\n\x1b[J12:34:56, q quits"
	if got := (&terminal{styled: true}).text(at, f, 24); got != want {
		t.Errorf("%q\nwant %q", got, want)
	}
	if got := (&terminal{}).text(at, f, 5); !strings.HasSuffix(got, "RECEIVER\x1b[K\r\n\x1b[J2 more lines in a higher window; 12:34:56, q quits") {
		t.Errorf("in a low window: %q", got)
	}
}

func TestQuitOnKey(t *testing.T) {
	f := func(keys string, want bool) {
		t.Helper()
		quit := false
		quitOnKey(bufio.NewReader(strings.NewReader(keys)), func() { quit = true })
		if quit != want {
			t.Errorf("%q: quit %v", keys, quit)
		}
	}
	f("xyq", true)
	f("\x03", true)
	f("xyz\x1b[A", false)
}

// FuzzFrame has any metrics, of a collector or not, be shown without a control character.
func FuzzFrame(f *testing.F) {
	f.Add([]byte("otelcol_receiver_accepted_spans{receiver=\"otlp\",transport=\"grpc\"} 12000\notelcol_exporter_awsxray_calls{exporter=\"awsxray\",outcome=\"x\"} 7\n"), 80)
	f.Add([]byte("# TYPE otelcol_exporter_awsxray_lag histogram\notelcol_exporter_awsxray_lag_sum{exporter=\"awsxray\"} 1.5\notelcol_exporter_awsxray_lag_count{exporter=\"awsxray\"} 3\n"), 40)
	f.Add([]byte("otelcol_exporter_queue_capacity{exporter=\"a\\nb\x1b[2J\",data_type=\"traces\"} NaN\notelcol_receiver_x_dropped_y{reason=\"z\"} +Inf\n"), 3)
	f.Add([]byte("otelcol_process_uptime -1e300\ntarget_info{service_name=\"\xc3\x28\"} 1\n"), 0)
	f.Fuzz(func(t *testing.T, text []byte, width int) {
		s, err := parse(bytes.NewReader(text), time.Unix(0, 0))
		if err != nil {
			return
		}
		later := s
		later.at = later.at.Add(time.Second)
		for _, line := range (history)(nil).add(s).add(later).frame(width % 300).lines {
			if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == 0x7f }) {
				t.Errorf("a control character: %q", line)
			}
		}
	})
}

// BenchmarkFrame is what a look costs here.
func BenchmarkFrame(b *testing.B) {
	h := recorded(b)
	b.ReportAllocs()
	for b.Loop() {
		_ = fmt.Sprint(len(h.frame(80).lines))
	}
}
