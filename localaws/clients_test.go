package localaws_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"go.opentelemetry.io/otel/trace"

	"github.com/updraft-otel/updraft"
	"github.com/updraft-otel/updraft/localaws"
)

// The services, by the name they give themselves.
const (
	goName     = "go"      // this library
	nodeName   = "node"    // the X-Ray SDK for Node
	pythonName = "python"  // the X-Ray SDK for Python
	jsName     = "otel-js" // OpenTelemetry for Node
)

// parentID is a caller that sends no segment of its own.
const parentID = "53995c3f42cd8ad8"

// TestClients sends requests through services of ours, of the X-Ray SDKs and of
// OpenTelemetry for Node, each calling the next. What every service sends by its
// own road is one trace, each segment under the call that caused it.
func TestClients(t *testing.T) {
	c := startClients(t)
	var edges []string
	f := func(header string, way ...string) {
		t.Helper()
		id := c.request(t, header, way)
		c.checkTrace(t, id, header, way)
		for i, name := range way[1:] {
			edges = append(edges, way[i]+" -> "+name)
		}
		if !strings.Contains(header, "Parent=") { // else its caller is somebody who is still to come
			edges = append(edges, "client -> "+way[0])
		}
	}
	f("", goName, nodeName)
	f("", goName, jsName)
	f("", goName, pythonName)
	f("Self=1-NOW-0000000000000000000000aa;Root=1-NOW-000000000000000000000001", goName, nodeName, pythonName, jsName, goName)
	f("Root=1-NOW-000000000000000000000002;Sampled=1", goName, jsName, pythonName, nodeName, goName)
	f("Root=1-NOW-000000000000000000000003;Sampled=?", goName, pythonName, goName, jsName, nodeName, jsName)
	f("Root=1-NOW-000000000000000000000004;Parent="+parentID+";Sampled=1", nodeName, goName, pythonName)
	f("Root=1-NOW-000000000000000000000005;Parent="+parentID+";Sampled=1", pythonName, goName, nodeName)
	f("Root=1-NOW-000000000000000000000006;Parent="+parentID+";Sampled=1", jsName, goName, jsName) // without a parent it begins a new trace

	traces := c.srv.Counts().Traces
	c.request(t, "Root=1-NOW-000000000000000000000007;Sampled=0", []string{goName, nodeName, jsName, goName, pythonName, goName})
	f("", goName, nodeName, pythonName, jsName, goName) // when this one is there, the other would be
	if got := c.srv.Counts().Traces; got != traces+1 {
		t.Errorf("%d traces more, want 1: the other was not sampled", got-traces)
	}
	c.checkGraph(t, edges)
	if c := c.srv.Counts(); c.Refused != 0 {
		t.Errorf("%d refused", c.Refused)
	}
	for _, r := range c.srv.Refused() {
		t.Errorf("%+v", r)
	}
}

// clients are the running services, and the local AWS that they send to.
type clients struct {
	srv  *localaws.Server
	api  *xray.Client
	tel  *updraft.Telemetry
	urls map[string]string // by name
}

