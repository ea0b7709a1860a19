// Loggers shows the loggers that Go programs have, each with its lines in one
// CloudWatch Logs stream: OpenTelemetry's and slog with the trace they were
// logged in, the others as they write them.
//
//	go run ./loggers
//
// Set AWS_REGION for AWS, or run `updraft local` and set what it prints.
package main

import (
	"context"
	"fmt"
	"io"
	"log" //nolint:depguard // one of the loggers shown
	"log/slog"
	"os"

	"github.com/rs/zerolog"
	"github.com/sirupsen/logrus"
	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/otel"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/updraft-otel/updraft"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	tel, err := updraft.Config{ServiceName: "loggers", Traces: updraft.ExporterXRay}.Start(ctx)
	if err != nil {
		return err
	}
	ctx, span := otel.Tracer("loggers").Start(ctx, "show")
	tel.Logger().InfoContext(ctx, "from slog", "answer", 42)
	otelslog.NewLogger("loggers").InfoContext(ctx, "from the otelslog bridge", slog.Int("answer", 42))
	if err := show(tel.LogWriter()); err != nil {
		return err
	}
	span.End()
	if err := tel.Shutdown(ctx); err != nil {
		return err
	}
	fmt.Print(tel.Report())
	return nil
}

// show logs a line with each logger that writes to an io.Writer.
func show(w io.Writer) error {
	log.New(w, "", log.LstdFlags).Print("from package log")

	zero := zerolog.New(w).With().Timestamp().Logger()
	zero.Info().Int("answer", 42).Msg("from zerolog")

	rus := logrus.New()
	rus.SetOutput(w)
	rus.SetFormatter(&logrus.JSONFormatter{})
	rus.WithField("answer", 42).Info("from logrus")

	encoder := zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig())
	z := zap.New(zapcore.NewCore(encoder, zapcore.AddSync(w), zap.InfoLevel))
	z.Info("from zap", zap.Int("answer", 42))
	return z.Sync()
}
