package main

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/updraft-otel/updraft/localaws"
)

// TestRun reads from the local AWS what each logger wrote.
func TestRun(t *testing.T) {
	srv, err := localaws.Start(t.Context(), localaws.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, pair := range srv.Env() {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	if err := run(t.Context()); err != nil {
		t.Fatal(err)
	}
	client := cloudwatchlogs.NewFromConfig(aws.Config{
		Region: localaws.Region, BaseEndpoint: aws.String(srv.URL()),
		Credentials: credentials.NewStaticCredentialsProvider(localaws.AccessKeyID, localaws.SecretAccessKey, ""),
	})
	out, err := client.FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String("/updraft/loggers")})
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, e := range out.Events {
		all.WriteString(aws.ToString(e.Message) + "\n")
	}
	for _, want := range []string{
		`"body":"from slog"`, `"body":"from the otelslog bridge"`, "from package log", `"message":"from zerolog"`, `"msg":"from logrus"`, `"msg":"from zap"`,
	} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("no line with %s in\n%s", want, all.String())
		}
	}
	if n := strings.Count(all.String(), `"trace_id":"`); n != 2 || len(out.Events) != 6 {
		t.Errorf("%d events, %d of them with a trace, want 6 and 2:\n%s", len(out.Events), n, all.String())
	}
}
