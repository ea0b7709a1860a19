package localaws

import (
	"encoding/base64"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/aws/aws-sdk-go-v2/service/xray/types"
)

// TestPutTraceSegments_otlp sends OTLP among segment documents, as the CloudWatch agent does.
func TestPutTraceSegments_otlp(t *testing.T) {
	srv := startTest(t, Config{})
	client := xray.New(xray.Options{BaseEndpoint: aws.String(srv.URL()), Region: Region, Credentials: credentials.NewStaticCredentialsProvider(AccessKeyID, SecretAccessKey, "")})
	otlp := "T1S" + base64.StdEncoding.EncodeToString(encodeSpans(t, otlpSpans(3, time.Now())))
	out, err := client.PutTraceSegments(t.Context(), &xray.PutTraceSegmentsInput{TraceSegmentDocuments: []string{
		otlp, "T1Sno base64", "T1S" + base64.StdEncoding.EncodeToString([]byte("no protobuf")),
	}})
	if err != nil {
		t.Fatal(err)
	}
	if n := srv.Counts().Segments; n != 3 || len(out.UnprocessedTraceSegments) != 2 {
		t.Errorf("%d segments, unprocessed %v; want 3 and the two that are no OTLP", n, out.UnprocessedTraceSegments)
	}
}

func TestPutTelemetryRecords(t *testing.T) {
	srv := startTest(t, Config{})
	client := xray.New(xray.Options{BaseEndpoint: aws.String(srv.URL()), Region: Region, Credentials: credentials.NewStaticCredentialsProvider(AccessKeyID, SecretAccessKey, "")})
	_, err := client.PutTelemetryRecords(t.Context(), &xray.PutTelemetryRecordsInput{
		TelemetryRecords: []types.TelemetryRecord{{Timestamp: aws.Time(time.Now()), SegmentsSentCount: aws.Int32(3)}}, Hostname: aws.String("here"),
	})
	if err != nil {
		t.Error(err)
	}
}
