package awsxray

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/receiverhelper"
)

// xrayReceiver listens on the daemon's port: documents by UDP, the rest by TCP.
type xrayReceiver struct {
	set  receiver.Settings
	cfg  *Config
	next struct {
		traces  consumer.Traces
		metrics consumer.Metrics
		logs    consumer.Logs
	}
	report *receiverhelper.ObsReport
	gone   func()

	patience    time.Duration // of Shutdown
	start, stop sync.Once
	documents   *documents
	tcp         *tcpServer
}

func newReceiver(set receiver.Settings, cfg *Config) (*xrayReceiver, error) {
	report, err := receiverhelper.NewObsReport(receiverhelper.ObsReportSettings{
		ReceiverID: set.ID, Transport: transportUDP, ReceiverCreateSettings: set,
	})
	if err != nil {
		return nil, err
	}
	return &xrayReceiver{set: set, cfg: cfg, report: report, patience: patience}, nil
}

// Start opens both sides of the port. Each pipeline calls it; the first counts.
func (r *xrayReceiver) Start(ctx context.Context, host component.Host) (err error) {
	r.start.Do(func() { err = r.listen(ctx, host) })
	return err
}

func (r *xrayReceiver) listen(ctx context.Context, host component.Host) error {
	if r.next.traces != nil {
		socket, err := listenUDP(ctx, r.cfg.Endpoint)
		if err != nil {
			return err
		}
		if r.documents, err = receiveDocuments(r, socket); err != nil {
			return errors.Join(err, socket.Close())
		}
	}
	if r.cfg.ProxyServer == nil {
		return nil
	}
	listener, err := r.cfg.ProxyServer.Listen(ctx)
	if err != nil {
		return fmt.Errorf("listen on TCP %q: %w; choose another proxy_server endpoint", r.cfg.ProxyServer.Endpoint, err)
	}
	r.tcp = serveTCP(ctx, r, host, listener)
	return nil
}

func listenUDP(ctx context.Context, endpoint string) (*net.UDPConn, error) {
	var lc net.ListenConfig
	conn, err := lc.ListenPacket(ctx, transportUDP, endpoint)
	if err != nil {
		return nil, fmt.Errorf("listen on UDP %q: %w; choose another endpoint, or stop the X-Ray daemon that has it", endpoint, err)
	}
	socket := conn.(*net.UDPConn)
	_ = socket.SetReadBuffer(socketBuffer) // as much as the system allows
	return socket, nil
}

// patience is how long a shutdown waits for the pipeline and for clients; the collector sets no end, and Kubernetes kills
// after thirty seconds.
const patience = 10 * time.Second

// Shutdown takes nothing more, and waits until the pipeline has taken what came,
// ctx ends, or it has waited for ten seconds.
func (r *xrayReceiver) Shutdown(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, r.patience)
	defer cancel()
	r.stop.Do(func() {
		if r.tcp != nil {
			err = r.tcp.shutdown(ctx)
		}
		if r.documents != nil {
			err = errors.Join(err, r.documents.shutdown(ctx))
		}
		r.gone()
	})
	return err
}
