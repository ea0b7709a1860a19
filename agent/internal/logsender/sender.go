package logsender

import (
	"context"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/singleflight"

	"github.com/updraft-otel/updraft/agent/internal/callstats"
	"github.com/updraft-otel/updraft/agent/internal/pace"
	"github.com/updraft-otel/updraft/agent/internal/spare"
	"github.com/updraft-otel/updraft/awsapi"
)

// Config is what a Sender needs. All but Group is required.
type Config struct {
	// Client calls CloudWatch Logs.
	Client *awsapi.Client
	// Group is what log groups get that the sender creates.
	Group awsapi.LogGroupSettings
	// Limit bounds the calls at a time.
	Limit *pace.Limit
	// Stats are told of calls, events and items.
	Stats *callstats.Stats
	// Logger is told what was done without.
	Logger *zap.Logger
	// Attempts is how many attempts a call has before its events are given back, at least 1.
	Attempts int
	// RequestTimeout bounds one attempt; 0 means no bound but the push's context.
	RequestTimeout time.Duration
	// Escaped says that messages are escaped as they must be in the body of a call. The limits count what they mean.
	Escaped bool
	// Unordered has calls for one stream run at the same time, for events that nobody reads one after the other.
	Unordered bool
}

// A Sender sends events. Its methods may be called from any goroutine.
type Sender struct {
	Config
	streams streams
	creates singleflight.Group // by the name of a log group
	spare   spare.Pool[target]
}

// New returns a sender.
func New(c Config) *Sender {
	return &Sender{Config: c, streams: streams{busy: map[place]*line{}}}
}

// size is what the limits count for a message.
func (s *Sender) size(message []byte) int {
	if s.Escaped {
		return awsapi.EscapedLen(message)
	}
	return len(message)
}

// Begin begins a push, which ends with [Push.Finish]. ctx bounds all its calls together.
func (s *Sender) Begin(ctx context.Context) *Push {
	return &Push{sender: s, ctx: ctx, targets: map[place]*target{}, again: map[int]struct{}{}, gone: map[int]struct{}{}}
}
