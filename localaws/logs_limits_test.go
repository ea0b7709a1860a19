package localaws_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/updraft-otel/updraft/localaws"
)

// refusedBy checks that the newest refusal is by the rule.
func refusedBy(t *testing.T, srv *localaws.Server, rule string) {
	t.Helper()
	list := srv.Refused()
	if len(list) == 0 || list[0].Rule.ID != rule {
		t.Errorf("the newest refusal is not by %s: %+v", rule, list[:min(1, len(list))])
	}
}

func TestCreateLogGroup_limits(t *testing.T) {
	srv := startAt(t, localaws.Config{})
	c := logsClient(srv)
	create := func(name string, change ...func(*cloudwatchlogs.CreateLogGroupInput)) error {
		in := &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &name}
		for _, f := range change {
			f(in)
		}
		_, err := c.CreateLogGroup(t.Context(), in)
		return err
	}
	good := func(name string, change ...func(*cloudwatchlogs.CreateLogGroupInput)) {
		t.Helper()
		if err := create(name, change...); err != nil {
			t.Errorf("%.30s: %v", name, err)
		}
	}
	bad := func(rule, name, text string, change ...func(*cloudwatchlogs.CreateLogGroupInput)) {
		t.Helper()
		wantError(t, create(name, change...), "InvalidParameterException", text)
		refusedBy(t, srv, rule)
	}
	good(strings.Repeat("a", 511))
	good(strings.Repeat("b", 512))
	bad("logs.group.length", strings.Repeat("c", 513), "at 'logGroupName' failed to satisfy constraint: Member must have length less than or equal to 512")
	bad("logs.group.length", "", "Member must have length")
	good("A-Z_a.z/0#9")
	bad("logs.group.characters", "no spaces", `Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+`)
	bad("logs.group.characters", "größe", "Value 'größe' at 'logGroupName'")
	bad("logs.group.prefix", "aws/x", "aws/")
	good("/aws/lambda/x")
	good("class", func(in *cloudwatchlogs.CreateLogGroupInput) { in.LogGroupClass = types.LogGroupClassInfrequentAccess })
	bad("logs.group.class", "class2", "enum value set", func(in *cloudwatchlogs.CreateLogGroupInput) { in.LogGroupClass = "CHEAP" })

	tags := func(n, key, value int) func(*cloudwatchlogs.CreateLogGroupInput) {
		return func(in *cloudwatchlogs.CreateLogGroupInput) {
			in.Tags = map[string]string{}
			for i := range n {
				in.Tags[fmt.Sprintf("%0*d", key, i)] = strings.Repeat("v", value)
			}
		}
	}
	good("tags", tags(50, 128, 256))
	bad("logs.group.tags", "tags2", "less than or equal to 50", tags(51, 3, 1))
	bad("logs.group.tags", "tags2", "less than or equal to 128", tags(1, 129, 1))
	bad("logs.group.tags", "tags2", "less than or equal to 256", tags(1, 1, 257))
	wantError(t, create("tags"), "ResourceAlreadyExistsException", "The specified log group already exists")
}

func TestCreateLogStream_limits(t *testing.T) {
	srv := startAt(t, localaws.Config{})
	c := logsClient(srv)
	createStream(t, c, "g", "s")
	create := func(group, stream string) error {
		_, err := c.CreateLogStream(t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: &group, LogStreamName: &stream})
		return err
	}
	for _, name := range []string{strings.Repeat("a", 511), strings.Repeat("b", 512), "[ip] größe/ with spaces"} {
		if err := create("g", name); err != nil {
			t.Errorf("%.30s: %v", name, err)
		}
	}
	wantError(t, create("g", strings.Repeat("c", 513)), "InvalidParameterException", "at 'logStreamName'")
	refusedBy(t, srv, "logs.stream.length")
	wantError(t, create("g", "a:b"), "InvalidParameterException", "[^:*]*")
	wantError(t, create("g", "a*b"), "InvalidParameterException", "[^:*]*")
	refusedBy(t, srv, "logs.stream.characters")
	wantError(t, create("g", "s"), "ResourceAlreadyExistsException", "The specified log stream already exists")
	wantError(t, create("nope", "s"), "ResourceNotFoundException", "The specified log group does not exist.")
}

