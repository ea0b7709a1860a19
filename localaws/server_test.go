package localaws

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/aws/aws-sdk-go-v2/service/xray/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// errorCode is the code and the status of an SDK's error.
func errorCode(err error) (string, int) {
	var api smithy.APIError
	var response *smithyhttp.ResponseError
	if !errors.As(err, &api) {
		return fmt.Sprint(err), 0
	}
	if errors.As(err, &response) {
		return api.ErrorCode(), response.HTTPStatusCode()
	}
	return api.ErrorCode(), 0
}

// A wrong signature gets each service's own error, in its own protocol.
func TestSignature(t *testing.T) {
	srv := startTest(t, Config{})
	f := func(key, secret string, wantXRay, wantLogs, wantCloudWatch string) {
		t.Helper()
		cfg := sdkConfig(srv)
		cfg.Credentials = credentials.NewStaticCredentialsProvider(key, secret, "")
		_, err := xray.NewFromConfig(cfg).BatchGetTraces(t.Context(), &xray.BatchGetTracesInput{TraceIds: []string{}})
		if code, status := errorCode(err); code != wantXRay || status != http.StatusForbidden {
			t.Errorf("X-Ray: %s %d", code, status)
		}
		_, err = cloudwatchlogs.NewFromConfig(cfg).DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{})
		if code, status := errorCode(err); code != wantLogs || status != http.StatusBadRequest {
			t.Errorf("Logs: %s %d", code, status)
		}
		_, err = cloudwatch.NewFromConfig(cfg).ListMetrics(t.Context(), &cloudwatch.ListMetricsInput{})
		if code, status := errorCode(err); code != wantCloudWatch || status != http.StatusBadRequest {
			t.Errorf("CloudWatch: %s %d", code, status)
		}
	}
	f("local", "wrong", "InvalidSignatureException", "InvalidSignatureException", "SignatureDoesNotMatch")
	f("other", "local", "UnrecognizedClientException", "UnrecognizedClientException", "InvalidClientTokenId")
	if c := srv.Counts(); c.Refused != 6 {
		t.Errorf("%d refused", c.Refused)
	}
}

// post sends a request without a signature.
func post(t *testing.T, url, contentType, target, body string) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	if target != "" {
		req.Header.Set("X-Amz-Target", target)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(text)
}

func TestSignature_missing(t *testing.T) {
	srv := startTest(t, Config{})
	f := func(path, contentType, target, body string, wantStatus int, wantBody string) {
		t.Helper()
		status, header, text := post(t, srv.URL()+path, contentType, target, body)
		if status != wantStatus || !strings.Contains(text, wantBody) {
			t.Errorf("%s %s: %d %s", path, target, status, text)
		}
		if header.Get("X-Amzn-Requestid") == "" {
			t.Errorf("%s %s: no request id", path, target)
		}
	}
	f("/TraceSegments", "application/json", "", "{}", http.StatusForbidden, `{"Message":"Missing Authentication Token"}`)
	f("/", "application/x-amz-json-1.1", "Logs_20140328.PutLogEvents", "{}", http.StatusBadRequest, `"__type":"MissingAuthenticationTokenException"`)
	f("/", "application/x-amz-json-1.0", "GraniteServiceVersion20100801.ListMetrics", "{}", http.StatusBadRequest, `"__type":"MissingAuthenticationTokenException"`)
	f("/", "application/x-www-form-urlencoded; charset=utf-8", "", "Action=ListMetrics&Version=2010-08-01", http.StatusForbidden, "<Code>MissingAuthenticationToken</Code>")
	f("/service/GraniteServiceVersion20100801/operation/ListMetrics", "application/cbor", "", "", http.StatusBadRequest, "MissingAuthenticationTokenException")
}

func TestUnknownOperation(t *testing.T) {
	srv := startTest(t, Config{NoAuth: true})
	f := func(path, contentType, target, body string, wantStatus int, wantBody string) {
		t.Helper()
		if status, _, text := post(t, srv.URL()+path, contentType, target, body); status != wantStatus || !strings.Contains(text, wantBody) {
			t.Errorf("%s %s: %d %s", path, target, status, text)
		}
	}
	f("/GetInsight", "application/json", "", "{}", http.StatusNotFound, "GetInsight")
	f("/", "application/x-amz-json-1.1", "Logs_20140328.MakeTea", "{}", http.StatusBadRequest, `"__type":"UnknownOperationException"`)
	f("/", "application/x-amz-json-1.1", "Tea_1.Make", "{}", http.StatusNotFound, "Tea_1.Make")
	f("/", "application/x-www-form-urlencoded", "", "Action=MakeTea", http.StatusBadRequest, "<Code>InvalidAction</Code>")
	f("/service/GraniteServiceVersion20100801/operation/MakeTea", "application/cbor", "", "", http.StatusNotFound, "UnknownOperationException")
}

func TestMalformed(t *testing.T) {
	srv := startTest(t, Config{NoAuth: true})
	f := func(path, contentType, target, body, wantBody string) {
		t.Helper()
		if status, _, text := post(t, srv.URL()+path, contentType, target, body); status != http.StatusBadRequest || !strings.Contains(text, wantBody) {
			t.Errorf("%s %s: %d %s", path, target, status, text)
		}
	}
	f("/TraceSegments", "application/json", "", "{", "unexpected EOF")
	f("/TraceSegments", "application/json", "", `{"TraceSegmentDocuments":["a",1]}`, "cannot unmarshal number")
	f("/", "application/x-amz-json-1.1", "Logs_20140328.PutLogEvents", "[]", "SerializationException")
	f("/", "application/x-www-form-urlencoded", "", "Action=ListMetrics&Dimensions.member.x=1", "<Code>MalformedInput</Code>")
	status, _, text := post(t, srv.URL()+"/TraceSegments", "application/json", "", strings.Repeat(" ", maxRequest+1))
	if status != http.StatusRequestEntityTooLarge {
		t.Errorf("too large: %d %s", status, text)
	}
	if status, _, text := post(t, srv.URL()+"/TraceSegments", "application/json", "", "{}"); status != http.StatusBadRequest || !strings.Contains(text, "TraceSegmentDocuments") {
		t.Errorf("no documents: %d %s", status, text)
	}
}

