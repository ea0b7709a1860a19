package main

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/aws/aws-sdk-go-v2/service/xray/types"

	"github.com/updraft-otel/updraft/localaws"
)

// The demo's rules are made once; what somebody changed of them stays.
func TestCreateRules(t *testing.T) {
	srv, err := localaws.Start(t.Context(), localaws.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = srv.Close() }()
	client := xrayClient(srv)
	for range 2 {
		if err := createRules(t.Context(), srv); err != nil {
			t.Fatal(err)
		}
		if _, err := client.UpdateSamplingRule(t.Context(), &xray.UpdateSamplingRuleInput{
			SamplingRuleUpdate: &types.SamplingRuleUpdate{RuleName: aws.String("api"), FixedRate: aws.Float64(0.125)},
		}); err != nil {
			t.Fatal(err)
		}
	}
	out, err := client.GetSamplingRules(t.Context(), &xray.GetSamplingRulesInput{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range out.SamplingRuleRecords {
		names = append(names, *r.SamplingRule.RuleName)
		if *r.SamplingRule.RuleName == "api" && r.SamplingRule.FixedRate != 0.125 {
			t.Errorf("the rate of api is %v", r.SamplingRule.FixedRate)
		}
	}
	if !slices.Equal(names, []string{"health-checks", "orders", "api", "Default"}) {
		t.Errorf("rules %v", names)
	}
}
