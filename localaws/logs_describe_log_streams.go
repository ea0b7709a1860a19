package localaws

import (
	"cmp"
	"slices"
	"strings"
)

// DescribeLogStreams as AWS does it: streams of a group by prefix, ordered by
// name or last event, 50 a page. It leaves out: that AWS tells of the last
// event only after a while ("eventual consistency, within an hour"), and
// uploadSequenceToken is a constant. Read from describeStreamsPage.

type describeLogStreamsInput struct {
	LogGroupName        *string `json:"logGroupName"`
	LogGroupIdentifier  *string `json:"logGroupIdentifier"`
	LogStreamNamePrefix *string `json:"logStreamNamePrefix"`
	OrderBy             *string `json:"orderBy"`
	Descending          *bool   `json:"descending"`
	NextToken           *string `json:"nextToken"`
	Limit               *int    `json:"limit"`
}

type describeLogStreamsOutput struct {
	LogStreams []logStreamOutput `json:"logStreams"`
	NextToken  string            `json:"nextToken,omitempty"`
}

type logStreamOutput struct {
	LogStreamName       string `json:"logStreamName"`
	CreationTime        int64  `json:"creationTime"`
	FirstEventTimestamp int64  `json:"firstEventTimestamp,omitempty"`
	LastEventTimestamp  int64  `json:"lastEventTimestamp,omitempty"`
	LastIngestionTime   int64  `json:"lastIngestionTime,omitempty"`
	UploadSequenceToken string `json:"uploadSequenceToken,omitempty"`
	Arn                 string `json:"arn"`
	StoredBytes         int64  `json:"storedBytes"` // AWS says 0 since 2019
}

// anySequenceToken is a sequence token; any is as good as any other.
const anySequenceToken = "49590302769846391863440983529842"

func describeLogStreams(c *call, in *describeLogStreamsInput) (*describeLogStreamsOutput, error) {
	g, err := c.readGroup(in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	limit, err := c.checkLimit(&ruleDescribeLimit, in.Limit, maxDescribePage)
	if err != nil {
		return nil, err
	}
	byTime, err := in.byTime(c)
	if err != nil {
		return nil, err
	}
	after, err := c.nameToken(in.NextToken)
	if err != nil {
		return nil, err
	}
	prefix := ""
	if in.LogStreamNamePrefix != nil {
		prefix = *in.LogStreamNamePrefix
	}
	list := c.srv.logs.streams(g.name, prefix)
	if byTime {
		slices.SortStableFunc(list, func(a, b streamInfo) int { return cmp.Compare(a.last, b.last) })
	}
	if in.Descending != nil && *in.Descending {
		slices.Reverse(list)
	}
	return pageOfStreams(g.name, list, after, limit), nil
}

// byTime reports whether the streams are wanted by their last event.
func (in *describeLogStreamsInput) byTime(c *call) (bool, error) {
	if in.OrderBy == nil || *in.OrderBy == "LogStreamName" {
		return false, nil
	}
	if *in.OrderBy != "LastEventTime" {
		return false, c.refuse(&ruleDescribeOrder, "orderBy", *in.OrderBy, c.body)
	}
	if in.LogStreamNamePrefix != nil {
		return false, c.refuse(&ruleDescribeOrderPrefix, "orderBy", *in.OrderBy, c.body)
	}
	return true, nil
}

// pageOfStreams is the page that begins behind the stream named after.
func pageOfStreams(group string, list []streamInfo, after string, limit int) *describeLogStreamsOutput {
	if after != "" {
		i := slices.IndexFunc(list, func(s streamInfo) bool { return strings.Compare(s.name, after) == 0 })
		list = list[i+1:]
	}
	out := &describeLogStreamsOutput{LogStreams: []logStreamOutput{}}
	for _, s := range list {
		if len(out.LogStreams) == limit {
			out.NextToken = encodeToken(out.LogStreams[limit-1].LogStreamName)
			break
		}
		out.LogStreams = append(out.LogStreams, logStreamOutput{
			LogStreamName: s.name, CreationTime: s.created, FirstEventTimestamp: s.first, LastEventTimestamp: s.last,
			LastIngestionTime: s.ingest, UploadSequenceToken: anySequenceToken, Arn: logARN(group) + ":log-stream:" + s.name,
		})
	}
	return out
}
