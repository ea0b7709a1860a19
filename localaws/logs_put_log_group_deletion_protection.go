package localaws

// PutLogGroupDeletionProtection and PutBearerTokenAuthentication as AWS does
// them: two switches of a log group, the second for tokens at /v1/logs. They
// leave nothing out. Read from logsAPI + "API_PutLogGroupDeletionProtection.html"
// and logsAPI + "API_PutBearerTokenAuthentication.html".

type putLogGroupDeletionProtectionInput struct {
	LogGroupIdentifier        *string `json:"logGroupIdentifier"`
	DeletionProtectionEnabled *bool   `json:"deletionProtectionEnabled"`
}

func putLogGroupDeletionProtection(c *call, in *putLogGroupDeletionProtectionInput) (*emptyOutput, error) {
	const member = "deletionProtectionEnabled"
	if in.DeletionProtectionEnabled == nil {
		return nil, c.refuse(&ruleLogMemberRequired, member, member, c.body)
	}
	return c.changeIdentified(in.LogGroupIdentifier, func(g *logGroup) error {
		g.guarded = *in.DeletionProtectionEnabled
		return nil
	})
}

type putBearerTokenAuthenticationInput struct {
	LogGroupIdentifier               *string `json:"logGroupIdentifier"`
	BearerTokenAuthenticationEnabled *bool   `json:"bearerTokenAuthenticationEnabled"`
}

func putBearerTokenAuthentication(c *call, in *putBearerTokenAuthenticationInput) (*emptyOutput, error) {
	const member = "bearerTokenAuthenticationEnabled"
	if in.BearerTokenAuthenticationEnabled == nil {
		return nil, c.refuse(&ruleLogMemberRequired, member, member, c.body)
	}
	return c.changeIdentified(in.LogGroupIdentifier, func(g *logGroup) error {
		g.bearer = *in.BearerTokenAuthenticationEnabled
		return nil
	})
}