// The older protocol of CloudWatch answers in XML, to a GET as well.
func TestQueryProtocol(t *testing.T) {
	srv := startTest(t, Config{NoAuth: true})
	resp, err := http.Get(srv.URL() + "/?Action=ListMetrics&Version=2010-08-01")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var out struct {
		XMLName  xml.Name
		Metadata struct{ RequestID string } `xml:"ResponseMetadata"`
	}
	if err := xml.NewDecoder(resp.Body).Decode(&out); err != nil {
		t.Fatal(err)
	}
	if out.XMLName.Local != "ListMetricsResponse" || resp.Header.Get("Content-Type") != "text/xml" {
		t.Errorf("%v %v", out, resp.Header)
	}
}

func TestControl(t *testing.T) {
	srv := startTest(t, Config{})
	client := xray.NewFromConfig(sdkConfig(srv))
	put := func() error {
		_, docs := shopTrace(shopTime, 0, false)
		_, err := client.PutTraceSegments(t.Context(), &xray.PutTraceSegmentsInput{TraceSegmentDocuments: docs})
		return err
	}
	var seen []int
	stop := srv.Control("PutTraceSegments", func(c *Call) *Fault {
		seen = append(seen, c.N)
		switch c.N {
		case 1:
			return &Fault{Code: "ThrottledException", Message: "slow down", RetryAfter: 1500 * time.Millisecond}
		case 2:
			return Unavailable()
		case 3:
			return &Fault{AfterCall: true}
		}
		if !bytes.Contains(c.Body, []byte("TraceSegmentDocuments")) || c.Header.Get("Authorization") == "" || c.Service != "xray" {
			t.Errorf("call: %+v", c)
		}
		return nil
	})
	err := put()
	var throttled *types.ThrottledException
	var response *smithyhttp.ResponseError
	if !errors.As(err, &throttled) || !errors.As(err, &response) || response.HTTPStatusCode() != 429 || response.Response.Header.Get("Retry-After") != "2" {
		t.Errorf("throttled: %v", err)
	}
	if code, status := errorCode(put()); code != "ServiceUnavailableException" || status != 503 {
		t.Errorf("unavailable: %s %d", code, status)
	}
	if srv.Counts().Traces != 0 {
		t.Error("a call that failed has been done")
	}
	if err := put(); err == nil || !strings.Contains(err.Error(), "EOF") {
		t.Errorf("cut: %v", err)
	}
	if srv.Counts().Traces != 1 {
		t.Error("a call whose answer was lost has not been done")
	}
	if err := put(); err != nil {
		t.Error(err)
	}
	stop()
	if err := put(); err != nil {
		t.Error(err)
	}
	if fmt.Sprint(seen) != "[1 2 3 4]" {
		t.Errorf("calls seen: %v", seen)
	}
}

// A delay ends with the client's patience.
func TestControl_delay(t *testing.T) {
	srv := startTest(t, Config{})
	defer srv.Control("", func(*Call) *Fault { return &Fault{Delay: time.Hour} })()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	client := xray.NewFromConfig(sdkConfig(srv))
	_, err := client.BatchGetTraces(ctx, &xray.BatchGetTracesInput{TraceIds: []string{}})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestServer_close(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	srv, err := Start(ctx, Config{})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	<-srv.ctx.Done()
	if err := srv.Close(); err != nil {
		t.Error(err)
	}
	if err := srv.Close(); err != nil {
		t.Error(err)
	}
	if _, err := http.Get(srv.URL()); err == nil {
		t.Error("still listening")
	}
	if _, err := Start(t.Context(), Config{Listen: "256.0.0.1:1"}); err == nil || !strings.Contains(err.Error(), "choose another address") {
		t.Errorf("bad address: %v", err)
	}
}

// Any region is right.
func TestSignature_region(t *testing.T) {
	srv := startTest(t, Config{})
	cfg := sdkConfig(srv)
	cfg.Region = "eu-west-3"
	if _, err := xray.NewFromConfig(cfg).BatchGetTraces(t.Context(), &xray.BatchGetTracesInput{TraceIds: []string{"x"}}); err != nil {
		t.Error(err)
	}
	late := startTest(t, Config{Now: func() time.Time { return time.Now().Add(time.Hour) }})
	_, err := xray.NewFromConfig(sdkConfig(late)).BatchGetTraces(t.Context(), &xray.BatchGetTracesInput{TraceIds: []string{"x"}})
	if code, _ := errorCode(err); code != "InvalidSignatureException" || !strings.Contains(err.Error(), "Signature expired") {
		t.Errorf("skew: %v", err)
	}
}

func TestRefusedRing(t *testing.T) {
	ring := &refusedRing{}
	for range maxRefusals + 10 {
		ring.add(Refusal{Item: "x"})
	}
	if page := ring.page(0, 5); len(ring.list) != maxRefusals || page[0].Seq != maxRefusals+10 || ring.total() != maxRefusals+10 {
		t.Errorf("%d kept, newest %d", len(ring.list), page[0].Seq)
	}
	for range 300 {
		ring.add(Refusal{Item: strings.Repeat("x", maxShownItem)})
	}
	if ring.bytes > maxRefusalBytes || len(ring.list) < 200 {
		t.Errorf("%d refusals of %d bytes", len(ring.list), ring.bytes)
	}
}
