package localaws

import (
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/xray"
)

const datagramHeader = `{"format": "json", "version": 1}` + "\n"

// largestDatagram is what UDP over IPv4 carries.
const largestDatagram = 65_507

// dialDaemon connects to the server's UDP port; what it returns sends a datagram.
func dialDaemon(t *testing.T, srv *Server) func(packet string) {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "udp", srv.UDPAddr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return func(packet string) {
		t.Helper()
		if _, err := conn.Write([]byte(packet)); err != nil {
			t.Fatal(err)
		}
	}
}

// taken polls until so many segments and refusals are there: a sender of
// datagrams is told nothing.
func taken(t *testing.T, srv *Server, segments int, refused int64) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for c := srv.Counts(); c.Segments < segments || c.Refused < refused; c = srv.Counts() {
		if time.Now().After(deadline) {
			break
		}
		<-time.After(time.Millisecond)
	}
	if c := srv.Counts(); c.Segments != segments || c.Refused != refused {
		t.Fatalf("%d segments, %d refused; want %d and %d: %+v", c.Segments, c.Refused, segments, refused, srv.Refused())
	}
}

// daemonSegment is the n-th document; extra are more of its members.
func daemonSegment(n int, extra string) string {
	return fmt.Sprintf(`{"name":"a","id":"%016x","trace_id":"1-67891233-abcdef012345678912345678","start_time":1,"end_time":2%s}`, n+1, extra)
}

func TestDaemon(t *testing.T) {
	f := func(name, packet string, segments int) {
		t.Helper()
		srv := startTest(t, Config{ListenUDP: "127.0.0.1:0"})
		dialDaemon(t, srv)(packet)
		taken(t, srv, segments, 0)
		if segments > 0 && srv.Counts().Traces != 1 {
			t.Errorf("%s: %+v", name, srv.Counts())
		}
	}
	otlp := base64.StdEncoding.EncodeToString(encodeSpans(t, otlpSpans(3, time.Now())))
	f("a segment", datagramHeader+daemonSegment(0, ""), 1)
	f("a subsegment", datagramHeader+daemonSegment(0, `,"type":"subsegment","parent_id":"00000000000000ff"`), 1)
	f("header without blanks", `{"format":"json","version":1}`+"\n"+daemonSegment(0, ""), 1)
	f("header with more blanks", ` { "format" : "json" , "version" : 1 } `+"\n"+daemonSegment(0, ""), 1)
	f("header with CR LF", `{"format":"json","version":1}`+"\r\n"+daemonSegment(0, ""), 1)
	f("header in capitals", `{"format":"JSON","version":1}`+"\n"+daemonSegment(0, ""), 1)
	f("document of several lines", datagramHeader+strings.ReplaceAll(daemonSegment(0, ""), ",", ",\n"), 1)
	f("sampled OTLP", datagramHeader+"T1S"+otlp, 3)
	f("OTLP that is not sampled", datagramHeader+"T1U"+otlp, 3)
	f("OTLP behind Java's header", `{"format": "json", "version": 1}`+"\n"+"T1S"+otlp, 3)
	f("OTLP without a span", datagramHeader+"T1S", 0)
	filler := largestDatagram - len(datagramHeader) - len(daemonSegment(0, `,"metadata":{"default":{"m":""}}`))
	f("the largest datagram", datagramHeader+daemonSegment(0, `,"metadata":{"default":{"m":"`+strings.Repeat("x", filler)+`"}}`), 1)
}

func TestDaemon_refused(t *testing.T) {
	f := func(name, packet string, rule *Rule) {
		t.Helper()
		srv := startTest(t, Config{ListenUDP: "127.0.0.1:0"})
		send := dialDaemon(t, srv)
		send(packet)
		send(datagramHeader + daemonSegment(0, "")) // nothing stops the next one
		taken(t, srv, 1, 1)
		if got := srv.Refused()[0]; got.Rule.ID != rule.ID || got.Operation != daemonOperation {
			t.Errorf("%s: %s %s, want %s", name, got.Operation, got.Rule.ID, rule.ID)
		}
	}
	document := daemonSegment(9, "")
	f("empty", "", &ruleDatagramHeader)
	f("no header", document, &ruleDatagramHeader)
	f("no line feed", strings.TrimSpace(datagramHeader)+document, &ruleDatagramHeader)
	f("header alone", strings.TrimSpace(datagramHeader), &ruleDatagramHeader)
	f("another format", `{"format":"xml","version":1}`+"\n"+document, &ruleDatagramHeader)
	f("another version", `{"format":"json","version":2}`+"\n"+document, &ruleDatagramHeader)
	f("version as text", `{"format":"json","version":"1"}`+"\n"+document, &ruleDatagramHeader)
	f("header is no JSON", "format=json\n"+document, &ruleDatagramHeader)
	f("garbage", "\x00\xff\n\x80{\n", &ruleDatagramHeader)
	f("no document", datagramHeader, &ruleSegmentJSON)
	f("document is no JSON", datagramHeader+"\x00\xff", &ruleSegmentJSON)
	f("document is cut", datagramHeader+document[:40], &ruleSegmentJSON)
	f("two documents", datagramHeader+document+"\n"+document, &ruleSegmentJSON)
	f("a bad name", datagramHeader+strings.Replace(document, `"a"`, `"a?"`, 1), &ruleSegmentName)
	f("no base64", datagramHeader+"T1Unot base64", &ruleDatagramOTLP)
	f("no protobuf", datagramHeader+"T1S"+base64.StdEncoding.EncodeToString([]byte("no protobuf")), &ruleDatagramOTLP)
	cut := base64.StdEncoding.EncodeToString(encodeSpans(t, otlpSpans(3, time.Now())))
	f("OTLP that is cut", datagramHeader+"T1S"+cut[:len(cut)/8*4], &ruleDatagramOTLP)
}

