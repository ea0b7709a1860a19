package localaws

// StopQuery as AWS does it: ends a query that runs; one that has ended is an
// error. Read from stopQueryPage.

type stopQueryInput struct {
	QueryID *string `json:"queryId"`
}

type stopQueryOutput struct {
	Success bool `json:"success"`
}

func stopQuery(c *call, in *stopQueryInput) (*stopQueryOutput, error) {
	q, err := c.findQuery(in.QueryID)
	if err != nil {
		return nil, err
	}
	if !c.srv.queries.stop(q.id) {
		return nil, c.refuse(&ruleQueryEnded, "queryId", q.id, c.body)
	}
	return &stopQueryOutput{Success: true}, nil
}
