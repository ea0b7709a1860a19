package main

import (
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/updraft-otel/updraft/localaws"
)

func TestLocal(t *testing.T) {
	out, errs, stop := background(t, "local", "--listen", "127.0.0.1:0", "--listen-udp", "127.0.0.1:0")
	daemon := out.find(t, `daemon   (127\.0\.0\.1:\d+), `)
	console := out.find(t, `console  (http://\S+/console/)\n`)
	out.find(t, `Ctrl-C stops it`)

	res, err := http.Get(console)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("the console answers %s", res.Status)
	}

	// The block to copy, as a shell takes it.
	var block strings.Builder
	for line := range strings.Lines(out.String()) {
		if strings.HasPrefix(line, "  export ") || strings.HasPrefix(line, "  unset ") {
			block.WriteString(line)
		}
	}
	block.WriteString(`echo "$AWS_ENDPOINT_URL $AWS_ACCESS_KEY_ID $AWS_SECRET_ACCESS_KEY $AWS_REGION $AWS_XRAY_DAEMON_ADDRESS"`)
	got, err := exec.Command("sh", "-euc", block.String()).Output()
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.TrimSuffix(console, "/console/") + " local local us-east-1 " + daemon + "\n"; string(got) != want {
		t.Errorf("the printed block sets %q, want %q", got, want)
	}

	if status := stop(); status != 0 {
		t.Errorf("status %d, want 0", status)
	}
	if errs.String() != "" {
		t.Errorf("stderr: %s", errs)
	}
}

func TestLocal_reachableFromOutside(t *testing.T) {
	out, errs, _ := background(t, "local", "--listen", "0.0.0.0:0", "--listen-udp", "0.0.0.0:0")
	out.find(t, `console  (http://127\.0\.0\.1:\d+/console/)\n`)
	out.find(t, `export AWS_XRAY_DAEMON_ADDRESS=127\.0\.0\.1:\d+\n`)
	if strings.Count(errs.String(), "can be reached from other machines") != 2 {
		t.Errorf("no note of each address on stderr: %q", errs)
	}
}

// What stands at the daemon's usual address is left alone.
func TestLocal_daemonInUse(t *testing.T) {
	conn, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp", localaws.DefaultListenUDP)
	if err == nil { // else somebody else has it
		defer conn.Close()
	}
	out, errs, stop := background(t, "local", "--listen", "127.0.0.1:0")
	out.find(t, `daemon   off; --listen-udp ADDR`)
	out.find(t, `Ctrl-C stops it`)
	if got := errs.String(); !strings.HasPrefix(got, "note: "+localaws.DefaultListenUDP+" is in use") || strings.Count(got, "\n") != 1 {
		t.Errorf("stderr: %q", got)
	}
	if strings.Contains(out.String(), "DAEMON_ADDRESS") {
		t.Errorf("an address that nobody serves: %s", out)
	}
	if status := stop(); status != 0 {
		t.Errorf("status %d, want 0", status)
	}
}

func TestLocal_daemonOff(t *testing.T) {
	for _, off := range []string{"off", ""} {
		out, errs, _ := background(t, "local", "--listen", "127.0.0.1:0", "--listen-udp", off)
		out.find(t, `daemon   off; --listen-udp ADDR`)
		if errs.String() != "" {
			t.Errorf("stderr: %q", errs)
		}
	}
}
