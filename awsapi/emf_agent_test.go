package awsapi

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

func putTexts(t *testing.T, a *EMFAgent, stream string, docs ...string) (int, []int, error) {
	t.Helper()
	return a.PutDocuments(t.Context(), "shop-metrics", stream, len(docs), func(i int) []byte { return []byte(docs[i]) })
}

// TestEMFAgent_tcp sends lines, to an agent that is restarted in between.
func TestEMFAgent_tcp(t *testing.T) {
	listen := func(address string) net.Listener {
		t.Helper()
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	l := listen("127.0.0.1:0")
	a, err := NewEMFAgent("tcp://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	for round := range 2 {
		if n, _, err := putTexts(t, a, "host", `{"_aws":{"Timestamp":1},"A":1}`, `{"A":"text"}`); n != 2 || err != nil {
			t.Fatal(n, err)
		}
		conn, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		lines := bufio.NewScanner(conn)
		for _, want := range []string{
			`{"_aws":{"LogGroupName":"shop-metrics","LogStreamName":"host","Timestamp":1},"A":1}`,
			`{"_aws":{"LogGroupName":"shop-metrics","LogStreamName":"host"},"A":"text"}`,
		} {
			if !lines.Scan() || lines.Text() != want {
				t.Fatalf("round %d: %q, want %q, %v", round, lines.Text(), want, lines.Err())
			}
		}
		_, _, address := l.Close(), conn.Close(), l.Addr().String()
		for deadline := time.Now().Add(10 * time.Second); !a.conn.ended.Load(); {
			if time.Now().After(deadline) {
				t.Fatal("the end of the connection was not noticed")
			}
		}
		n, _, err := putTexts(t, a, "", `{}`)
		var refused *EMFAgentError
		if n != 0 || !errors.As(err, &refused) || !refused.Retryable() || refused.OutcomeUnknown() || !strings.Contains(err.Error(), "AWS_EMF_AGENT_ENDPOINT") {
			t.Fatal(n, err)
		}
		l = listen(address)
	}
	_ = l.Close()
}

func TestEMFAgent_udp(t *testing.T) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	a, err := NewEMFAgent("udp://" + conn.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	long := fmt.Sprintf(`{"A":%q}`, strings.Repeat("x", MaxDatagram))
	n, tooLong, err := putTexts(t, a, "", long, `{"A":1}`)
	if n != 2 || len(tooLong) != 1 || tooLong[0] != 0 || err != nil {
		t.Fatal(n, tooLong, err)
	}
	var packet [1 << 16]byte
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	size, _, err := conn.ReadFrom(packet[:])
	if got := string(packet[:size]); err != nil || got != `{"_aws":{"LogGroupName":"shop-metrics"},"A":1}`+"\n" {
		t.Errorf("%q %v", got, err)
	}
}

func TestNewEMFAgent_refuses(t *testing.T) {
	for _, endpoint := range []string{"127.0.0.1:25888", "http://127.0.0.1:25888", "tcp://127.0.0.1", "tcp://:0", "tcp://[", "udp://host:0"} {
		if _, err := NewEMFAgent(endpoint); err == nil {
			t.Errorf("%q is taken", endpoint)
		}
	}
	if a, err := NewEMFAgent(""); err != nil || a.endpoint() != DefaultEMFAgent {
		t.Error(a, err)
	}
}

func FuzzAppendForAgent(f *testing.F) {
	f.Add(`{"_aws":{}}`, "g", "s")
	f.Add(`{"_aws":{"Timestamp":1}}`, "g", "")
	f.Add(`{}`, "\"\xff", "s")
	f.Fuzz(func(t *testing.T, doc, group, stream string) {
		var before map[string]any
		if json.Unmarshal([]byte(doc), &before) != nil || before == nil || !strings.HasPrefix(doc, "{") || strings.HasPrefix(strings.TrimLeft(doc[1:], " \t\r\n"), "}") && doc != "{}" {
			return
		}
		if _, taken := before["_aws"]; taken && !strings.HasPrefix(doc, agentOpening) {
			return
		}
		line := appendForAgent(nil, agentHead(group, stream), []byte(doc))
		if !json.Valid(line) {
			t.Errorf("%q became %q", doc, line)
		}
	})
}
