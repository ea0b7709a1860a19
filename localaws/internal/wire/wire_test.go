package wire

import (
	"bytes"
	"errors"
	"math"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
)

type dimension struct {
	Name  string `json:"Name"`
	Value string `json:"Value"`
}

type datum struct {
	MetricName string      `json:"MetricName"`
	Dimensions []dimension `json:"Dimensions,omitempty"`
	Timestamp  *Time       `json:"Timestamp,omitempty"`
	Value      *float64    `json:"Value,omitempty"`
	Values     []float64   `json:"Values,omitempty"`
	Resolution *int        `json:"StorageResolution,omitempty"`
}

type request struct {
	Namespace string            `json:"Namespace"`
	Strict    *bool             `json:"StrictEntityValidation,omitempty"`
	Data      []datum           `json:"MetricData"`
	Tags      map[string]string `json:"Tags,omitempty"`
}

func ptr[T any](v T) *T { return &v }

// sample is one request in all its forms.
var sample = request{
	Namespace: "shop & co",
	Strict:    ptr(true),
	Data: []datum{
		{MetricName: "latency", Dimensions: []dimension{{"Route", "/a?b=1"}, {"Method", "GET"}}, Timestamp: TimePtr(time.UnixMilli(1795435200125)), Value: ptr(1.5), Resolution: ptr(60)},
		{MetricName: "sizes", Values: []float64{1, 2.25, 1e300}},
	},
	Tags: map[string]string{"team": "blue"},
}

const sampleJSON = `{"Namespace":"shop & co","StrictEntityValidation":true,"MetricData":[` +
	`{"MetricName":"latency","Dimensions":[{"Name":"Route","Value":"/a?b=1"},{"Name":"Method","Value":"GET"}],"Timestamp":1795435200.125,"Value":1.5,"StorageResolution":60},` +
	`{"MetricName":"sizes","Values":[1,2.25,1e+300]}],"Tags":{"team":"blue"},"Unknown":[1]}`

const sampleForm = "Action=PutMetricData&Version=2010-08-01&Namespace=shop+%26+co&StrictEntityValidation=true" +
	"&MetricData.member.1.MetricName=latency&MetricData.member.1.Timestamp=2026-11-23T12%3A00%3A00.125Z&MetricData.member.1.Value=1.5&MetricData.member.1.StorageResolution=60" +
	"&MetricData.member.1.Dimensions.member.1.Name=Route&MetricData.member.1.Dimensions.member.1.Value=%2Fa%3Fb%3D1" +
	"&MetricData.member.1.Dimensions.member.2.Name=Method&MetricData.member.1.Dimensions.member.2.Value=GET" +
	"&MetricData.member.2.MetricName=sizes&MetricData.member.2.Values.member.1=1&MetricData.member.2.Values.member.2=2.25&MetricData.member.2.Values.member.3=1e300" +
	"&Tags.entry.1.key=team&Tags.entry.1.value=blue"

func TestDecode(t *testing.T) {
	f := func(p Protocol, body string) {
		t.Helper()
		var got request
		if err := NewInput(p, []byte(body)).Decode(&got); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, sample) {
			t.Errorf("%s: got %+v", p, got)
		}
	}
	cborBody, err := encodeCBOR(sample)
	if err != nil {
		t.Fatal(err)
	}
	f(JSON10, sampleJSON)
	f(JSON11, sampleJSON+"\n")
	f(RestJSON, sampleJSON)
	f(CBOR, string(cborBody))
	f(Query, sampleForm)
	f(Query, strings.ReplaceAll(sampleForm, ".member.", ".")) // flattened lists
}

func TestDecode_empty(t *testing.T) {
	for _, p := range []Protocol{RestJSON, JSON10, JSON11, CBOR, Query} {
		var got request
		if err := NewInput(p, nil).Decode(&got); err != nil || got.Data != nil {
			t.Errorf("%s: %v, %+v", p, err, got)
		}
	}
	var got request
	if err := NewInput(Query, []byte("MetricData=&Namespace=x")).Decode(&got); err != nil || got.Data == nil || len(got.Data) != 0 {
		t.Errorf("empty list: %v, %+v", err, got)
	}
}

