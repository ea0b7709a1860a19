package localaws

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/aws/aws-sdk-go-v2/service/xray/types"
	"github.com/aws/smithy-go"
)

// shopTime is when the traces of the tests happen.
var shopTime = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// shopTrace is a trace of two services and a database: web calls orders, which
// asks the database; the query of every fault fails.
func shopTrace(at time.Time, n int, fault bool) (id string, docs []string) {
	id = fmt.Sprintf("1-%08x-%024x", at.Unix(), n+1)
	s := float64(at.UnixMilli()) / 1e3
	seg := func(k int) string { return fmt.Sprintf("%012x%04x", n+1, k) }
	status := 200
	if fault {
		status = 500
	}
	docs = []string{
		fmt.Sprintf(`{"name":"web","id":%q,"trace_id":%q,"start_time":%.3f,"end_time":%.3f,"fault":%t,"origin":"AWS::ECS::Container",
			"http":{"request":{"method":"GET","url":"http://shop.local/api/orders","user_agent":"curl/8","client_ip":"10.0.0.7"},"response":{"status":%d}},
			"annotations":{"tenant":"blue","items":3,"vip":true},"user":"ada",
			"subsegments":[{"name":"orders","id":%q,"start_time":%.3f,"end_time":%.3f,"namespace":"remote","fault":%t,
				"http":{"request":{"method":"GET","url":"http://orders.local/orders"},"response":{"status":%d}}}]}`,
			seg(1), id, s, s+0.120, fault, status, seg(2), s+0.010, s+0.110, fault, status),
		fmt.Sprintf(`{"name":"orders","id":%q,"trace_id":%q,"parent_id":%q,"start_time":%.3f,"end_time":%.3f,"fault":%t,
			"http":{"request":{"method":"GET","url":"http://orders.local/orders"},"response":{"status":%d}},
			"subsegments":[{"name":"orders.db","id":%q,"start_time":%.3f,"end_time":%.3f,"namespace":"remote","fault":%t,
				"sql":{"database_type":"SQLite","sanitized_query":"SELECT 1"},
				"cause":{"exceptions":[{"id":"00000000000000ff","type":"*sqlite.Error","message":"database is locked"}]}}]}`,
			seg(3), id, seg(2), s+0.020, s+0.100, fault, status, seg(4), s+0.030, s+0.090, fault),
	}
	return id, docs
}

// putShop sends n traces, a second apart; every fourth one has a fault.
func putShop(t *testing.T, client *xray.Client, n int) []string {
	t.Helper()
	var ids []string
	for i := range n {
		id, docs := shopTrace(shopTime.Add(time.Duration(i)*time.Second), i, i%4 == 3)
		out, err := client.PutTraceSegments(t.Context(), &xray.PutTraceSegmentsInput{TraceSegmentDocuments: docs})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.UnprocessedTraceSegments) > 0 {
			t.Fatalf("unprocessed: %s", *out.UnprocessedTraceSegments[0].Message)
		}
		ids = append(ids, id)
	}
	return ids
}

