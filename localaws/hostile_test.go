package localaws

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
)

// The requests of these tests take a second or a few. Without what bounds them most take hours, or more memory than there
// is, which ends the test's process; those that can't be made so large are given hostileTime.
const hostileTime = 30 * time.Second

func inTime(t *testing.T, what string, f func()) {
	t.Helper()
	began := time.Now()
	f()
	if took := time.Since(began); took > hostileTime {
		t.Errorf("%s took %v", what, took)
	}
}

// TestOTLP_manyScopes shares one resource among so many scopes that nothing may
// be done with it for each.
func TestOTLP_manyScopes(t *testing.T) {
	srv := otlpServer(t, Config{})
	attributes := make([]*commonpb.KeyValue, 5000)
	for i := range attributes {
		attributes[i] = &commonpb.KeyValue{}
	}
	const scopes = 1 << 20
	traces := otlpSpans(1, time.Now())
	traces.ResourceSpans[0].Resource.Attributes = attributes
	logs := otlpLogs("x", time.Now())
	logs.ResourceLogs[0].Resource.Attributes = attributes
	for range scopes {
		traces.ResourceSpans[0].ScopeSpans = append(traces.ResourceSpans[0].ScopeSpans, &tracepb.ScopeSpans{})
		logs.ResourceLogs[0].ScopeLogs = append(logs.ResourceLogs[0].ScopeLogs, &logspb.ScopeLogs{})
	}
	if status, answer := postOTLP(t, srv, "application/x-protobuf", encodeSpans(t, traces)); status != http.StatusOK {
		t.Errorf("traces: %d %s", status, answer)
	}
	if status, answer, _ := (otlpPost{body: encodeLogs(t, logs)}).send(t, srv); status != http.StatusOK {
		t.Errorf("logs: %d %s", status, answer)
	}
}

// TestOTLPMetrics_sharedResource shares a resource that is nearly the whole
// request among all the points that one may have.
func TestOTLPMetrics_sharedResource(t *testing.T) {
	srv := startTest(t, Config{})
	list := &commonpb.ArrayValue{}
	for range 180_000 {
		list.Values = append(list.Values, textValue("x"))
	}
	request := gauge("m", time.Now(), maxOTLPDatapoints)
	request.ResourceMetrics[0].Resource.Attributes[0].Value = &commonpb.AnyValue{Value: &commonpb.AnyValue_ArrayValue{ArrayValue: list}}
	if status, answer := (metricsPost{body: marshal(t, request)}).send(t, srv); status != http.StatusBadRequest {
		t.Errorf("%d %s", status, answer)
	}
}

// TestPutTraceSegments_endless sends a trace that never ends: it is the only one,
// so that eviction does not stop it.
func TestPutTraceSegments_endless(t *testing.T) {
	srv := startTest(t, Config{})
	const calls, spans = 14, 30
	for i := range calls {
		request := otlpSpans(spans, time.Now())
		for _, span := range request.ResourceSpans[0].ScopeSpans[0].Spans {
			span.SpanId[1] = byte(i)
			span.Attributes = []*commonpb.KeyValue{{Key: "k", Value: textValue(strings.Repeat("x", 100<<10))}}
		}
		if status, answer := postOTLP(t, srv, "application/x-protobuf", encodeSpans(t, request)); status != http.StatusOK {
			t.Fatalf("%d %s", status, answer)
		}
	}
	if n := srv.Counts().Segments; n < maxTraceHeld/(200<<10) || n > maxTraceHeld/(100<<10)+spans {
		t.Errorf("%d documents of %d are held", n, calls*spans)
	}
	refused := srv.Refused()
	if len(refused) == 0 || refused[0].Rule.ID != ruleTraceSize.ID || refused[0].Call {
		t.Errorf("what is dropped is not told: %+v", refused)
	}
}

// TestBatchGetTraces_chain reads a trace of which each document is below the one
// before it.
func TestBatchGetTraces_chain(t *testing.T) {
	srv := startTest(t, Config{NoAuth: true})
	const calls, most = 1000, 50
	id := "1-" + fmt.Sprintf("%08x", time.Now().Unix()) + "-000000000000000000000001"
	for i := range calls {
		var in putTraceSegmentsInput
		for k := range most {
			n := i*most + k + 1
			in.TraceSegmentDocuments = append(in.TraceSegmentDocuments, fmt.Sprintf(
				`{"trace_id":%q,"id":"%016x","parent_id":"%016x","type":"subsegment","name":"a","start_time":1,"end_time":2}`, id, n, n-1))
		}
		body, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		if status, _, answer := post(t, srv.URL()+"/TraceSegments", "application/json", "", string(body)); status != http.StatusOK {
			t.Fatalf("%d %s", status, answer)
		}
	}
	inTime(t, "a chain", func() {
		status, _, answer := post(t, srv.URL()+"/Traces", "application/json", "", `{"TraceIds":["`+id+`"]}`)
		if status != http.StatusOK || !strings.Contains(answer, `"LimitExceeded":true`) {
			t.Errorf("%d %.200s", status, answer)
		}
	})
}