// What came by UDP before Close is there after a restart.
func TestDaemon_restart(t *testing.T) {
	const datagrams = 200
	cfg := Config{ListenUDP: "127.0.0.1:0", DataDir: t.TempDir()}
	srv := startTest(t, cfg)
	send := dialDaemon(t, srv)
	for i := range datagrams {
		send(datagramHeader + daemonSegment(i, ""))
	}
	send(datagramHeader + "T1U" + base64.StdEncoding.EncodeToString(encodeSpans(t, otlpSpans(2, time.Now()))))
	if err := srv.Close(); err != nil { // at once: the system has them
		t.Fatal(err)
	}
	srv = startTest(t, cfg)
	if c := srv.Counts(); c.Segments != datagrams+2 || c.Traces != 2 {
		t.Errorf("%+v", c)
	}
	out, err := xray.NewFromConfig(sdkConfig(srv)).BatchGetTraces(t.Context(), &xray.BatchGetTracesInput{
		TraceIds: []string{"1-67891233-abcdef012345678912345678"},
	})
	if err != nil || len(out.Traces) != 1 || len(out.Traces[0].Segments) != datagrams {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestDaemon_address(t *testing.T) {
	srv := startTest(t, Config{ListenUDP: "0.0.0.0:0"})
	if got := srv.UDPAddr(); !strings.HasPrefix(got, "127.0.0.1:") {
		t.Errorf("UDPAddr is %s, which no client can send to", got)
	}
	dialDaemon(t, srv)(datagramHeader + daemonSegment(0, ""))
	taken(t, srv, 1, 0)
	if srv := startTest(t, Config{}); srv.UDPAddr() != "" || strings.Contains(fmt.Sprint(srv.Env()), "DAEMON") {
		t.Errorf("a port nobody asked for: %q, %v", srv.UDPAddr(), srv.Env())
	}
	_, err := Start(t.Context(), Config{ListenUDP: srv.UDPAddr()})
	if !errors.Is(err, ErrDaemonAddress) || !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("a port that is taken: %v", err)
	}
}

// brokenConn is a socket whose reads fail but for each goodEvery-th.
type brokenConn struct {
	net.PacketConn
	reads     atomic.Int64
	goodEvery int64 // 0: none is good
}

func (c *brokenConn) ReadFrom(b []byte) (int, net.Addr, error) {
	if n := c.reads.Add(1); c.goodEvery > 0 && n%c.goodEvery == 0 {
		return copy(b, datagramHeader+daemonSegment(int(n), "")), nil, nil
	}
	return 0, nil, errors.New("bad file descriptor")
}

// A socket that fails for good costs a read a second and one line of the log;
// what comes when it works again is taken.
func TestDaemon_brokenSocket(t *testing.T) {
	f := func(goodEvery, reads, lines int64, packets int) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			var log strings.Builder
			srv := newServer(Config{Logger: slog.New(slog.NewTextHandler(&log, nil))}.withDefaults())
			conn := &brokenConn{goodEvery: goodEvery}
			got := make(chan []byte, 100)
			done := make(chan struct{})
			go func() {
				srv.readUDP(conn, got)
				close(done)
			}()
			<-time.After(time.Minute)
			srv.cancel()
			<-done
			if n := conn.reads.Load(); n != reads || len(got) != packets || int64(strings.Count(log.String(), "\n")) != lines {
				t.Errorf("%d reads in a minute, %d datagrams, log:\n%s", n, len(got), log.String())
			}
		})
	}
	f(0, 69, 1, 0)
	f(60, 79, 3, 1)
}
