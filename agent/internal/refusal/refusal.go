// Package refusal says to senders of OTLP what a pipeline's refusal means: for want of room RESOURCE_EXHAUSTED or
// UNAVAILABLE, and when to come again.
//
// https://opentelemetry.io/docs/specs/otlp/#otlpgrpc-throttling
package refusal

import (
	"errors"
	"time"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

// Delay is when a refused sender may come again: about when a queue has made room.
const Delay = time.Second

// Status turns an error that may pass into a status that says when to come again. Others, and those that are a status
// already, stay.
func Status(err error) error {
	if err == nil || consumererror.IsPermanent(err) {
		return err
	}
	code := codes.Unavailable
	if given, ok := status.FromError(err); ok {
		code = given.Code()
		if code != codes.Unavailable && code != codes.ResourceExhausted || len(given.Details()) > 0 {
			return err
		}
	}
	if errors.Is(err, exporterhelper.ErrQueueIsFull) {
		code = codes.ResourceExhausted
	}
	s, detailed := status.New(code, err.Error()).WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(Delay)})
	if detailed != nil {
		return err
	}
	return s.Err()
}
