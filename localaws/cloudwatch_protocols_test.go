package localaws_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"github.com/updraft-otel/updraft/localaws"
)

// badEntity is metrics of an entity that lacks its environment.
var badEntity = map[string]any{
	"Namespace": "Shop", "StrictEntityValidation": false,
	"EntityMetricData": []any{map[string]any{
		"Entity":     map[string]any{"KeyAttributes": map[string]any{"Type": "Service", "Name": "web"}},
		"MetricData": []any{map[string]any{"MetricName": "Latency", "Values": []any{1.5, 2.0}, "Counts": []any{3.0, 4.0}, "Unit": "Seconds"}},
	}},
}

const badEntityForm = "Action=PutMetricData&Version=2010-08-01&Namespace=Shop&StrictEntityValidation=false" +
	"&EntityMetricData.member.1.Entity.KeyAttributes.entry.1.key=Type&EntityMetricData.member.1.Entity.KeyAttributes.entry.1.value=Service" +
	"&EntityMetricData.member.1.Entity.KeyAttributes.entry.2.key=Name&EntityMetricData.member.1.Entity.KeyAttributes.entry.2.value=web" +
	"&EntityMetricData.member.1.MetricData.member.1.MetricName=Latency&EntityMetricData.member.1.MetricData.member.1.Unit=Seconds" +
	"&EntityMetricData.member.1.MetricData.member.1.Values.member.1=1.5&EntityMetricData.member.1.MetricData.member.1.Values.member.2=2" +
	"&EntityMetricData.member.1.MetricData.member.1.Counts.member.1=3&EntityMetricData.member.1.MetricData.member.1.Counts.member.2=4"

// PutMetricData comes in three protocols, each plain or compressed; what is wrong
// with an entity that need not be right stands in a header of the answer.
func TestPutMetricData_protocols(t *testing.T) {
	srv := startAt(t, localaws.Config{})
	inCBOR, err := cbor.Marshal(badEntity)
	if err != nil {
		t.Fatal(err)
	}
	sent := 0
	f := func(path, contentType, target string, body []byte, compress bool) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if compress {
			var b bytes.Buffer
			w := gzip.NewWriter(&b)
			if _, err := w.Write(body); err != nil || w.Close() != nil {
				t.Fatal(err)
			}
			body = b.Bytes()
			req.Header.Set("Content-Encoding", "gzip")
		}
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		req.Header.Set("Content-Type", contentType)
		if target != "" {
			req.Header.Set("X-Amz-Target", target)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		answer, _ := io.ReadAll(resp.Body)
		if resp.StatusCode != http.StatusOK || resp.Header.Get("X-Amzn-Failure-Message") != "MissingRequiredFields" {
			t.Errorf("%s, compressed %v: %s %q: %s", contentType, compress, resp.Status, resp.Header.Get("X-Amzn-Failure-Message"), answer)
		}
		if sent++; srv.Counts().MetricDatums != sent {
			t.Errorf("%s: %d datums, want %d", contentType, srv.Counts().MetricDatums, sent)
		}
	}
	inJSON, err := json.Marshal(badEntity)
	if err != nil {
		t.Fatal(err)
	}
	for _, compress := range []bool{false, true} {
		f("/service/GraniteServiceVersion20100801/operation/PutMetricData", "application/cbor", "", inCBOR, compress)
		f("/", "application/x-amz-json-1.0", "GraniteServiceVersion20100801.PutMetricData", inJSON, compress)
		f("/", "application/x-www-form-urlencoded", "", []byte(badEntityForm), compress)
	}
	got, err := askMetrics(t, cloudwatchClient(srv), shopQuery("n", "Latency", "SampleCount"), shopQuery("p", "Latency", "p50"), shopQuery("s", "Latency", "Sum"))
	if want := "n(Latency)=[42] p(Latency)=[2] s(Latency)=[75]"; err != nil || strings.TrimSpace(got) != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}
