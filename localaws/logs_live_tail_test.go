package localaws_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/updraft-otel/updraft/localaws"
)

// noHostPrefix keeps the SDK from putting stream-logs. before the host.
func noHostPrefix(o *cloudwatchlogs.Options) {
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("noHostPrefix", func(
			ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
		) (middleware.InitializeOutput, middleware.Metadata, error) {
			return next.HandleInitialize(smithyhttp.DisableEndpointHostPrefix(ctx, true), in)
		}), middleware.Before)
	})
}

func groupARN(name string) string {
	return "arn:aws:logs:" + localaws.Region + ":" + localaws.AccountID + ":log-group:" + name
}

func TestStartLiveTail(t *testing.T) {
	srv := startAt(t, localaws.Config{})
	c := logsClient(srv)
	createStream(t, c, "g", "s")
	mustPut(t, c, "g", "s", event(0, "ERROR before the session"))
	out, err := c.StartLiveTail(t.Context(), &cloudwatchlogs.StartLiveTailInput{
		LogGroupIdentifiers: []string{groupARN("g")}, LogEventFilterPattern: aws.String("ERROR"),
	}, noHostPrefix)
	if err != nil {
		t.Fatal(err)
	}
	stream := out.GetStream()
	defer func() { _ = stream.Close() }()
	started, sampled := false, false
	var got []types.LiveTailSessionLogEvent
	for e := range stream.Events() {
		switch e := e.(type) {
		case *types.StartLiveTailResponseStreamMemberSessionStart:
			started = true
			if len(e.Value.LogGroupIdentifiers) != 1 || *e.Value.LogEventFilterPattern != "ERROR" || *e.Value.SessionId == "" {
				t.Errorf("%+v", e.Value)
			}
			mustPut(t, c, "g", "s", event(time.Second, "fine"), event(0, "ERROR now"))
		case *types.StartLiveTailResponseStreamMemberSessionUpdate:
			sampled = e.Value.SessionMetadata.Sampled
			got = append(got, e.Value.SessionResults...)
		}
		if len(got) == 1 {
			var many []types.InputLogEvent
			for range 600 {
				many = append(many, event(0, "ERROR of many"))
			}
			mustPut(t, c, "g", "s", many...)
		}
		if len(got) >= 501 {
			break
		}
	}
	if !started || len(got) != 501 || *got[0].Message != "ERROR now" || *got[0].LogStreamName != "s" || !sampled {
		t.Errorf("started %t, sampled %t, %d events, %v", started, sampled, len(got), stream.Err())
	}
}

func TestStartLiveTail_refused(t *testing.T) {
	srv := startAt(t, localaws.Config{})
	c := logsClient(srv)
	createStream(t, c, "g", "s")
	f := func(rule, code string, in cloudwatchlogs.StartLiveTailInput) {
		t.Helper()
		_, err := c.StartLiveTail(t.Context(), &in, noHostPrefix)
		wantError(t, err, code, "")
		if rule != "" {
			refusedBy(t, srv, rule)
		}
	}
	var many []string
	for i := range 11 {
		many = append(many, groupARN(fmt.Sprint("g", i)))
	}
	one := []string{groupARN("g")}
	f("logs.tail.groups", "InvalidParameterException", cloudwatchlogs.StartLiveTailInput{LogGroupIdentifiers: many})
	f("", "ResourceNotFoundException", cloudwatchlogs.StartLiveTailInput{LogGroupIdentifiers: many[:10]})
	f("logs.arn", "InvalidParameterException", cloudwatchlogs.StartLiveTailInput{LogGroupIdentifiers: []string{groupARN("g") + ":*"}})
	f("logs.filter.syntax", "InvalidParameterException", cloudwatchlogs.StartLiveTailInput{LogGroupIdentifiers: one, LogEventFilterPattern: aws.String("a-b")})
	f("logs.tail.streams", "InvalidParameterException", cloudwatchlogs.StartLiveTailInput{
		LogGroupIdentifiers: one, LogStreamNames: []string{"s"}, LogStreamNamePrefixes: []string{"s"},
	})
}

// boto3 reaches the server once it is told not to change the host.
func TestStartLiveTail_boto3(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Fatal("no python3 on PATH; make test installs it")
	}
	const script = `
import sys, time
try:
    import boto3
except ImportError:
    print("no boto3"); sys.exit()
from botocore.config import Config
logs = boto3.client("logs", endpoint_url=sys.argv[1], config=Config(inject_host_prefix=False))
logs.create_log_group(logGroupName="g")
logs.create_log_stream(logGroupName="g", logStreamName="s")
for event in logs.start_live_tail(logGroupIdentifiers=[sys.argv[2]])["responseStream"]:
    if "sessionStart" in event:
        logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=[{"timestamp": int(time.time() * 1000), "message": "tailed"}])
    for e in event.get("sessionUpdate", {}).get("sessionResults", []):
        print(e["message"]); sys.exit()
`
	srv, err := localaws.Start(t.Context(), localaws.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = srv.Close() }()
	cmd := exec.CommandContext(t.Context(), python, "-c", script, srv.URL(), groupARN("g"))
	cmd.Env = append(os.Environ(), srv.Env()...)
	text, err := cmd.CombinedOutput()
	switch got := strings.TrimSpace(string(text)); {
	case got == "no boto3":
		t.Skip("this Python has no boto3")
	case err != nil || got != "tailed":
		t.Errorf("%v, %s", err, text)
	}
}
