package localaws_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/updraft-otel/updraft/localaws"
)

func describeGroup(t *testing.T, c *cloudwatchlogs.Client, name string) types.LogGroup {
	t.Helper()
	out, err := c.DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &name})
	if err != nil || len(out.LogGroups) != 1 {
		t.Fatalf("%+v, %v", out, err)
	}
	return out.LogGroups[0]
}

func countEvents(t *testing.T, c *cloudwatchlogs.Client, group string) int {
	t.Helper()
	out, err := c.FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &group})
	if err != nil {
		t.Fatal(err)
	}
	return len(out.Events)
}

func TestDeleteLogGroup(t *testing.T) {
	srv := startAt(t, localaws.Config{})
	c := logsClient(srv)
	createStream(t, c, "g", "a")
	createStream(t, c, "g", "b")
	for i := range 3 {
		mustPut(t, c, "g", "a", event(time.Duration(3-i)*time.Second, `{"trace_id":"5759e988bd862e3fe1be46a994272793"}`))
	}
	mustPut(t, c, "g", "b", event(0, "m"))
	deleteStream := func(name string) error {
		_, err := c.DeleteLogStream(t.Context(), &cloudwatchlogs.DeleteLogStreamInput{LogGroupName: aws.String("g"), LogStreamName: &name})
		return err
	}
	deleteGroup := func(name string) error {
		_, err := c.DeleteLogGroup(t.Context(), &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: &name})
		return err
	}
	protect := func(on bool) {
		t.Helper()
		if _, err := c.PutLogGroupDeletionProtection(t.Context(), &cloudwatchlogs.PutLogGroupDeletionProtectionInput{
			LogGroupIdentifier: aws.String("g"), DeletionProtectionEnabled: &on,
		}); err != nil {
			t.Fatal(err)
		}
	}
	protect(true)
	if g := describeGroup(t, c, "g"); !*g.DeletionProtectionEnabled {
		t.Errorf("%+v", g)
	}
	wantError(t, deleteGroup("g"), "ValidationException", "deletion protection")
	wantError(t, deleteStream("a"), "ValidationException", "deletion protection")
	refusedBy(t, srv, "logs.group.protected")
	protect(false)
	if err := deleteStream("a"); err != nil {
		t.Error(err)
	}
	wantError(t, deleteStream("a"), "ResourceNotFoundException", "The specified log stream does not exist.")
	if n := countEvents(t, c, "g"); n != 1 {
		t.Errorf("%d events are left, want 1", n)
	}
	if err := deleteGroup("g"); err != nil {
		t.Error(err)
	}
	wantError(t, deleteGroup("g"), "ResourceNotFoundException", "The specified log group does not exist.")
	if n := srv.Counts(); n.LogEvents != 0 {
		t.Errorf("after all is deleted: %+v", n)
	}
}

func TestPutRetentionPolicy(t *testing.T) {
	var now atomic.Int64
	now.Store(testNow.UnixMilli())
	srv := startAt(t, localaws.Config{Now: func() time.Time { return time.UnixMilli(now.Load()) }})
	c := logsClient(srv)
	createStream(t, c, "g", "s")
	retain := func(days int32) error {
		_, err := c.PutRetentionPolicy(t.Context(), &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: aws.String("g"), RetentionInDays: &days})
		return err
	}
	mustPut(t, c, "g", "s", event(6*24*time.Hour, "old"))
	mustPut(t, c, "g", "s", event(2*24*time.Hour, "two days"))
	mustPut(t, c, "g", "s", event(time.Hour, "new"))
	for _, days := range []int32{0, 2, 13, 3654, -1} {
		wantError(t, retain(days), "InvalidParameterException", fmt.Sprintf("Value '%d' at 'retentionInDays'", days))
	}
	refusedBy(t, srv, "logs.retention.days")
	for _, days := range []int32{3653, 1} {
		if err := retain(days); err != nil {
			t.Fatal(err)
		}
		if g := describeGroup(t, c, "g"); *g.RetentionInDays != days {
			t.Errorf("%+v", g)
		}
	}
	if n := countEvents(t, c, "g"); n != 1 {
		t.Errorf("%d events within a day, want 1", n)
	}
	now.Add(time.Hour.Milliseconds())
	out, err := put(t.Context(), c, "g", "s", event(23*time.Hour+time.Millisecond, "gone"), event(23*time.Hour, "kept"))
	if err != nil || out.RejectedLogEventsInfo == nil || *out.RejectedLogEventsInfo.ExpiredLogEventEndIndex != 1 {
		t.Errorf("%+v, %v", out, err)
	}
	if n := countEvents(t, c, "g"); n != 2 {
		t.Errorf("%d events, want 2", n)
	}
	now.Add(1)
	if n := countEvents(t, c, "g"); n != 1 {
		t.Errorf("%d events a millisecond later, want 1", n)
	}
	if _, err := c.DeleteRetentionPolicy(t.Context(), &cloudwatchlogs.DeleteRetentionPolicyInput{LogGroupName: aws.String("g")}); err != nil {
		t.Fatal(err)
	}
	if g := describeGroup(t, c, "g"); g.RetentionInDays != nil {
		t.Errorf("%+v", g)
	}
	mustPut(t, c, "g", "s", event(10*24*time.Hour, "old again"))
	if n := countEvents(t, c, "g"); n != 2 {
		t.Errorf("%d events, want 2", n)
	}
}