func TestXRay_sdk(t *testing.T) {
	srv := startTest(t, Config{})
	client := xray.NewFromConfig(sdkConfig(srv))
	ids := putShop(t, client, 8)
	start, end := aws.Time(shopTime.Add(-time.Minute)), aws.Time(shopTime.Add(time.Minute))

	summaries, err := client.GetTraceSummaries(t.Context(), &xray.GetTraceSummariesInput{StartTime: start, EndTime: end})
	if err != nil {
		t.Fatal(err)
	}
	if len(summaries.TraceSummaries) != 8 {
		t.Fatalf("got %d summaries", len(summaries.TraceSummaries))
	}
	newest := summaries.TraceSummaries[0]
	if *newest.Id != ids[7] || !*newest.HasFault || *newest.Duration != 0.12 || *newest.ResponseTime != 0.12 || *newest.Http.HttpStatus != 500 ||
		len(newest.ServiceIds) != 3 || *newest.EntryPoint.Name != "web" || *newest.Users[0].UserName != "ada" || len(newest.Annotations) != 3 {
		t.Errorf("newest summary: %+v", newest)
	}

	faults, err := client.GetTraceSummaries(t.Context(), &xray.GetTraceSummariesInput{StartTime: start, EndTime: end,
		FilterExpression: aws.String(`service(id(name: "orders.db", type: "Database::SQLite")) { fault } AND annotation[tenant] = "blue"`)})
	if err != nil {
		t.Fatal(err)
	}
	if len(faults.TraceSummaries) != 2 {
		t.Errorf("got %d faults", len(faults.TraceSummaries))
	}

	batch, err := client.BatchGetTraces(t.Context(), &xray.BatchGetTracesInput{TraceIds: []string{ids[0], "1-00000000-000000000000000000000000"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(batch.Traces) != 1 || len(batch.Traces[0].Segments) != 2 || len(batch.UnprocessedTraceIds) != 1 {
		t.Fatalf("batch: %+v", batch)
	}
	_, sent := shopTrace(shopTime, 0, false)
	if got := *batch.Traces[0].Segments[0].Document; got != sent[0] {
		t.Errorf("document is not as sent: %s", got)
	}

	graph, err := client.GetServiceGraph(t.Context(), &xray.GetServiceGraphInput{StartTime: start, EndTime: end})
	if err != nil {
		t.Fatal(err)
	}
	if len(graph.Services) != 4 {
		t.Fatalf("got %d services", len(graph.Services))
	}
	for _, s := range graph.Services {
		if *s.Name == "orders.db" && (*s.Type != "Database::SQLite" || *s.SummaryStatistics.FaultStatistics.TotalCount != 2) {
			t.Errorf("database: %+v", s)
		}
	}
}

func TestXRay_pages(t *testing.T) {
	srv := startTest(t, Config{})
	client := xray.NewFromConfig(sdkConfig(srv))
	putShop(t, client, 2*summariesPerPage+30)
	pages := xray.NewGetTraceSummariesPaginator(client, &xray.GetTraceSummariesInput{
		StartTime: aws.Time(shopTime), EndTime: aws.Time(shopTime.Add(time.Hour))})
	seen := map[string]bool{}
	n := 0
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		n++
		for _, s := range page.TraceSummaries {
			if seen[*s.Id] {
				t.Fatalf("%s twice", *s.Id)
			}
			seen[*s.Id] = true
		}
	}
	if n != 3 || len(seen) != 2*summariesPerPage+30 {
		t.Errorf("%d traces on %d pages", len(seen), n)
	}
}

func TestXRay_refusals(t *testing.T) {
	srv := startTest(t, Config{})
	client := xray.NewFromConfig(sdkConfig(srv))
	f := func(wantCode, wantText string, docs ...string) {
		t.Helper()
		_, err := client.PutTraceSegments(t.Context(), &xray.PutTraceSegmentsInput{TraceSegmentDocuments: docs})
		var api smithy.APIError
		if !errors.As(err, &api) || api.ErrorCode() != wantCode || !strings.Contains(api.ErrorMessage(), wantText) {
			t.Errorf("got %v, want %s %s", err, wantCode, wantText)
		}
	}
	f("InvalidRequestException", "Exceeding maximum segment count: 50", make([]string, 51)...)

	id, docs := shopTrace(shopTime, 0, false)
	big := fmt.Sprintf(`{"name":"big","id":"00000000000000aa","trace_id":%q,"start_time":1,"end_time":2,"metadata":{"default":{"x":%q}}}`,
		id, strings.Repeat("x", maxSegmentBytes))
	bad := []string{docs[0], "not json", "[]", `{"name":"a"}`, big, docs[1]}
	out, err := client.PutTraceSegments(t.Context(), &xray.PutTraceSegmentsInput{TraceSegmentDocuments: bad})
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, u := range out.UnprocessedTraceSegments {
		codes = append(codes, *u.ErrorCode)
	}
	if got := strings.Join(codes, " "); got != "ParseError MissingId MissingId InvalidSegmentSize" {
		t.Errorf("codes: %s", got)
	}
	if out.UnprocessedTraceSegments[0].Id != nil || *out.UnprocessedTraceSegments[3].Id != "00000000000000aa" {
		t.Errorf("ids: %v", out.UnprocessedTraceSegments)
	}
	if c := srv.Counts(); c.Segments != 2 || c.Traces != 1 || c.Spans != 4 || c.Refused != 5 {
		t.Errorf("counts: %+v", c)
	}

	_, err = client.GetTraceSummaries(t.Context(), &xray.GetTraceSummariesInput{StartTime: aws.Time(shopTime), EndTime: aws.Time(shopTime.Add(time.Hour)),
		FilterExpression: aws.String("rootcause.fault.service { name = \"x\" }")})
	var refused *types.InvalidRequestException
	if !errors.As(err, &refused) || !strings.Contains(*refused.Message, "does not support") {
		t.Errorf("filter: %v", err)
	}
	_, err = client.GetGroups(t.Context(), &xray.GetGroupsInput{}) // not yet
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != "UnknownOperationException" {
		t.Errorf("unknown operation: %v", err)
	}
	got := srv.Refused()
	if len(got) != 7 || got[0].Rule.ID != "request.operation" || got[6].Rule.ID != "xray.segments.count" || !got[6].Call || got[5].Call {
		t.Errorf("refused: %d", len(got))
	}
}

// The service graph of two services and a database, as it goes over the wire.
func TestGetServiceGraph_golden(t *testing.T) {
	srv := startTest(t, Config{})
	client := xray.NewFromConfig(sdkConfig(srv))
	putShop(t, client, 4)
	g := srv.traces.graphOf(timeRange{0, 1e12})
	services := []serviceOutput{}
	for _, n := range g.nodes {
		services = append(services, n.output())
	}
	got, err := json.MarshalIndent(services, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "service_graph.golden.json", append(got, '\n'))
}

func TestXRay_cli(t *testing.T) {
	srv := startTest(t, Config{})
	ids := putShop(t, xray.NewFromConfig(sdkConfig(srv)), 4)
	from, to := fmt.Sprint(shopTime.Unix()-60), fmt.Sprint(shopTime.Unix()+60)
	for _, cli := range awsCLIs(t) {
		var summaries struct{ TraceSummaries []struct{ ID string } }
		runCLI(t, cli, srv, &summaries, "xray", "get-trace-summaries", "--start-time", from, "--end-time", to, "--filter-expression", `service("orders") { fault }`)
		if len(summaries.TraceSummaries) != 1 || summaries.TraceSummaries[0].ID != ids[3] {
			t.Errorf("%s: summaries %+v", cli, summaries)
		}
		var batch struct {
			Traces []struct{ Segments []struct{ Document string } }
		}
		runCLI(t, cli, srv, &batch, "xray", "batch-get-traces", "--trace-ids", ids[0])
		if len(batch.Traces) != 1 || len(batch.Traces[0].Segments) != 2 {
			t.Errorf("%s: batch %+v", cli, batch)
		}
		var graph struct {
			Services []struct {
				Name, Type string
				Edges      []struct{ ReferenceID int }
			}
		}
		runCLI(t, cli, srv, &graph, "xray", "get-service-graph", "--start-time", from, "--end-time", to)
		if len(graph.Services) != 4 {
			t.Errorf("%s: graph %+v", cli, graph)
		}
		var put struct{ UnprocessedTraceSegments []struct{ ErrorCode string } }
		runCLI(t, cli, srv, &put, "xray", "put-trace-segments", "--trace-segment-documents", `{"id":"00000000000000bb","name":"bad?name","trace_id":"`+ids[0]+`","start_time":1,"end_time":2}`)
		if len(put.UnprocessedTraceSegments) != 1 || put.UnprocessedTraceSegments[0].ErrorCode != "InvalidName" {
			t.Errorf("%s: put %+v", cli, put)
		}
	}
}
