package localaws

import (
	"maps"
	"strings"
)

// TagResource, UntagResource and ListTagsForResource as AWS does them, for log
// groups by their ARN; a further tag of the same key replaces the old one. They
// leave out destinations, which localaws has not. Read from tagResourcePage.

type tagResourceInput struct {
	ResourceArn *string           `json:"resourceArn"`
	Tags        map[string]string `json:"tags"`
}

func tagResource(c *call, in *tagResourceInput) (*emptyOutput, error) {
	name, err := c.taggedGroup(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	return c.addTags(&name, in.Tags)
}

type untagResourceInput struct {
	ResourceArn *string  `json:"resourceArn"`
	TagKeys     []string `json:"tagKeys"`
}

func untagResource(c *call, in *untagResourceInput) (*emptyOutput, error) {
	name, err := c.taggedGroup(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	switch {
	case in.TagKeys == nil:
		return nil, c.refuse(&ruleLogMemberRequired, "tagKeys", "tagKeys", c.body)
	case len(in.TagKeys) > maxLogTags:
		return nil, c.refuse(&ruleLogTagKeys, "tagKeys", len(in.TagKeys), c.body)
	}
	return c.dropTags(&name, in.TagKeys)
}

type listTagsForResourceInput struct {
	ResourceArn *string `json:"resourceArn"`
}

type listTagsOutput struct {
	Tags map[string]string `json:"tags"`
}

func listTagsForResource(c *call, in *listTagsForResourceInput) (*listTagsOutput, error) {
	name, err := c.taggedGroup(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	return c.listTags(&name)
}

// taggedGroup is the name of the log group that an ARN means.
func (c *call) taggedGroup(arn *string) (string, error) {
	if arn == nil {
		return "", c.refuse(&ruleLogMemberRequired, "resourceArn", "resourceArn", c.body)
	}
	name, ok := strings.CutPrefix(*arn, logARN(""))
	if !ok || strings.Contains(name, ":") {
		return "", c.refuse(&ruleLogTagARN, "resourceArn", *arn, c.body)
	}
	return name, nil
}

// addTags adds tags to a group; all of them together are no more than 50.
func (c *call) addTags(name *string, tags map[string]string) (*emptyOutput, error) {
	if len(tags) == 0 {
		return nil, c.refuse(&ruleLogMemberRequired, "tags", "tags", c.body)
	}
	if text := tagTrouble(tags); text != "" {
		return nil, c.refuse(&ruleLogGroupTags, "tags", text, c.body)
	}
	return c.changeNamed(name, func(g *logGroup) error {
		all := withTags(g.tags, tags)
		if len(all) > maxLogTags {
			return c.refuse(&ruleLogTooManyTags, "tags", len(all), c.body)
		}
		g.tags = all
		return nil
	})
}

func (c *call) dropTags(name *string, keys []string) (*emptyOutput, error) {
	return c.changeNamed(name, func(g *logGroup) error {
		g.tags = withoutTags(g.tags, keys)
		return nil
	})
}

func (c *call) listTags(name *string) (*listTagsOutput, error) {
	if err := c.checkGroupName(name); err != nil {
		return nil, err
	}
	g, ok := c.srv.logs.group(*name)
	if !ok {
		return nil, c.fail("ResourceNotFoundException", noSuchGroup)
	}
	out := &listTagsOutput{Tags: map[string]string{}}
	maps.Copy(out.Tags, g.tags)
	return out, nil
}
