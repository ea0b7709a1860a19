package localaws_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/xray"

	"github.com/updraft-otel/updraft/localaws"
)

// goldenTime begins the trace ids of the golden documents; they are sent with
// the time of the test, for a signature must not be old either.
const goldenTime = "1-674f0a1b-"

// noTraceTime is the one golden document whose trace id has no time in it,
// which is refused where ids have to.
const noTraceTime = "a trace id without a time"

// TestGoldenDocuments sends every golden document of the encoder by AWS's own
// client: none is refused, also where trace ids must carry the time. These are
// documents as the encoder makes them by default; with Compat a name may hold
// what X-Ray refuses, as with the collector's exporter, and there is nothing to
// hold them to here.
func TestGoldenDocuments(t *testing.T) {
	srv, err := localaws.Start(t.Context(), localaws.Config{StrictTraceTime: true})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	client := xray.New(xray.Options{
		Region: localaws.Region, BaseEndpoint: aws.String(srv.URL()), RetryMaxAttempts: 1, HTTPClient: localaws.SDKClient(),
		Credentials: credentials.NewStaticCredentialsProvider(localaws.AccessKeyID, localaws.SecretAccessKey, ""),
	})
	files, err := filepath.Glob("../xray/testdata/*.golden.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden documents: %v", err)
	}
	sent := 0
	for _, file := range files {
		documents := goldenDocuments(t, file)
		names := slices.Sorted(maps.Keys(documents))
		for batch := range slices.Chunk(names, 50) {
			in := &xray.PutTraceSegmentsInput{}
			for _, name := range batch {
				in.TraceSegmentDocuments = append(in.TraceSegmentDocuments, documents[name])
			}
			out, err := client.PutTraceSegments(t.Context(), in)
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			for _, u := range out.UnprocessedTraceSegments {
				t.Errorf("%s: %s of segment %s", file, aws.ToString(u.Message), aws.ToString(u.Id))
			}
			sent += len(batch)
		}
	}
	for _, refusal := range srv.Refused() {
		t.Errorf("refused by %s at %s: %s", refusal.Rule.ID, refusal.Field, refusal.Item)
	}
	t.Logf("%d documents of %d files", sent, len(files))
}

// goldenDocuments reads the documents of a file, by the name of their case.
func goldenDocuments(t *testing.T, file string) map[string]string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(content, &members); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	delete(members, noTraceTime)
	documents, now := map[string]string{}, fmt.Sprintf("1-%08x-", time.Now().Unix())
	for name, document := range members {
		var compact bytes.Buffer
		if err := json.Compact(&compact, document); err != nil {
			t.Fatalf("%s: %q: %v", file, name, err)
		}
		documents[name] = strings.ReplaceAll(compact.String(), goldenTime, now)
	}
	return documents
}
