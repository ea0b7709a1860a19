package xray

import (
	"encoding/json"
	"maps"
	"testing"

	"go.opentelemetry.io/otel/attribute"
)

// TestAppendSegment_awsResources: what a call is about, by which X-Ray names
// the node it draws.
func TestAppendSegment_awsResources(t *testing.T) {
	f := func(attributes []attribute.KeyValue, want map[string]any) {
		t.Helper()
		var d struct {
			Namespace string
			AWS       map[string]any
			Metadata  map[string]map[string]any
		}
		s := client(append(attributes, attribute.String("rpc.system", "aws-api"), attribute.String("rpc.service", "X"))...)
		if err := json.Unmarshal(AppendSegment(nil, s), &d); err != nil {
			t.Fatal(err)
		}
		delete(d.AWS, "xray")
		if d.Namespace != "aws" || !maps.Equal(d.AWS, want) {
			t.Errorf("%v: %v, want %v", attributes, d.AWS, want)
		}
		for _, kv := range attributes {
			// Tables stay metadata besides, as the collector has them.
			if _, twice := d.Metadata["default"][string(kv.Key)]; twice && kv.Key != "aws.dynamodb.table_names" {
				t.Errorf("%s is metadata too", kv.Key)
			}
		}
	}
	f([]attribute.KeyValue{attribute.String("aws.lambda.function.name", "checkout")}, map[string]any{"function_name": "checkout"})
	f([]attribute.KeyValue{attribute.String("aws.s3.bucket", "b")}, map[string]any{"bucket_name": "b"})
	f([]attribute.KeyValue{attribute.String("aws.sns.topic.arn", "arn:x")}, map[string]any{"topic_arn": "arn:x"})
	f([]attribute.KeyValue{attribute.StringSlice("aws.dynamodb.table_names", []string{"t"})}, map[string]any{"table_name": "t"})
	f([]attribute.KeyValue{attribute.String("aws.sqs.queue.url", "u"), attribute.String("aws.queue_url", "u")}, map[string]any{"queue_url": "u"})
	f([]attribute.KeyValue{attribute.String("aws.region", "r"), attribute.String("cloud.region", "r"), attribute.String("rpc.method", "m")},
		map[string]any{"region": "r", "operation": "m"})
}
