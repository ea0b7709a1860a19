package agenttest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/updraft-otel/updraft/localaws"
)

// A LogEvent is one that CloudWatch Logs has.
type LogEvent struct {
	Stream    string `json:"logStreamName"`
	Timestamp int64  `json:"timestamp"` // milliseconds since 1970
	Message   string `json:"message"`
}

// LogEvents are all events of a log group, in the order of their times; none where the group does not exist.
func LogEvents(t testing.TB, srv *localaws.Server, group string) []LogEvent {
	t.Helper()
	var all []LogEvent
	in := map[string]any{"logGroupName": group, "startTime": 1}
	for {
		var out struct {
			Events    []LogEvent `json:"events"`
			NextToken string     `json:"nextToken"`
		}
		if status := LogsCall(t, srv, "FilterLogEvents", in, &out); status == http.StatusBadRequest {
			return nil
		}
		all = append(all, out.Events...)
		if out.NextToken == "" {
			return all
		}
		in["nextToken"] = out.NextToken
	}
}

// LogsCall makes a call of CloudWatch Logs, and returns its HTTP status.
func LogsCall(t testing.TB, srv *localaws.Server, operation string, in, out any) int {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL(), bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "Logs_20140328."+operation)
	sum := sha256.Sum256(body)
	credentials := aws.Credentials{AccessKeyID: localaws.AccessKeyID, SecretAccessKey: localaws.SecretAccessKey}
	if err := v4.NewSigner().SignHTTP(t.Context(), credentials, req, hex.EncodeToString(sum[:]), "logs", localaws.Region, time.Now()); err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode == http.StatusOK && len(answer) > 0 {
		if err := json.Unmarshal(answer, out); err != nil {
			t.Fatalf("%s: %v in %s", operation, err, answer)
		}
	}
	return resp.StatusCode
}