func TestDecode_bad(t *testing.T) {
	f := func(p Protocol, body string) {
		t.Helper()
		var got request
		var bad *DecodeError
		if err := NewInput(p, []byte(body)).Decode(&got); !errors.As(err, &bad) || bad.Protocol != p {
			t.Errorf("%s %q: %v", p, body, err)
		}
	}
	f(JSON11, `{"Namespace":1}`)
	f(JSON11, `{"Namespace":"a"} {}`)
	f(JSON11, `[]`)
	f(JSON11, `{"MetricData":[{"Timestamp":"soon"}]}`)
	f(JSON11, `{"MetricData":[{"Timestamp":1e30}]}`)
	f(CBOR, "\x80")
	f(CBOR, "\xa1\x69Namespace\x01")
	f(CBOR, "\xbf\x69Namespace") // cut short
	f(CBOR, "\xa1\x6aMetricData\x9b\xff\xff\xff\xff\xff\xff\xff\xff")
	f(CBOR, "\xa1\x6aMetricData\x81\xa1\x69Timestamp\x01") // no tag
	f(Query, "Namespace.x=1")
	f(Query, "MetricData.member.x.MetricName=a")
	f(Query, "MetricData.member.-1.MetricName=a")
	f(Query, "MetricData.member.1.Value=0x10")
	f(Query, "StrictEntityValidation=yes")
	f(Query, "Namespace=%zz")
	f(Query, strings.Repeat("a.", 100)+"b=1")
	f(Query, "MetricData.member.1.Timestamp=")
}

func TestDecode_specialNumbers(t *testing.T) {
	var got request
	if err := NewInput(Query, []byte("MetricData.member.1.Values.member.1=NaN&MetricData.member.1.Values.member.2=-Infinity")).Decode(&got); err != nil {
		t.Fatal(err)
	}
	if v := got.Data[0].Values; !math.IsNaN(v[0]) || !math.IsInf(v[1], -1) {
		t.Errorf("got %v", v)
	}
	body, err := encodeCBOR(map[string]any{"MetricData": []any{map[string]any{"Value": 3, "Values": []any{math.NaN(), float32(0.5), uint64(7)}}}})
	if err != nil {
		t.Fatal(err)
	}
	got = request{}
	if err := NewInput(CBOR, body).Decode(&got); err != nil {
		t.Fatal(err)
	}
	if v := got.Data[0].Values; *got.Data[0].Value != 3 || !math.IsNaN(v[0]) || v[1] != 0.5 || v[2] != 7 {
		t.Errorf("got %+v", got.Data[0])
	}
}

func TestEncode(t *testing.T) {
	f := func(p Protocol, out any, want string) {
		t.Helper()
		got, err := Encode(p, "ListMetrics", "id-1", out)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s:\n%s\nwant\n%s", p, got, want)
		}
	}
	f(JSON11, sample, strings.Replace(sampleJSON, `,"Unknown":[1]`, "", 1))
	f(JSON11, nil, "")
	f(RestJSON, &struct{}{}, "{}")
	f(CBOR, nil, "\xa0")
	f(CBOR, struct {
		At Time `json:"At"`
	}{NewTime(time.Unix(1, 5e8))}, "\xa1\x62At\xc1\xfb\x3f\xf8\x00\x00\x00\x00\x00\x00")
	const head = `<ListMetricsResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/">`
	const tail = `<ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></ListMetricsResponse>`
	f(Query, nil, head+tail)
	f(Query, &struct{}{}, head+tail)
	f(Query, &sample, head+`<ListMetricsResult><Namespace>shop &amp; co</Namespace><StrictEntityValidation>true</StrictEntityValidation><MetricData>`+
		`<member><MetricName>latency</MetricName><Dimensions><member><Name>Route</Name><Value>/a?b=1</Value></member><member><Name>Method</Name><Value>GET</Value></member></Dimensions>`+
		`<Timestamp>2026-11-23T12:00:00.125Z</Timestamp><Value>1.5</Value><StorageResolution>60</StorageResolution></member>`+
		`<member><MetricName>sizes</MetricName><Values><member>1</member><member>2.25</member><member>1`+strings.Repeat("0", 300)+`</member></Values></member></MetricData>`+
		`<Tags><entry><key>team</key><value>blue</value></entry></Tags></ListMetricsResult>`+tail)
	if _, err := Encode(Query, "Op", "id", struct{ C chan int }{}); err == nil {
		t.Error("a channel has become XML")
	}
}

