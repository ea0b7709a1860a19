package main

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"time"
)

// datagramMark is where the number of a segment stands in a datagram, as hex.
const datagramMark = spanMark + "00000000"

// segment is what an X-Ray SDK sends of a request that a service has served.
const segment = "{\"format\": \"json\", \"version\": 1}\n" +
	`{"trace_id":"1-%08x-c0ffee11c0ffee1100000000","id":"` + datagramMark + `","name":"orders","start_time":%d.113,"end_time":%d.138,` +
	`"service":{"version":"1.4.2"},"origin":"AWS::ECS::Container",` +
	`"http":{"request":{"method":"POST","url":"https://orders.example.com/orders/17","user_agent":"Mozilla/5.0 (X11; Linux x86_64)",` +
	`"client_ip":"203.0.113.7"},"response":{"status":200,"content_length":913}},` +
	`"aws":{"xray":{"sdk":"X-Ray for Go","sdk_version":"1.8.5"},"ecs":{"container":"ip-10-0-0-17"}},` +
	`"annotations":{"tenant":"blue","items":3},"metadata":{"default":{"currency":"EUR","total":51.75}}}`

// Rates of the daemon's job, in datagrams a second: one at which CPU is measured, and a busier one at which loss is.
const (
	daemonRate = 5_000
	busyRate   = 20_000
)

// compareDaemon has the agent and the X-Ray daemon do the daemon's job.
func compareDaemon(ctx context.Context, o options, r *report) error {
	programs := []subject{{"agent", o.agent, false}}
	if o.daemon != "" {
		programs = append(programs, subject{"X-Ray daemon", o.daemon, true})
	}
	var cpu, idle, loaded, arrived, busy []figure
	for _, who := range programs {
		f, err := daemonJob(ctx, o, who)
		if err != nil {
			return fmt.Errorf("%s: %w", who.name, err)
		}
		cpu, idle, loaded = append(cpu, number(f.cpu, "µs")), append(idle, number(f.idle/1e6, "MB")), append(loaded, number(f.loaded/1e6, "MB"))
		arrived, busy = append(arrived, share(f.arrived)), append(busy, share(f.busy))
	}
	r.add(fmt.Sprintf("daemon's job: CPU a segment at %d/s", daemonRate), 1, cpu)
	r.add("daemon's job: idle memory", 1, idle)
	r.add("daemon's job: memory under load", 1, loaded)
	r.add(fmt.Sprintf("daemon's job: arrived at %d/s", daemonRate), 0, arrived)
	r.add(fmt.Sprintf("daemon's job: arrived at %d/s", busyRate), 0, busy)
	return nil
}

func share(v float64) figure { return figure{v, fmt.Sprintf("%.4g %%", 100*v)} }

// daemonFigures is what was measured of a daemon.
type daemonFigures struct{ cpu, idle, loaded, arrived, busy float64 }

func daemonJob(ctx context.Context, o options, who subject) (f daemonFigures, err error) {
	s := newSink(0, nil)
	defer s.close()
	udp := freeAddr()
	config, err := os.CreateTemp("", "xray-daemon-*.yaml")
	if err != nil {
		return f, err
	}
	defer func() { _ = os.Remove(config.Name()) }()
	_, err = fmt.Fprintf(config, "Socket:\n  UDPAddress: %q\n  TCPAddress: %q\nEndpoint: %q\nRegion: us-east-1\nLocalMode: true\nVersion: 2\nLogging:\n  LogLevel: error\n",
		udp, freeAddr(), s.server.URL)
	if err != nil {
		return f, err
	}
	_ = config.Close()
	args := []string{"-c", config.Name()}
	if !who.contrib {
		args = append([]string{"xray-daemon"}, args...)
	}
	p, err := launch(ctx, who.program, s.server.URL, args...)
	if err != nil {
		return f, err
	}
	defer p.stop()
	pause(ctx, settle)
	if f.idle, _, err = p.memory(); err != nil {
		return f, fmt.Errorf("%w\n%s", err, p.log.Bytes())
	}
	before, err := p.cpu()
	if err != nil {
		return f, err
	}
	sent, err := sendDatagrams(ctx, udp, 0, daemonRate, o.length)
	if err != nil {
		return f, err
	}
	got := s.wait(ctx, int64(sent), stillness/2)
	after, err := p.cpu()
	if err != nil {
		return f, err
	}
	f.arrived, f.cpu = float64(got)/float64(sent), (after-before).Seconds()*1e6/float64(got)
	more, err := sendDatagrams(ctx, udp, sent, busyRate, o.length)
	if err != nil {
		return f, err
	}
	f.busy = float64(s.wait(ctx, int64(sent+more), stillness/2)-got) / float64(more)
	f.loaded, _, err = p.memory()
	return f, err
}

// sendDatagrams sends segments numbered from first on at a rate, in bursts of a millisecond, and returns how many.
func sendDatagrams(ctx context.Context, addr string, first uint32, rate int, length time.Duration) (sent uint32, err error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "udp", addr)
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close() }()
	now := time.Now().Unix()
	datagram := fmt.Appendf(nil, segment, now, now, now)
	at := indexOf(datagram, datagramMark) + len(spanMark)
	var number [4]byte
	for begun := time.Now(); time.Since(begun) < length && ctx.Err() == nil; pause(ctx, time.Millisecond) {
		for due := uint32(time.Since(begun).Seconds() * float64(rate)); sent < due; sent++ {
			binary.BigEndian.PutUint32(number[:], first+sent)
			hex.Encode(datagram[at:], number[:])
			if _, err := conn.Write(datagram); err != nil {
				return sent, err
			}
		}
	}
	return sent, nil
}