// message is a message of n bytes.
func message(n int) string { return strings.Repeat("x", n) }

func TestPutLogEvents_limits(t *testing.T) {
	srv := startAt(t, localaws.Config{})
	c := logsClient(srv)
	createStream(t, c, "g", "s")
	good := func(title string, events ...types.InputLogEvent) {
		t.Helper()
		before := srv.Counts().LogEvents
		out, err := put(t.Context(), c, "g", "s", events...)
		if err != nil || out.RejectedLogEventsInfo != nil {
			t.Errorf("%s: %+v, %v", title, out, err)
		}
		if n := srv.Counts().LogEvents - before; n != len(events) {
			t.Errorf("%s: %d of %d events are stored", title, n, len(events))
		}
	}
	bad := func(rule, text string, events ...types.InputLogEvent) {
		t.Helper()
		before := srv.Counts().LogEvents
		_, err := put(t.Context(), c, "g", "s", events...)
		wantError(t, err, "InvalidParameterException", text)
		refusedBy(t, srv, rule)
		if n := srv.Counts().LogEvents - before; n != 0 {
			t.Errorf("%s: %d events are stored", rule, n)
		}
	}
	many := func(n int) []types.InputLogEvent { return slices.Repeat([]types.InputLogEvent{event(0, "m")}, n) }

	// events
	bad("logs.events.required", "greater than or equal to 1")
	good("1 event", many(1)...)
	good("9,999 events", many(9_999)...)
	good("10,000 events", many(10_000)...)
	bad("logs.events.count", "less than or equal to 10000", many(10_001)...)

	// bytes of an event and of a batch, 26 for each event
	good("event one byte under", event(0, message(1_048_576-26-1)))
	good("event at the limit", event(0, message(1_048_576-26)))
	bad("logs.event.size", "Log event too large: 1048577 bytes exceeds limit of 1048576", event(0, message(1_048_576-26+1)))
	good("batch one byte under", event(0, message(500_000)), event(0, message(548_576-52-1)))
	good("batch at the limit", event(0, message(500_000)), event(0, message(548_576-52)))
	bad("logs.batch.size", "Upload too large: 1048577 bytes exceeds limit of 1048576", event(0, message(500_000)), event(0, message(548_576-52+1)))
	good("bytes in UTF-8", event(0, strings.Repeat("ä", 524_288-13)))
	bad("logs.event.size", "Log event too large: 1048578", event(0, strings.Repeat("ä", 524_288-13+1)))

	// messages and timestamps
	bad("logs.message.empty", "at 'logEvents.2.member.message'", event(0, "m"), event(0, ""))
	bad("logs.timestamp.negative", "Value '-1'", types.InputLogEvent{Timestamp: aws.Int64(-1), Message: aws.String("m")})

	// order and span
	good("same time", event(0, "a"), event(0, "b"))
	bad("logs.batch.order", "must be in chronological order", event(0, "a"), event(time.Millisecond, "b"))
	good("just under 24 hours", event(24*time.Hour-time.Millisecond, "a"), event(0, "b"))
	good("24 hours", event(24*time.Hour, "a"), event(0, "b"))
	bad("logs.batch.span", "cannot span more than 24 hours", event(24*time.Hour+time.Millisecond, "a"), event(0, "b"))

	// names and places
	_, err := put(t.Context(), c, "no such", "s", many(1)...)
	wantError(t, err, "InvalidParameterException", "at 'logGroupName'")
	_, err = put(t.Context(), c, "nope", "s", many(1)...)
	wantError(t, err, "ResourceNotFoundException", "The specified log group does not exist.")
	_, err = put(t.Context(), c, "g", "nope", many(1)...)
	wantError(t, err, "ResourceNotFoundException", "The specified log stream does not exist.")
	_, err = c.PutLogEvents(t.Context(), &cloudwatchlogs.PutLogEventsInput{
		LogGroupName: aws.String("g"), LogStreamName: aws.String("s"), LogEvents: many(1), SequenceToken: aws.String("wrong"),
	})
	if err != nil {
		t.Errorf("a wrong sequence token: %v", err)
	}
}

