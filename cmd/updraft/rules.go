package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/aws/aws-sdk-go-v2/service/xray/types"

	"github.com/updraft-otel/updraft/localaws"
)

// demoRules are the shop's sampling rules: never a health check, orders first
// and more of them while something fails, a good part of the rest of the API,
// and X-Ray's Default for whatever else there is.
func demoRules() []*types.SamplingRule {
	health := demoRule("health-checks", 100, "*", "/health", 0, 0)
	orders := demoRule("orders", 200, "POST", "/api/*", 5, 0.5)
	orders.SamplingRateBoost = &types.SamplingRateBoost{MaxRate: 1, CooldownWindowMinutes: 1}
	return []*types.SamplingRule{health, orders, demoRule("api", 300, "*", "/api/*", 5, 0.25)}
}

func demoRule(name string, priority int32, method, path string, reservoir int32, rate float64) *types.SamplingRule {
	anything := aws.String("*")
	return &types.SamplingRule{
		RuleName: aws.String(name), Priority: aws.Int32(priority), Version: aws.Int32(1),
		HTTPMethod: aws.String(method), URLPath: aws.String(path), ReservoirSize: reservoir, FixedRate: rate,
		ServiceName: anything, ServiceType: anything, Host: anything, ResourceARN: anything,
	}
}

// createRules makes the demo's rules, but for those that a data directory has
// already, perhaps changed.
func createRules(ctx context.Context, srv *localaws.Server) error {
	client := xrayClient(srv)
	there := make(map[string]bool)
	for pages := xray.NewGetSamplingRulesPaginator(client, &xray.GetSamplingRulesInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("read the sampling rules: %w", err)
		}
		for _, r := range page.SamplingRuleRecords {
			there[aws.ToString(r.SamplingRule.RuleName)] = true
		}
	}
	for _, rule := range demoRules() {
		if there[*rule.RuleName] {
			continue
		}
		if _, err := client.CreateSamplingRule(ctx, &xray.CreateSamplingRuleInput{SamplingRule: rule}); err != nil {
			return fmt.Errorf("create the sampling rule %q: %w", *rule.RuleName, err)
		}
	}
	return nil
}
