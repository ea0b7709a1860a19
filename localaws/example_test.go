package localaws_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/xray"

	"github.com/updraft-otel/updraft/localaws"
)

func ExampleStart() {
	ctx := context.Background()
	srv, err := localaws.Start(ctx, localaws.Config{}) // in a test: t.Context()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()

	client := xray.NewFromConfig(aws.Config{
		Region:       localaws.Region,
		BaseEndpoint: aws.String(srv.URL()),
		Credentials:  credentials.NewStaticCredentialsProvider(localaws.AccessKeyID, localaws.SecretAccessKey, ""),
	})
	out, err := client.PutTraceSegments(ctx, &xray.PutTraceSegmentsInput{TraceSegmentDocuments: []string{
		`{"name":"web","id":"70de5b6f19ff9a0a","trace_id":"1-581cf771-a006649127e371903a2de979","start_time":1478293361.271,"end_time":1478293361.449}`,
		`{"name":"what?","id":"70de5b6f19ff9a0b","trace_id":"1-581cf771-a006649127e371903a2de979","start_time":1478293361.271,"end_time":1478293361.449}`,
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(srv.Counts().Segments, "kept,", len(out.UnprocessedTraceSegments), "refused")
	for _, r := range srv.Refused() {
		fmt.Printf("%s: %s is %s. %s\n", r.Message, r.Field, r.Value, r.Rule.Fix)
	}
	// Output:
	// 1 kept, 1 refused
	// Invalid name "what?": name is what?. Replace other characters, often ? ( ) * $ ' in operation names.
}

func ExampleServer_Control() {
	srv, err := localaws.Start(context.Background(), localaws.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()
	// The first two calls are throttled, the third loses its answer on the way.
	stop := srv.Control("PutTraceSegments", func(c *localaws.Call) *localaws.Fault {
		switch {
		case c.N <= 2:
			return localaws.Throttle()
		case c.N == 3:
			return &localaws.Fault{AfterCall: true}
		}
		return nil
	})
	defer stop()
}
