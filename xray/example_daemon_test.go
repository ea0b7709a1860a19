package xray_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/updraft-otel/updraft/awsapi"
	"github.com/updraft-otel/updraft/outbox"
	"github.com/updraft-otel/updraft/xray"
)

// Segment documents by UDP to the X-Ray daemon, with an SDK set up by hand.
func ExampleNewExporter_daemon() {
	port, _ := net.ListenPacket("udp", "127.0.0.1:0") // stands for the daemon
	defer port.Close()
	daemon, err := awsapi.NewDaemon(port.LocalAddr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer daemon.Close()
	queue, err := outbox.New(outbox.Config{
		Limits:  outbox.Limits{Items: 32},
		Linger:  5 * time.Millisecond,
		Workers: 1,
		Send: func(ctx context.Context, b *outbox.Batch) error {
			_, err := daemon.PutSegments(ctx, b.Len(), b.Body)
			return err
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	exporter := xray.NewExporter(xray.ExporterConfig{Queue: queue, MaxBytes: awsapi.MaxDaemonSegmentBytes})
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(xray.NewProcessor(exporter)),
		sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", "shop"))))
	_, span := provider.Tracer("example").Start(context.Background(), "work")
	span.End()
	_ = provider.Shutdown(context.Background())

	packet := make([]byte, awsapi.MaxDatagram)
	n, _, _ := port.ReadFrom(packet)
	header, document, _ := strings.Cut(string(packet[:n]), "\n")
	fmt.Println(header)
	fmt.Println(strings.HasPrefix(document, `{"name":"shop","id":"`))
	// Output:
	// {"format":"json","version":1}
	// true
}