func TestLogTags(t *testing.T) {
	srv := startAt(t, localaws.Config{})
	c := logsClient(srv)
	if _, err := c.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{
		LogGroupName: aws.String("g"), Tags: map[string]string{"a": "1"}, KmsKeyId: aws.String("key"), DeletionProtectionEnabled: aws.Bool(true),
	}); err != nil {
		t.Fatal(err)
	}
	g := describeGroup(t, c, "g")
	if *g.KmsKeyId != "key" || !*g.DeletionProtectionEnabled {
		t.Errorf("%+v", g)
	}
	tag := func(tags map[string]string) error {
		_, err := c.TagResource(t.Context(), &cloudwatchlogs.TagResourceInput{ResourceArn: g.LogGroupArn, Tags: tags})
		return err
	}
	want := func(want string) {
		t.Helper()
		out, err := c.ListTagsForResource(t.Context(), &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: g.LogGroupArn})
		if err != nil || fmt.Sprint(out.Tags) != want {
			t.Errorf("%+v, %v", out, err)
		}
	}
	if err := tag(map[string]string{"a": "2", "b": "größe / x"}); err != nil {
		t.Error(err)
	}
	want("map[a:2 b:größe / x]")
	wantError(t, tag(map[string]string{"c": "a*b"}), "InvalidParameterException", "regular expression")
	wantError(t, tag(map[string]string{strings.Repeat("k", 129): ""}), "InvalidParameterException", "128")
	many := map[string]string{}
	for i := range 49 {
		many[fmt.Sprint(i)] = ""
	}
	wantError(t, tag(many), "TooManyTagsException", "51")
	delete(many, "0")
	if err := tag(many); err != nil {
		t.Error(err)
	}
	keys := []string{"a", "none"}
	for k := range many {
		keys = append(keys, k)
	}
	if _, err := c.UntagResource(t.Context(), &cloudwatchlogs.UntagResourceInput{ResourceArn: g.LogGroupArn, TagKeys: keys}); err != nil {
		t.Error(err)
	}
	want("map[b:größe / x]")
	if _, err := c.AssociateKmsKey(t.Context(), &cloudwatchlogs.AssociateKmsKeyInput{LogGroupName: aws.String("g"), KmsKeyId: aws.String("k2")}); err != nil {
		t.Error(err)
	}
	if g := describeGroup(t, c, "g"); *g.KmsKeyId != "k2" {
		t.Errorf("%+v", g)
	}
	if _, err := c.DisassociateKmsKey(t.Context(), &cloudwatchlogs.DisassociateKmsKeyInput{ResourceIdentifier: g.LogGroupArn}); err != nil {
		t.Error(err)
	}
	if g := describeGroup(t, c, "g"); g.KmsKeyId != nil {
		t.Errorf("%+v", g)
	}
	_, err := c.TagResource(t.Context(), &cloudwatchlogs.TagResourceInput{ResourceArn: g.Arn, Tags: map[string]string{"a": "b"}})
	wantError(t, err, "InvalidParameterException", "ARN")
}

// What was changed or deleted is so after a restart.
func TestDataDir_logSettings(t *testing.T) {
	cfg := localaws.Config{DataDir: t.TempDir(), NoAuth: true, Now: func() time.Time { return testNow }}
	start := func() (*localaws.Server, *cloudwatchlogs.Client) {
		srv, err := localaws.Start(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		return srv, logsClient(srv)
	}
	srv, c := start()
	for _, name := range []string{"g", "away"} {
		createStream(t, c, name, "s")
		mustPut(t, c, name, "s", event(time.Minute, "m"))
	}
	_, err := c.PutRetentionPolicy(t.Context(), &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: aws.String("g"), RetentionInDays: aws.Int32(7)})
	if err != nil {
		t.Fatal(err)
	}
	arn := describeGroup(t, c, "g").LogGroupArn
	if _, err := c.TagResource(t.Context(), &cloudwatchlogs.TagResourceInput{ResourceArn: arn, Tags: map[string]string{"k": "v"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.DeleteLogGroup(t.Context(), &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: aws.String("away")}); err != nil {
		t.Fatal(err)
	}
	if err := srv.Close(); err != nil {
		t.Fatal(err)
	}
	srv, c = start()
	defer func() { _ = srv.Close() }()
	_, err = c.DeleteLogGroup(t.Context(), &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: aws.String("away")})
	wantError(t, err, "ResourceNotFoundException", "group")
	g := describeGroup(t, c, "g")
	tags, err := c.ListTagsForResource(t.Context(), &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: arn})
	if err != nil || tags.Tags["k"] != "v" || *g.RetentionInDays != 7 || countEvents(t, c, "g") != 1 {
		t.Errorf("%+v, %+v, %v, %+v", g, tags, err, srv.Counts())
	}
}