// TestTree_chain is a chain of more documents than a trace may have, so that what
// each costs is seen: it grows from its end, and from its beginning.
func TestTree_chain(t *testing.T) {
	const n = 400_000
	docs := make([]document, n)
	for i := range docs {
		docs[i].raw = fmt.Appendf(nil, `{"id":"%016x","parent_id":"%016x","type":"subsegment","name":"a"}`, i+1, i)
	}
	for range 2 {
		if tree := newTree(docs); len(tree.roots) != 1 || tree.all[n-1].depth != n-1 {
			t.Errorf("%d roots of a chain", len(tree.roots))
		}
		for i := range n / 2 {
			docs[i], docs[n-1-i] = docs[n-1-i], docs[i]
		}
	}
}

// TestGetMetricWidgetImage_longTexts draws texts that fill a widget.
func TestGetMetricWidgetImage_longTexts(t *testing.T) {
	srv := startTest(t, Config{NoAuth: true})
	f := func(widget string) {
		t.Helper()
		body, err := json.Marshal(map[string]string{"MetricWidget": widget})
		if err != nil {
			t.Fatal(err)
		}
		inTime(t, widget[:30], func() {
			status, _, answer := post(t, srv.URL()+"/", "application/x-amz-json-1.0", cloudwatchTarget+"GetMetricWidgetImage", string(body))
			if status != http.StatusOK || !bytes.Contains([]byte(answer), []byte("MetricWidgetImage")) {
				t.Errorf("%d %.200s", status, answer)
			}
		})
	}
	long := strings.Repeat("x", 100_000)
	f(`{"metrics":[["a","b"]],"title":"` + long + `"}`)
	f(`{"metrics":[["a","b",{"label":"` + long[:1000] + `"}]],"yAxis":{"left":{"label":"` + long[:90_000] + `"}}}`)
}

// TestPutMetricData_manyFaults has something wrong with each of very many dimensions, of
// which the page of what was refused shows the datum.
func TestPutMetricData_manyFaults(t *testing.T) {
	srv := startTest(t, Config{NoAuth: true})
	dimensions := strings.Repeat(`{"Name":"a"},`, 80_000)
	body := `{"Namespace":"n","MetricData":[{"MetricName":"m","Value":1,"Dimensions":[` + strings.TrimSuffix(dimensions, ",") + `]}]}`
	status, _, answer := post(t, srv.URL()+"/", "application/x-amz-json-1.0", cloudwatchTarget+"PutMetricData", body)
	if status != http.StatusBadRequest {
		t.Errorf("%d %.200s", status, answer)
	}
}

// TestLiveTail_slow holds that a session that takes events slowly, as one whose
// pattern costs much, keeps up the call that stored them and no other.
func TestLiveTail_slow(t *testing.T) {
	srv := otlpServer(t, Config{NoAuth: true})
	tail := &liveTail{set: &srv.tails, groups: []string{"g"}}
	srv.tails.add(tail)
	tail.mu.Lock() // what comes waits
	logs := func(operation, body string) <-chan int {
		done := make(chan int, 1)
		go func() {
			status, _, _ := post(t, srv.URL()+"/", "application/x-amz-json-1.1", logsTarget+operation, body)
			done <- status
		}()
		return done
	}
	put := logs("PutLogEvents", fmt.Sprintf(`{"logGroupName":"g","logStreamName":"s","logEvents":[{"timestamp":%d,"message":"m"}]}`, time.Now().UnixMilli()))
	for tick := time.NewTicker(time.Millisecond); srv.Counts().LogEvents == 0; <-tick.C {
		if t.Context().Err() != nil {
			return
		}
	}
	if status := <-logs("CreateLogGroup", `{"logGroupName":"other"}`); status != http.StatusOK {
		t.Errorf("a group could not be made while a session takes an event: %d", status)
	}
	tail.mu.Unlock()
	if status := <-put; status != http.StatusOK {
		t.Errorf("PutLogEvents: %d", status)
	}
}
