package localaws

import (
	"strconv"

	"github.com/updraft-otel/updraft/localaws/internal/insights"
)

// GetQueryResults as AWS does it: the state of a query, its statistics and, once
// it is complete, its rows, up to 10,000 a page. It leaves out partial results
// of a query that still runs, and encryptionKey. Read from getQueryResultsPage.

type getQueryResultsInput struct {
	QueryID   *string `json:"queryId"`
	MaxItems  *int    `json:"maxItems"`
	NextToken *string `json:"nextToken"`
}

type getQueryResultsOutput struct {
	QueryLanguage string          `json:"queryLanguage"`
	Results       [][]resultField `json:"results"`
	Statistics    queryStatistics `json:"statistics"`
	Status        string          `json:"status"`
	NextToken     string          `json:"nextToken,omitempty"`
}

type resultField struct {
	Field string `json:"field"`
	Value string `json:"value"`
}

func getQueryResults(c *call, in *getQueryResultsInput) (*getQueryResultsOutput, error) {
	q, err := c.findQuery(in.QueryID)
	if err != nil {
		return nil, err
	}
	page := maxQueryPage
	if in.MaxItems != nil && *in.MaxItems != 0 {
		if page, err = c.checkLimit(&ruleQueryPage, in.MaxItems, maxQueryPage); err != nil {
			return nil, err
		}
	}
	from := 0
	if in.NextToken != nil {
		text, _ := decodeToken(*in.NextToken)
		if from, err = strconv.Atoi(text); err != nil || from < 0 || from > len(q.rows) {
			return nil, c.refuse(&ruleLogToken, "nextToken", *in.NextToken, c.body)
		}
	}
	to := min(from+page, len(q.rows))
	out := &getQueryResultsOutput{
		QueryLanguage: queryLanguage, Results: resultRows(q.rows[from:to]), Statistics: q.stats, Status: q.status,
	}
	if to < len(q.rows) {
		out.NextToken = encodeToken(strconv.Itoa(to))
	}
	return out, nil
}

func resultRows(rows []insights.Row) [][]resultField {
	results := make([][]resultField, 0, len(rows))
	for _, r := range rows {
		fields := make([]resultField, 0, len(r))
		for _, cell := range r {
			fields = append(fields, resultField(cell))
		}
		results = append(results, fields)
	}
	return results
}

// findQuery is the query that a call means.
func (c *call) findQuery(id *string) (logQuery, error) {
	if id == nil || *id == "" || len(*id) > maxQueryID {
		return logQuery{}, c.refuse(&ruleInsightsID, "queryId", shownPointer(id), c.body)
	}
	q, ok := c.srv.queries.find(*id)
	if !ok {
		return logQuery{}, c.fail("ResourceNotFoundException", "The specified query does not exist.")
	}
	return q, nil
}

func shownPointer(s *string) string {
	if s == nil {
		return "null"
	}
	return *s
}
