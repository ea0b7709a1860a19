package awssdk

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/smithy-go"
)

// errorType is the AWS error code, or a word of few for what failed on the way.
func errorType(err error) string {
	if api := smithy.APIError(nil); errors.As(err, &api) && api.ErrorCode() != "" {
		return api.ErrorCode()
	}
	timeout := interface{ Timeout() bool }(nil)
	switch {
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	}
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return fmt.Sprintf("%T", err)
		}
		err = inner
	}
}

// errorMessage is what AWS says, or else what the SDK says.
func errorMessage(err error) string {
	if api := smithy.APIError(nil); errors.As(err, &api) && api.ErrorMessage() != "" {
		return api.ErrorMessage()
	}
	return err.Error()
}
