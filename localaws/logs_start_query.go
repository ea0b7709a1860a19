package localaws

import (
	"errors"
	"unicode/utf8"

	"github.com/updraft-otel/updraft/localaws/internal/insights"
	"github.com/updraft-otel/updraft/localaws/internal/wire"
)

// StartQuery as AWS does it: checks the query, then runs it over one to fifty
// groups and answers with its id at once. It leaves out the languages SQL and
// PPL and the command SOURCE, and refuses what else of the language it lacks by
// name. Read from startQueryPage.

type startQueryInput struct {
	LogGroupName        *string  `json:"logGroupName"`
	LogGroupNames       []string `json:"logGroupNames"`
	LogGroupIdentifiers []string `json:"logGroupIdentifiers"`
	QueryLanguage       *string  `json:"queryLanguage"`
	QueryString         *string  `json:"queryString"`
	StartTime           *int64   `json:"startTime"`
	EndTime             *int64   `json:"endTime"`
	Limit               *int     `json:"limit"`
}

type startQueryOutput struct {
	QueryID string `json:"queryId"`
}

func startQuery(c *call, in *startQueryInput) (*startQueryOutput, error) {
	q := &logQuery{id: newRequestID(), created: c.now}
	if err := c.queryTimes(in, q); err != nil {
		return nil, err
	}
	if in.Limit != nil {
		if q.limit = *in.Limit; q.limit < 1 || q.limit > insights.MaxLimit {
			return nil, c.refuse(&ruleQueryLimit, "limit", q.limit, c.body)
		}
	}
	if in.QueryLanguage != nil && *in.QueryLanguage != queryLanguage {
		return nil, c.refuse(&ruleQueryLanguage, "queryLanguage", *in.QueryLanguage, c.body)
	}
	if err := c.parseQuery(in.QueryString, q); err != nil {
		return nil, err
	}
	if err := c.queryGroups(in, q); err != nil {
		return nil, err
	}
	if !c.srv.queries.start(c.srv.ctx, q) {
		return nil, c.refuse(&ruleQueryConcurrent, "queryString", maxConcurrentQueries, c.body)
	}
	return &startQueryOutput{q.id}, nil
}

// queryTimes reads the range: seconds, both ends included.
func (c *call) queryTimes(in *startQueryInput, q *logQuery) error {
	const maxSeconds = 1 << 50
	switch {
	case in.StartTime == nil || in.EndTime == nil:
		return c.refuse(&ruleInsightsTimes, "startTime", nil, c.body)
	case *in.StartTime < 0 || *in.EndTime < 0 || *in.StartTime > *in.EndTime:
		return c.refuse(&ruleQueryRange, "startTime", *in.StartTime, c.body)
	}
	q.r.back = true
	q.r.start = logPos{at: min(*in.StartTime, maxSeconds) * 1000}
	q.r.end = logPos{at: min(*in.EndTime, maxSeconds)*1000 + 1}
	return nil
}

func (c *call) parseQuery(text *string, q *logQuery) error {
	switch {
	case text == nil:
		return c.refuse(&ruleQueryRequired, "queryString", nil, c.body)
	case utf8.RuneCountInString(*text) > insights.MaxQuery:
		return c.refuse(&ruleQueryLength, "queryString", *text, c.body)
	}
	var err error
	var syntax *insights.SyntaxError
	q.text = *text
	if q.query, err = insights.Parse(*text); errors.As(err, &syntax) {
		return c.compileError(*text, syntax)
	}
	return err
}

// queryCompileError is the member of MalformedQueryException that says where a
// query is wrong, read from queryCompilePage.
type queryCompileError struct {
	Location queryLocation `json:"location"`
	Message  string        `json:"message"`
}

// A queryLocation is a part of a query, in characters from 0; the end is not in
// it. AWS's page does not say whether the end is, nor what a character is: here
// it is a code point.
type queryLocation struct {
	Start int `json:"startCharOffset"`
	End   int `json:"endCharOffset"`
}

func locate(query string, e *insights.SyntaxError) queryLocation {
	return queryLocation{utf8.RuneCountInString(query[:e.Start]), utf8.RuneCountInString(query[:e.End])}
}

func (c *call) compileError(query string, e *insights.SyntaxError) error {
	err := c.refuse(&ruleQuerySyntax, "queryString", e.Message, []byte(query))
	var refused *wire.Error
	if errors.As(err, &refused) {
		refused.Members = struct {
			Error queryCompileError `json:"queryCompileError"`
		}{queryCompileError{locate(query, e), e.Message}}
	}
	return err
}

// queryGroups finds the groups, which are named in one of three ways.
func (c *call) queryGroups(in *startQueryInput, q *logQuery) error {
	names, identifiers := in.LogGroupNames, in.LogGroupIdentifiers
	given := 0
	for _, is := range [...]bool{in.LogGroupName != nil, names != nil, identifiers != nil} {
		if is {
			given++
		}
	}
	if given != 1 {
		return c.refuse(&ruleQueryGroups, "logGroupName", nil, c.body)
	}
	if in.LogGroupName != nil {
		names = []string{*in.LogGroupName}
	}
	if n := len(names) + len(identifiers); n == 0 || n > maxQueryGroups {
		return c.refuse(&ruleQueryGroupCount, "logGroupNames", n, c.body)
	}
	for i := range names {
		if err := c.queryGroup(q, &names[i], nil); err != nil {
			return err
		}
	}
	for i := range identifiers {
		if err := c.queryGroup(q, nil, &identifiers[i]); err != nil {
			return err
		}
	}
	return nil
}

func (c *call) queryGroup(q *logQuery, name, identifier *string) error {
	g, err := c.readGroup(name, identifier)
	if err != nil {
		return err
	}
	if g.class == classDelivery {
		return c.refuse(&ruleQueryClass, "logGroupName", g.class, c.body)
	}
	for _, have := range q.groups {
		if have == g.name {
			return nil
		}
	}
	q.groups = append(q.groups, g.name)
	return nil
}