func TestPutLogEvents_rejected(t *testing.T) {
	srv := startAt(t, localaws.Config{})
	c := logsClient(srv)
	createStream(t, c, "g", "s")
	if _, err := c.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{
		LogGroupName: aws.String("delivery"), LogGroupClass: types.LogGroupClassDelivery,
	}); err != nil {
		t.Fatal(err)
	}
	createStream(t, c, "delivery", "s")
	const day, ms = 24 * time.Hour, time.Millisecond
	index := func(p *int32) string {
		if p == nil {
			return "-"
		}
		return fmt.Sprint(*p)
	}
	// The ages of the events; tooOld, expired, tooNew; how many are kept.
	f := func(group, want string, kept int, ages ...time.Duration) {
		t.Helper()
		var events []types.InputLogEvent
		for _, age := range ages {
			events = append(events, event(age, "m"))
		}
		before := srv.Counts().LogEvents
		out, err := put(t.Context(), c, group, "s", events...)
		if err != nil {
			t.Error(err)
			return
		}
		got := "- - -"
		if r := out.RejectedLogEventsInfo; r != nil {
			got = index(r.TooOldLogEventEndIndex) + " " + index(r.ExpiredLogEventEndIndex) + " " + index(r.TooNewLogEventStartIndex)
		}
		if n := srv.Counts().LogEvents - before; got != want || n != kept {
			t.Errorf("%v: got %s with %d kept, want %s with %d", ages, got, n, want, kept)
		}
	}
	f("g", "- - -", 1, 14*day-ms)
	f("g", "- - -", 1, 14*day)
	f("g", "1 - -", 0, 14*day+ms)
	f("g", "- - -", 1, -2*time.Hour+ms)
	f("g", "- - -", 1, -2*time.Hour)
	f("g", "- - 0", 0, -2*time.Hour-ms)
	f("g", "2 - 4", 2, 20*day, 15*day, time.Hour, 0, -3*time.Hour, -4*time.Hour)
	f("g", "2 - 2", 0, 20*day, 15*day, -3*time.Hour)
	f("delivery", "1 2 -", 1, 20*day, 2*day, time.Hour)
	f("delivery", "- 1 -", 0, day+ms)
	f("delivery", "- - -", 1, day)

	before := srv.Counts().Refused
	if _, err := put(t.Context(), c, "g", "s", slices.Repeat([]types.InputLogEvent{event(30*day, "m")}, 500)...); err != nil {
		t.Error(err)
	}
	if n := srv.Counts().Refused - before; n != 100 {
		t.Errorf("%d of 500 old events are told of, want 100", n)
	}
	f("delivery", "- 1 -", 0, day+ms)

	list := srv.Refused()
	if len(list) == 0 || list[0].Rule.ID != "logs.event.expired" || list[0].Call || list[0].Item != "m" {
		t.Errorf("the newest refusal: %+v", list[0])
	}
}

func TestPutLogEvents_entity(t *testing.T) {
	srv := startAt(t, localaws.Config{})
	c := logsClient(srv)
	createStream(t, c, "g", "s")
	f := func(want string, keys map[string]string, attributes int) {
		t.Helper()
		in := &cloudwatchlogs.PutLogEventsInput{
			LogGroupName: aws.String("g"), LogStreamName: aws.String("s"), LogEvents: []types.InputLogEvent{event(0, "m")},
			Entity: &types.Entity{KeyAttributes: keys, Attributes: map[string]string{}},
		}
		for i := range attributes {
			in.Entity.Attributes[fmt.Sprintf("k%d", i)] = "v"
		}
		out, err := c.PutLogEvents(t.Context(), in)
		if err != nil {
			t.Error(err)
			return
		}
		got := ""
		if out.RejectedEntityInfo != nil {
			got = string(out.RejectedEntityInfo.ErrorType)
		}
		if got != want {
			t.Errorf("%v: got %q, want %q", keys, got, want)
		}
	}
	service := map[string]string{"Type": "Service", "Name": "web", "Environment": "prod"}
	f("", service, 10)
	f("InvalidAttributes", service, 11)
	f("InvalidKeyAttributes", map[string]string{"Type": "Service"}, 0)
	f("InvalidKeyAttributes", map[string]string{"Type": "Service", "name": "web"}, 0)
	f("MissingRequiredFields", map[string]string{"Type": "Service", "Name": "web"}, 0)
	f("InvalidTypeValue", map[string]string{"Type": "Thing", "Name": "web"}, 0)
	f("", map[string]string{"Type": "AWS::Resource", "ResourceType": "AWS::S3::Bucket", "Identifier": "b"}, 0)
	if n := srv.Counts().LogEvents; n != 7 {
		t.Errorf("%d events are stored, want all 7", n)
	}
}