func startClients(t *testing.T) *clients {
	t.Helper()
	needClients(t)
	srv, err := localaws.Start(t.Context(), localaws.Config{ListenUDP: "127.0.0.1:0", NoAuth: true})
	if err != nil {
		t.Fatal(err)
	}
	env := append(srv.Env(), "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT="+srv.URL()+"/v1/traces")
	c := &clients{srv: srv, urls: map[string]string{
		nodeName:   startClient(t, env, "node", "xray.cjs"),
		jsName:     startClient(t, env, "node", "otel.cjs"),
		pythonName: startClient(t, env, clientPython(t), "xray.py"),
	}}
	for _, pair := range srv.Env() {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	if c.tel, err = (updraft.Config{ServiceName: goName, Metrics: "none", Logs: "none", Strict: true}).Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.tel.Shutdown(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	service := httptest.NewServer(updraft.HTTPHandler(http.HandlerFunc(hop), "hop"))
	t.Cleanup(service.Close)
	c.urls[goName] = service.URL
	c.api = xray.New(xray.Options{
		Region: localaws.Region, BaseEndpoint: aws.String(srv.URL()), HTTPClient: localaws.SDKClient(),
		Credentials: credentials.NewStaticCredentialsProvider(localaws.AccessKeyID, localaws.SecretAccessKey, ""),
	})
	return c
}

// traceHeader names the trace in the answers of the Go service.
const traceHeader = "Test-Trace"

// hop is the Go service: GET /hop?via=URL,URL calls the first URL with the rest
// of them, and passes its status on; without a URL it answers 200.
func hop(w http.ResponseWriter, r *http.Request) {
	id := trace.SpanContextFromContext(r.Context()).TraceID().String()
	w.Header().Set(traceHeader, "1-"+id[:8]+"-"+id[8:])
	first, rest, _ := strings.Cut(r.URL.Query().Get("via"), ",")
	if first == "" {
		return
	}
	req, err := http.NewRequestWithContext(r.Context(), http.MethodGet, first+"/hop?via="+url.QueryEscape(rest), nil)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	res, err := updraft.HTTPClient().Do(req)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	_ = res.Body.Close()
	w.WriteHeader(res.StatusCode)
}

// request sends a request along the way, and returns its trace's id: that of the
// header, or what the Go service says.
func (c *clients) request(t *testing.T, header string, way []string) string {
	t.Helper()
	var via []string
	for _, name := range way[1:] {
		via = append(via, c.urls[name])
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.urls[way[0]]+"/hop?via="+url.QueryEscape(strings.Join(via, ",")), nil)
	if err != nil {
		t.Fatal(err)
	}
	header = strings.ReplaceAll(header, "NOW", fmt.Sprintf("%08x", time.Now().Unix()))
	_, id, given := strings.Cut(header, "Root=")
	id, _, _ = strings.Cut(id, ";")
	if given {
		req.Header.Set("X-Amzn-Trace-Id", header)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%q %v: %s", header, way, res.Status)
	}
	if told := res.Header.Get(traceHeader); !given {
		id = told
	} else if told != "" && told != id {
		t.Errorf("%q %v: the Go service is in trace %s", header, way, told)
	}
	if answer := res.Header.Get("X-Amzn-Trace-Id"); strings.HasSuffix(header, "Sampled=?") && answer != "Root="+id+";Sampled=1" {
		t.Errorf("%q: answered with %q", header, answer)
	}
	if err := c.tel.ForceFlush(t.Context()); err != nil {
		t.Fatal(err)
	}
	return id
}

// A segmentDocument is what the test reads of a segment or a subsegment.
type segmentDocument struct {
	ID, Name, Namespace, Type string
	TraceID                   string `json:"trace_id"`
	ParentID                  string `json:"parent_id"`
	Subsegments               []*segmentDocument
	HTTP                      struct {
		Response struct{ Status int }
	}

	parent *segmentDocument // the caller's, or what it is nested in
}

// segments are those of a trace, subsegments among them, each with its parent.
func (c *clients) segments(t *testing.T, id string) []*segmentDocument {
	t.Helper()
	out, err := c.api.BatchGetTraces(t.Context(), &xray.BatchGetTracesInput{TraceIds: []string{id}})
	if err != nil {
		t.Fatal(err)
	}
	var all []*segmentDocument
	byID := map[string]*segmentDocument{}
	var add func(s, within *segmentDocument)
	add = func(s, within *segmentDocument) {
		all, byID[s.ID], s.parent = append(all, s), s, within
		if within != nil {
			s.Type = "subsegment"
		}
		for _, sub := range s.Subsegments {
			add(sub, s)
		}
	}
	for _, tr := range out.Traces {
		for _, document := range tr.Segments {
			s := &segmentDocument{}
			if err := json.Unmarshal([]byte(*document.Document), s); err != nil {
				t.Fatal(err)
			}
			if s.TraceID != id {
				t.Errorf("a segment of trace %s in trace %s", s.TraceID, id)
			}
			add(s, nil)
		}
	}
	for _, s := range all {
		if s.parent == nil {
			s.parent = byID[s.ParentID]
		}
	}
	return all
}

// calls is the way that the segments tell: the services in the order in which
// they were called. Each has a segment, and a subsegment for the call it makes.
func calls(segments []*segmentDocument) (way []string, first *segmentDocument) {
	var last *segmentDocument
	for {
		i := slices.IndexFunc(segments, func(s *segmentDocument) bool {
			return s.Type == "" && calledBy(s) == last && s.HTTP.Response.Status == http.StatusOK
		})
		if i < 0 {
			return way, first
		}
		last = segments[i]
		way = append(way, last.Name)
		if first == nil {
			first = last
		}
	}
}

// calledBy is the segment whose remote subsegment is the parent of s; nil for
// the first.
func calledBy(s *segmentDocument) *segmentDocument {
	remote := false
	for p := s.parent; p != nil; p = p.parent {
		remote = remote || p.Namespace == "remote"
		if p.Type == "" && remote {
			return p
		}
	}
	if s.parent != nil {
		return s // nobody
	}
	return nil
}

// checkTrace waits until the trace is whole.
func (c *clients) checkTrace(t *testing.T, id, header string, way []string) {
	t.Helper()
	const patience = 20 * time.Second
	var segments []*segmentDocument
	var got []string
	var first *segmentDocument
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-time.After(20 * time.Millisecond) {
		segments = c.segments(t, id)
		got, first = calls(segments)
		if slices.Equal(got, way) {
			break
		}
	}
	want := 2*len(way) - 1 // a segment each, and a subsegment for each call
	if !slices.Equal(got, way) || len(segments) != want {
		t.Fatalf("%q: the calls are %v in %d segments, want %v in %d:\n%s", header, got, len(segments), way, want, drawn(segments))
	}
	if strings.Contains(header, "Parent=") != (first.ParentID == parentID) {
		t.Errorf("%q: the first segment's parent is %q", header, first.ParentID)
	}
}

// drawn is a trace as a failure shows it.
func drawn(segments []*segmentDocument) string {
	var b strings.Builder
	for _, s := range segments {
		parent := s.ParentID
		if s.parent != nil {
			parent = s.parent.ID
		}
		fmt.Fprintf(&b, "%s %-10s %-20s %s under %q, status %d\n", s.ID, s.Type, s.Name, s.Namespace, parent, s.HTTP.Response.Status)
	}
	return b.String()
}

// checkGraph holds the service graph to the calls that were made.
func (c *clients) checkGraph(t *testing.T, want []string) {
	t.Helper()
	out, err := c.api.GetServiceGraph(t.Context(), &xray.GetServiceGraphInput{
		StartTime: aws.Time(time.Now().Add(-time.Hour)), EndTime: aws.Time(time.Now().Add(time.Minute)),
	})
	if err != nil {
		t.Fatal(err)
	}
	names := map[int32]string{}
	for _, s := range out.Services {
		names[*s.ReferenceId] = *s.Name
		if aws.ToString(s.Type) == "client" {
			names[*s.ReferenceId] = "client"
		}
	}
	var got []string
	for _, s := range out.Services {
		for _, e := range s.Edges {
			got = append(got, names[*s.ReferenceId]+" -> "+names[*e.ReferenceId])
			if *e.SummaryStatistics.OkCount != *e.SummaryStatistics.TotalCount {
				t.Errorf("%s: %d of %d calls are ok", got[len(got)-1], *e.SummaryStatistics.OkCount, *e.SummaryStatistics.TotalCount)
			}
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if want = slices.Compact(want); !slices.Equal(got, want) {
		t.Errorf("the service graph is\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}
