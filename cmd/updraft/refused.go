package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/xray"

	"github.com/updraft-otel/updraft/localaws"
)

// badName is what X-Ray does not take as a segment's name: it has parentheses.
const badName = "checkout (beta)"

// sendRefused sends one segment that AWS would refuse, with the real AWS SDK,
// so that the console's Refused page has something to explain. The library
// would have repaired the name; an application that writes documents itself
// finds out here.
func sendRefused(ctx context.Context, srv *localaws.Server, now time.Time) error {
	start := float64(now.UnixMilli()) / 1000
	document := fmt.Sprintf(`{"trace_id":"1-%08x-0000000000000000deadbeef","id":"00000000deadbeef","name":%q,"start_time":%s,"end_time":%s}`,
		now.Unix(), badName, decimal(start-0.1), decimal(start))
	out, err := xrayClient(srv).PutTraceSegments(ctx, &xray.PutTraceSegmentsInput{TraceSegmentDocuments: []string{document}})
	if err != nil {
		return fmt.Errorf("send a segment to be refused: %w", err)
	}
	if len(out.UnprocessedTraceSegments) != 1 {
		return fmt.Errorf("a segment named %q was not refused", badName)
	}
	return nil
}

// xrayClient is the real AWS SDK's client for the local X-Ray.
func xrayClient(srv *localaws.Server) *xray.Client {
	return xray.New(xray.Options{
		Region:       localaws.Region,
		BaseEndpoint: aws.String(srv.URL()),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: localaws.AccessKeyID, SecretAccessKey: localaws.SecretAccessKey}, nil
		}),
	})
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'f', 3, 64) }
