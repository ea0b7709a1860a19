package localaws

import (
	"math"
	"slices"
	"strconv"
)

// DescribeQueries as AWS does it: the queries that run or were run lately, by
// group, state and language. They come newest first. It leaves out userIdentity.
// Read from describeQueriesPage.

type describeQueriesInput struct {
	LogGroupName  *string `json:"logGroupName"`
	Status        *string `json:"status"`
	QueryLanguage *string `json:"queryLanguage"`
	MaxResults    *int    `json:"maxResults"`
	NextToken     *string `json:"nextToken"`
}

type describeQueriesOutput struct {
	Queries   []queryInfo `json:"queries"`
	NextToken string      `json:"nextToken,omitempty"`
}

type queryInfo struct {
	QueryLanguage string  `json:"queryLanguage"`
	QueryID       string  `json:"queryId"`
	QueryString   string  `json:"queryString"`
	Status        string  `json:"status"`
	CreateTime    int64   `json:"createTime"`
	LogGroupName  string  `json:"logGroupName"`
	QueryDuration int64   `json:"queryDuration"`
	BytesScanned  float64 `json:"bytesScanned"`
}

var queryStates = []string{queryScheduled, queryRunning, queryComplete, queryFailed, queryCancelled, queryTimeout, queryUnknown}

func describeQueries(c *call, in *describeQueriesInput) (*describeQueriesOutput, error) {
	if in.LogGroupName != nil {
		if err := c.checkGroupName(in.LogGroupName); err != nil {
			return nil, err
		}
	}
	if in.Status != nil && !slices.Contains(queryStates, *in.Status) {
		return nil, c.refuse(&ruleQueryStatus, "status", *in.Status, c.body)
	}
	if in.QueryLanguage != nil && !slices.Contains([]string{queryLanguage, "SQL", "PPL"}, *in.QueryLanguage) {
		return nil, c.refuse(&ruleQueryLanguage, "queryLanguage", *in.QueryLanguage, c.body)
	}
	most, err := c.checkLimit(&ruleQueriesPage, in.MaxResults, maxQueriesPage)
	if err != nil {
		return nil, err
	}
	seq := uint64(math.MaxUint64)
	if in.NextToken != nil {
		text, _ := decodeToken(*in.NextToken)
		if seq, err = strconv.ParseUint(text, 10, 64); err != nil {
			return nil, c.refuse(&ruleLogToken, "nextToken", *in.NextToken, c.body)
		}
	}
	found, more := c.srv.queries.before(seq, most, in.wants)
	out := &describeQueriesOutput{Queries: make([]queryInfo, 0, len(found))}
	for i := range found {
		out.Queries = append(out.Queries, found[i].info())
	}
	if more {
		out.NextToken = encodeToken(strconv.FormatUint(found[len(found)-1].seq, 10))
	}
	return out, nil
}

func (in *describeQueriesInput) wants(q *logQuery) bool {
	return (in.LogGroupName == nil || slices.Contains(q.groups, *in.LogGroupName)) &&
		(in.Status == nil || *in.Status == q.status) &&
		(in.QueryLanguage == nil || *in.QueryLanguage == queryLanguage)
}

func (q *logQuery) info() queryInfo {
	return queryInfo{
		QueryLanguage: queryLanguage, QueryID: q.id, QueryString: q.text, Status: q.status,
		CreateTime: q.created.UnixMilli(), LogGroupName: q.groups[0],
		QueryDuration: q.elapsed.Milliseconds(), BytesScanned: q.stats.BytesScanned,
	}
}