func TestReadLogs_limits(t *testing.T) {
	srv := startAt(t, localaws.Config{})
	c := logsClient(srv)
	createStream(t, c, "g", "s")
	filter := func(change func(*cloudwatchlogs.FilterLogEventsInput)) error {
		in := &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String("g")}
		change(in)
		_, err := c.FilterLogEvents(t.Context(), in)
		return err
	}
	f := func(rule, text string, change func(*cloudwatchlogs.FilterLogEventsInput)) {
		t.Helper()
		err := filter(change)
		if rule == "" {
			if err != nil {
				t.Error(err)
			}
			return
		}
		wantError(t, err, "InvalidParameterException", text)
		refusedBy(t, srv, rule)
	}
	limit := func(n int32) func(*cloudwatchlogs.FilterLogEventsInput) {
		return func(in *cloudwatchlogs.FilterLogEventsInput) { in.Limit = &n }
	}
	pattern := func(text string) func(*cloudwatchlogs.FilterLogEventsInput) {
		return func(in *cloudwatchlogs.FilterLogEventsInput) { in.FilterPattern = &text }
	}
	f("logs.read.limit", "Value '0' at 'limit'", limit(0))
	f("", "", limit(1))
	f("", "", limit(10_000))
	f("logs.read.limit", "Value '10001' at 'limit'", limit(10_001))
	f("", "", pattern(strings.Repeat("a", 1024)))
	f("logs.filter.length", "less than or equal to 1024", pattern(strings.Repeat("a", 1025)))
	f("logs.filter.syntax", "Invalid filter pattern: Invalid character(s) in term 'foo-bar'", pattern("foo-bar"))
	f("logs.filter.streams", "cannot both", func(in *cloudwatchlogs.FilterLogEventsInput) {
		in.LogStreamNames, in.LogStreamNamePrefix = []string{"s"}, aws.String("s")
	})
	f("", "", func(in *cloudwatchlogs.FilterLogEventsInput) { in.LogStreamNames = slices.Repeat([]string{"s"}, 100) })
	f("logs.filter.streams.count", "100", func(in *cloudwatchlogs.FilterLogEventsInput) {
		in.LogStreamNames = slices.Repeat([]string{"s"}, 101)
	})
	f("logs.read.token", "nextToken is invalid", func(in *cloudwatchlogs.FilterLogEventsInput) { in.NextToken = aws.String("x") })
	f("logs.group.identifier", "Exactly one", func(in *cloudwatchlogs.FilterLogEventsInput) { in.LogGroupIdentifier = aws.String("g") })
	wantError(t, filter(func(in *cloudwatchlogs.FilterLogEventsInput) { in.LogStreamNames = []string{"nope"} }),
		"ResourceNotFoundException", "The specified log stream does not exist.")

	describe := func(n int32) error {
		_, err := c.DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{Limit: &n})
		return err
	}
	if err := describe(50); err != nil {
		t.Error(err)
	}
	wantError(t, describe(51), "InvalidParameterException", "less than or equal to 50")
	wantError(t, describe(0), "InvalidParameterException", "greater than or equal to 1")

	if _, err := c.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{
		LogGroupName: aws.String("ia"), LogGroupClass: types.LogGroupClassInfrequentAccess,
	}); err != nil {
		t.Fatal(err)
	}
	wantError(t, filter(func(in *cloudwatchlogs.FilterLogEventsInput) { in.LogGroupName = aws.String("ia") }),
		"InvalidParameterException", "INFREQUENT_ACCESS")
}
