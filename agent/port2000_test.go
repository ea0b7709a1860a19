package agent_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/updraft-otel/updraft/agent"
	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// received keeps the documents of the PutTraceSegments calls that localaws gets.
type received struct {
	mu   sync.Mutex
	docs []string
}

func receive(t *testing.T, srv *localaws.Server) *received {
	t.Helper()
	r := &received{}
	srv.Control("PutTraceSegments", func(c *localaws.Call) *localaws.Fault {
		var body struct{ TraceSegmentDocuments []string }
		if err := json.Unmarshal(c.Body, &body); err != nil {
			t.Errorf("%s: %v", c.Body, err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.docs = append(r.docs, body.TraceSegmentDocuments...)
		return nil
	})
	return r
}

func (r *received) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.docs...)
}

// segment has what a translation to spans would lose.
const segment = `{"name":"shop","id":"70de5b6f19ff9a0a","trace_id":"1-581cf771-a006649127e371903a2de979","start_time":1478293361.271000001,"end_time":1478293361.449,
"origin":"AWS::ECS::Container","error":true,"throttle":true,"precursor_ids":["aaaaaaaaaaaaaaaa"],"aws":{"xray":{"sdk":"X-Ray for Go","sampling_rule_name":"r"}},
"annotations":{"tier":"gold"},"links":[{"trace_id":"1-581cf771-a006649127e371903a2de978","id":"70de5b6f19ff9a0b"}]}`

// TestPort2000 sends what X-Ray's SDKs send to the daemon's port, through a
// pipeline that can't look into it and through one that does.
func TestPort2000(t *testing.T) {
	f := func(name, processors, change string) {
		t.Helper()
		srv := agenttest.AWS(t, localaws.Config{})
		got := receive(t, srv)
		port := agenttest.FreeAddr(t)
		agenttest.Start(t, agent.Components, fmt.Sprintf(`
receivers:
  awsxray: {endpoint: %q, proxy_server: {endpoint: %q, region: us-east-1, aws_endpoint: %q}%s}
processors:
  batch: {timeout: 50ms}
  attributes: {actions: [{key: team, value: blue, action: insert}]}
exporters: {awsxray: {region: us-east-1, endpoint: %q}}
service:
  telemetry: {metrics: {level: none}}
  pipelines: {traces: {receivers: [awsxray], processors: %s, exporters: [awsxray]}}`, port, port, srv.URL(), change, srv.URL(), processors))
		conn, err := net.Dial("udp", port)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := fmt.Fprintf(conn, "{\"format\":\"json\",\"version\":1}\n%s", segment); err != nil {
			t.Fatal(err)
		}
		agenttest.Eventually(t, name+": the document arrives", func() bool { return len(got.all()) > 0 })
		var want, is map[string]any
		if json.Unmarshal([]byte(segment), &want) != nil || json.Unmarshal([]byte(got.all()[0]), &is) != nil {
			t.Fatalf("%s: %s", name, got.all()[0])
		}
		if strings.Contains(processors, "attributes") {
			want["metadata"] = map[string]any{"default": map[string]any{"team": "blue"}}
		} else if got.all()[0] != segment {
			t.Errorf("%s: the document came as %s", name, got.all()[0])
		}
		if !reflect.DeepEqual(is, want) {
			t.Errorf("%s:\n got %v\nwant %v", name, is, want)
		}
		resp, err := http.Post("http://"+port+"/GetSamplingRules", "application/json", strings.NewReader("{}"))
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Errorf("%s: %v, %v", name, resp, err)
		}
		_ = resp.Body.Close()
		if refused := srv.Refused(); len(refused) > 0 {
			t.Errorf("%s: AWS refuses %v", name, refused)
		}
	}
	f("unread", "[batch]", ", verbatim: true")
	f("read", "[attributes, batch]", "")
}

// TestPort2000_refused sends documents whose ids X-Ray does not take between those that it does: the agent outlives the answer,
// which has such an id as it was sent.
func TestPort2000_refused(t *testing.T) {
	srv := agenttest.AWS(t, localaws.Config{})
	port := agenttest.FreeAddr(t)
	agenttest.Start(t, agent.Components, fmt.Sprintf(`
receivers: {awsxray: {endpoint: %q, verbatim: true, proxy_server: {endpoint: %q, region: us-east-1, aws_endpoint: %q}}}
exporters: {awsxray: {region: us-east-1}}
service:
  telemetry: {metrics: {level: none}}
  pipelines: {traces: {receivers: [awsxray], exporters: [awsxray]}}`, port, port, srv.URL()))
	conn, err := net.Dial("udp", port)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for i, id := range []string{"", "70de5b6f19ff9a", "70de5b6f19ff9a0", "70de5b6f19ff9a0b1", "70de5b6f19ff9a0b1c", "70de5b6f19ff9a0b70de5b6f19ff9a0b", "zzde5b6f19ff9a0b"} {
		for _, id := range []string{id, fmt.Sprintf("70de5b6f19ff9b%02x", i)} {
			now := time.Now().Unix()
			if _, err := fmt.Fprintf(conn, "{\"format\":\"json\",\"version\":1}\n"+`{"name":"shop","id":%q,"trace_id":"1-%08x-a006649127e371903a2de979","start_time":%d,"end_time":%[3]d}`, id, now, now); err != nil {
				t.Fatal(err)
			}
		}
	}
	agenttest.Eventually(t, "what X-Ray takes arrives", func() bool { return srv.Counts().Segments == 7 })
}
