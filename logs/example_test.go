package logs_test

import (
	"context"
	"fmt"
	"log" //nolint:depguard // it is what writes the lines
	"log/slog"
	"os"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/updraft-otel/updraft/logs"
)

func ExampleAppendEvent() {
	line := logs.AppendEvent(nil, &logs.Event{
		Time:       time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
		Severity:   "WARN",
		Body:       attribute.StringValue("slow answer"),
		Attributes: []attribute.KeyValue{attribute.Int("ms", 1200)},
		TraceID:    [16]byte{0x65, 0x61, 0xf0, 0x12, 15: 1},
		Service:    "shop",
	})
	fmt.Println(string(line))
	// Output:
	// {"timestamp":"2026-11-23T12:00:00.000000000Z","severity":"WARN","body":"slow answer","attributes":{"ms":1200},"trace_id":"6561f012000000000000000000000001","xray_trace_id":"1-6561f012-000000000000000000000001","service":"shop"}
}

func ExampleNewResource() {
	shop := logs.NewResource([]attribute.KeyValue{attribute.String("service.name", "shop"), attribute.String("host.name", "web-1")}, nil)
	event := logs.Event{Severity: "INFO", Body: attribute.StringValue("started")}
	event.SetResource(shop)
	fmt.Println(string(logs.AppendEvent(nil, &event)))
	// Output:
	// {"severity":"INFO","body":"started","service":"shop","resource":{"host.name":"web-1"}}
}

func ExampleEachPiece() {
	long := strings.Repeat("x", logs.MaxEventBytes+10)
	_ = logs.EachPiece([]byte(long), func(piece []byte) error {
		fmt.Println(len(piece) <= logs.MaxEventBytes, strings.HasSuffix(string(piece), logs.ContinuationMark))
		return nil
	})
	// Output:
	// true true
	// true false
}

// withoutTime makes an example's output the same every time.
type withoutTime struct{ sdklog.Exporter }

func (e withoutTime) Export(ctx context.Context, records []sdklog.Record) error {
	for i := range records {
		records[i].SetTimestamp(time.Time{})
		records[i].SetObservedTimestamp(time.Time{})
	}
	return e.Exporter.Export(ctx, records)
}

func ExampleHandler() {
	exporter := withoutTime{logs.NewWriterExporter(os.Stdout)}
	provider := sdklog.NewLoggerProvider(
		sdklog.WithResource(resource.NewSchemaless(attribute.String("service.name", "shop"))),
		sdklog.WithProcessor(sdklog.NewSimpleProcessor(exporter)))
	logger := slog.New(logs.NewHandler(provider.Logger("shop/cart"), &logs.HandlerOptions{Level: slog.LevelDebug}))

	logger.WithGroup("order").Debug("placed", "id", "A-17", "items", 3)
	// Output:
	// {"severity":"DEBUG","severity_number":5,"body":"placed","attributes":{"order":{"id":"A-17","items":3}},"service":"shop","scope":"shop/cart"}
}

// toStdout is a logs.Queue; the usual one is an outbox.Queue.
type toStdout struct{}

func (toStdout) Put(key string, _ time.Time, body []byte) error {
	group, stream := logs.SplitKey(key)
	fmt.Println(group, stream, string(body))
	return nil
}
func (toStdout) Flush(context.Context) error    { return nil }
func (toStdout) Shutdown(context.Context) error { return nil }

func ExampleNewProcessor() {
	processor, err := logs.NewProcessor(logs.Config{Queue: toStdout{}, Group: "/shop/web", Stream: "host-1"})
	if err != nil {
		fmt.Println(err)
		return
	}
	var record sdklog.Record
	record.SetBody(attribute.StringValue("hello"))
	_ = processor.OnEmit(context.Background(), &record)
	// Output: /shop/web host-1 {"body":"hello"}
}

func ExampleKey() {
	group, stream := logs.SplitKey(logs.Key("/shop/web", "host-1"))
	fmt.Println(group, stream)
	// Output: /shop/web host-1
}

// Lines of package log, or of any other logger that writes to an io.Writer.
func ExampleNewWriter() {
	w, err := logs.NewWriter(logs.WriterConfig{
		Config: logs.Config{Queue: printer{}, Group: "/shop/web", Stream: "{host}/{date}"},
		Begins: logs.Indented,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer w.Close()
	logger := log.New(w, "", 0)
	logger.Print("listening")
	logger.Print("panic: no stock\n\tmain.go:12")
	// Output:
	// "listening"
	// "panic: no stock\n\tmain.go:12"
}

// slog straight to a queue.
func ExampleNewLineHandler() {
	handler, err := logs.NewLineHandler(logs.LineHandlerConfig{
		Config: logs.Config{Queue: printer{}, Group: "/shop/web", Stream: "{host}"}, Text: true,
	}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	logger := slog.New(handler)
	logger.Handler().Handle(context.Background(), slog.NewRecord(time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC), slog.LevelWarn, "low stock", 0))
	// Output:
	// "2026-11-25T08:00:00.000Z WARN low stock"
}

// printer is a queue that prints what an outbox would deliver.
type printer struct{}

func (printer) Put(_ string, _ time.Time, body []byte) error {
	fmt.Printf("%q\n", body)
	return nil
}
func (printer) Flush(context.Context) error    { return nil }
func (printer) Shutdown(context.Context) error { return nil }