func TestEncodeError(t *testing.T) {
	e := &Error{Code: "InvalidParameterValueException", Query: "InvalidParameterValue", Message: "bad <value>", Status: http.StatusBadRequest,
		Header: http.Header{"Retry-After": {"3"}}}
	f := func(p Protocol, wantBody, wantHeader, wantValue string) {
		t.Helper()
		h := http.Header{}
		got := EncodeError(p, "id-1", e, h)
		if string(got) != wantBody {
			t.Errorf("%s: %q", p, got)
		}
		if h.Get(wantHeader) != wantValue || h.Get("Retry-After") != "3" {
			t.Errorf("%s: %v", p, h)
		}
	}
	f(RestJSON, `{"Message":"bad <value>"}`, "X-Amzn-Errortype", "InvalidParameterValueException")
	f(JSON11, `{"__type":"InvalidParameterValueException","message":"bad <value>"}`, "X-Amzn-Query-Error", "")
	f(JSON10, `{"__type":"InvalidParameterValueException","message":"bad <value>"}`, "X-Amzn-Query-Error", "InvalidParameterValue;Sender")
	f(CBOR, "\xa2\x66__type\x78\x1eInvalidParameterValueException\x67message\x6bbad <value>", "X-Amzn-Query-Error", "InvalidParameterValue;Sender")
	f(Query, `<ErrorResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"><Error><Type>Sender</Type><Code>InvalidParameterValue</Code>`+
		`<Message>bad &lt;value&gt;</Message></Error><RequestId>id-1</RequestId></ErrorResponse>`, "X-Amzn-Errortype", "")
	e.Members = struct {
		At int `json:"at"`
	}{7}
	f(JSON11, `{"__type":"InvalidParameterValueException","message":"bad <value>","at":7}`, "Retry-After", "3")
}

func TestDecompress(t *testing.T) {
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, _ = w.Write(bytes.Repeat([]byte("a"), 1000))
	_ = w.Close()
	if got, err := Decompress("gzip", zipped.Bytes(), 1000); err != nil || len(got) != 1000 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if _, err := Decompress("gzip", zipped.Bytes(), 999); !errors.Is(err, ErrTooLarge) {
		t.Errorf("bomb: %v", err)
	}
	if _, err := Decompress("gzip", zipped.Bytes()[:20], 1000); err == nil {
		t.Error("cut short, and no error")
	}
	if _, err := Decompress("br", nil, 1); err == nil {
		t.Error("brotli is not supported")
	}
	if got, err := Decompress("", []byte("as it is"), 1); err != nil || string(got) != "as it is" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestFormValue(t *testing.T) {
	if got := FormValue([]byte(sampleForm), "Action"); got != "PutMetricData" {
		t.Errorf("got %q", got)
	}
	if got := FormValue([]byte("a=%zz"), "Action"); got != "" {
		t.Errorf("got %q", got)
	}
}

// The form's parser reads what net/url reads.
func FuzzQuery(f *testing.F) {
	f.Add(sampleForm)
	f.Add("a=1&b=%20&&c&=d")
	f.Add("MetricData.member.1.Values.member.9999999999999999999=1")
	f.Fuzz(func(t *testing.T, form string) {
		var got request
		_ = NewInput(Query, []byte(form)).Decode(&got)
		want, err := url.ParseQuery(form)
		if err != nil || strings.Contains(form, ";") {
			return
		}
		for k := range want {
			if got := FormValue([]byte(form), k); got != want.Get(k) {
				t.Errorf("%q: %q, net/url says %q", k, got, want.Get(k))
			}
		}
	})
}

func FuzzCBOR(f *testing.F) {
	body, err := encodeCBOR(sample)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body)
	f.Add([]byte("\xbf\x69Namespace\x7f\x61a\x61b\xff\xff"))
	f.Fuzz(func(t *testing.T, body []byte) {
		var got request
		if NewInput(CBOR, body).Decode(&got) != nil {
			return
		}
		again, err := encodeCBOR(got)
		if err != nil {
			t.Fatal(err)
		}
		if err := NewInput(CBOR, again).Decode(new(request)); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(sampleJSON))
	f.Add([]byte(`{"MetricData":[{"Timestamp":-62135596801}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var got request
		if NewInput(JSON11, body).Decode(&got) != nil {
			return
		}
		for _, p := range []Protocol{JSON11, CBOR, Query} {
			if _, err := Encode(p, "Op", "id", &got); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func BenchmarkDecodeQuery(b *testing.B) {
	b.ReportAllocs()
	b.SetBytes(int64(len(sampleForm)))
	for b.Loop() {
		var got request
		if err := NewInput(Query, []byte(sampleForm)).Decode(&got); err != nil {
			b.Fatal(err)
		}
	}
}
