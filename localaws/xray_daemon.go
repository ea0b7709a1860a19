package localaws

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"
)

// The X-Ray daemon's UDP port: one document a datagram behind a header line, as
// the X-Ray SDKs send it, checked by the rules of PutTraceSegments; and the form
// of the daemon inside Lambda, T1S (sampled) or T1U (not sampled) and an OTLP
// request in base64, turned into documents like those of /v1/traces. A sender is
// told nothing, as of the daemon; what is refused is shown. The daemon's TCP side
// is in xray_daemon_proxy.go.
//
// Read from https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html

// Bounds of the port: the largest datagram there is, how many wait, for how long
// none must come until Close has them all, and the pauses after reads that fail,
// so that a socket which is broken for good costs nothing.
const (
	maxDatagram    = 64 << 10
	udpReadBuffer  = 4 << 20
	waitingPackets = 1024
	udpDrain       = 20 * time.Millisecond
	udpFirstPause  = time.Millisecond
	udpLastPause   = time.Second
)

// What is written in front of OTLP in a datagram.
const (
	prefixSampled   = "T1S"
	prefixUnsampled = "T1U"
)

// listenUDP opens the port and serves it until Close.
func (s *Server) listenUDP(ctx context.Context) error {
	if s.cfg.ListenUDP == "" {
		return nil
	}
	lc := net.ListenConfig{}
	conn, err := lc.ListenPacket(ctx, "udp", s.cfg.ListenUDP)
	if err != nil {
		return fmt.Errorf("listen on UDP %q: %w; choose another address", s.cfg.ListenUDP, err)
	}
	if c, ok := conn.(*net.UDPConn); ok {
		_ = c.SetReadBuffer(udpReadBuffer) // as much as the system allows
	}
	s.udp = conn
	packets := make(chan []byte, waitingPackets)
	s.serving.Go(func() {
		defer close(packets)
		s.readUDP(conn, packets)
	})
	s.serving.Go(func() { s.takeDatagrams(packets) })
	return nil
}

// UDPAddr is what goes into AWS_XRAY_DAEMON_ADDRESS; "" without a UDP port.
func (s *Server) UDPAddr() string {
	if s.udp == nil {
		return ""
	}
	return reachable(s.udp.LocalAddr())
}

// readUDP hands datagrams on until Close. A read that fails is tried again after
// a pause that grows; the first failure and the recovery are logged.
func (s *Server) readUDP(conn net.PacketConn, packets chan<- []byte) {
	buffer := make([]byte, maxDatagram)
	var pause time.Duration
	for {
		n, _, err := conn.ReadFrom(buffer)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case errors.Is(err, os.ErrDeadlineExceeded): // Close has set one
			drainUDP(conn, buffer, packets)
			return
		case err == nil:
			if pause > 0 {
				s.cfg.Logger.Info("the UDP port can be read again")
			}
			pause = 0
			packets <- bytes.Clone(buffer[:n])
			continue
		case pause == 0:
			s.cfg.Logger.Error("the UDP port cannot be read, it is tried again; restart the server if this goes on", "error", err)
		}
		pause = min(max(2*pause, udpFirstPause), udpLastPause)
		select {
		case <-time.After(pause):
		case <-s.ctx.Done():
			return
		}
	}
}

// drainUDP reads what the system has taken already.
func drainUDP(conn net.PacketConn, buffer []byte, packets chan<- []byte) {
	for end := time.Now().Add(closeTimeout); time.Now().Before(end); {
		_ = conn.SetReadDeadline(time.Now().Add(udpDrain))
		n, _, err := conn.ReadFrom(buffer)
		if err != nil {
			return
		}
		packets <- bytes.Clone(buffer[:n])
	}
}

// closeUDP takes what came before Close, and closes the port.
func (s *Server) closeUDP() {
	if s.udp == nil {
		return
	}
	if err := s.udp.SetReadDeadline(time.Now()); err == nil {
		s.serving.Wait()
	}
	_ = s.udp.Close()
}

// takeDatagrams keeps what has come; those that came together are one entry of
// the journal.
func (s *Server) takeDatagrams(packets <-chan []byte) {
	for packet := range packets {
		c := &call{srv: s, now: s.cfg.Now(), op: &operation{service: serviceXRay, name: daemonOperation}}
		documents := c.datagram(packet)
		for range len(packets) {
			documents = append(documents, c.datagram(<-packets)...)
		}
		if err := c.keep(documents); err != nil {
			s.cfg.Logger.Error("datagrams could not be kept", "error", err)
		}
		s.changes.Add(1)
	}
}

// datagram reads one datagram.
func (c *call) datagram(packet []byte) []checkedDocument {
	header, body, found := bytes.Cut(packet, []byte{'\n'})
	var h struct {
		Format  string `json:"format"`
		Version int    `json:"version"`
	}
	if err := json.Unmarshal(header, &h); err != nil || !found || !strings.EqualFold(h.Format, "json") || h.Version != 1 {
		c.note(&ruleDatagramHeader, "header", shown(string(header)), packet)
		return nil
	}
	if bytes.HasPrefix(body, []byte(prefixSampled)) || bytes.HasPrefix(body, []byte(prefixUnsampled)) {
		return c.datagramOTLP(body)
	}
	seg, v := checkDocument(body, c.srv.cfg.StrictTraceTime, c.now)
	if v != nil {
		c.note(v.rule, v.field, v.value, body)
		return nil
	}
	return []checkedDocument{{seg, body}}
}

func (c *call) datagramOTLP(body []byte) []checkedDocument {
	raw, err := base64.StdEncoding.DecodeString(string(body[len(prefixSampled):]))
	if err != nil {
		c.note(&ruleDatagramOTLP, "body", fmt.Sprintf("base64: %v", err), body)
		return nil
	}
	request, err := decodeOTLP(raw)
	if err != nil {
		c.note(&ruleDatagramOTLP, "body", err.Error(), body)
		return nil
	}
	documents, _ := c.convert(request, bytes.HasPrefix(body, []byte(prefixSampled)))
	return documents
}
