package awsapi

import "context"

// Limits of PutMetricData.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
const (
	// MaxMetricData is the most datums of a call.
	MaxMetricData = 1_000
	// MaxMetricDataBytes is the most bytes of a call's body, before compression. AWS says 1 MB; this is the smaller
	// reading.
	MaxMetricDataBytes = 1_000_000
	// MaxNamespaceBytes is the longest namespace.
	MaxNamespaceBytes = 255
)

// PutMetricData sends n datums, datum(0) to datum(n-1), each a MetricDatum encoded as a CBOR map. A datum is not kept
// after datum is called again. CloudWatch takes all of them or none.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
func (c *Client) PutMetricData(ctx context.Context, namespace string, n int, datum func(i int) []byte) error {
	k := call{
		operation:   "PutMetricData",
		path:        "/service/GraniteServiceVersion20100801/operation/PutMetricData",
		contentType: "application/cbor",
		// Query mode asks for the error codes that everyone knows from CloudWatch's older protocol.
		header:   [][2]string{{"Smithy-Protocol", "rpc-v2-cbor"}, {"Accept", "application/cbor"}, {"X-Amzn-Query-Mode", "true"}},
		compress: true,
	}
	if err := c.check(k, CloudWatch, n, MaxMetricData); err != nil || n <= 0 {
		return err
	}
	body := c.bodies.new()
	body.data = appendCBORHead(body.data, cborMap, 2)
	body.data = appendCBORText(appendCBORText(body.data, "Namespace"), namespace)
	body.data = appendCBORHead(appendCBORText(body.data, "MetricData"), cborArray, uint64(n))
	for i := range n {
		body.data = append(body.data, datum(i)...)
	}
	_, err := c.do(ctx, k, body)
	return err
}
