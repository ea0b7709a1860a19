package localaws

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/aws/aws-sdk-go-v2/service/xray/types"
	"github.com/aws/smithy-go"
)

// testRule is a good rule of a name.
func testRule(name string, priority int32) *types.SamplingRule {
	return &types.SamplingRule{
		RuleName: aws.String(name), Priority: aws.Int32(priority), FixedRate: 0.1, ReservoirSize: 5, Version: aws.Int32(1),
		ServiceName: aws.String("*"), ServiceType: aws.String("*"), Host: aws.String("*"), HTTPMethod: aws.String("*"),
		URLPath: aws.String("*"), ResourceARN: aws.String("*"),
	}
}

func createRule(t *testing.T, client *xray.Client, rule *types.SamplingRule) *types.SamplingRuleRecord {
	t.Helper()
	out, err := client.CreateSamplingRule(t.Context(), &xray.CreateSamplingRuleInput{SamplingRule: rule})
	if err != nil {
		t.Fatal(err)
	}
	return out.SamplingRuleRecord
}

// ruleNames are the rules in the order of the server's answer, of all pages.
func ruleNames(t *testing.T, client *xray.Client) (names string, pages int) {
	t.Helper()
	var list []string
	for p := xray.NewGetSamplingRulesPaginator(client, &xray.GetSamplingRulesInput{}); p.HasMorePages(); pages++ {
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.SamplingRuleRecords {
			list = append(list, *r.SamplingRule.RuleName)
		}
	}
	return strings.Join(list, " "), pages
}

func isError(err error, code, text string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == code && strings.Contains(api.ErrorMessage(), text)
}

func TestSamplingRules_sdk(t *testing.T) {
	srv := startTest(t, Config{SamplingRulesPerPage: 2})
	client := xray.NewFromConfig(sdkConfig(srv))

	fresh, err := client.GetSamplingRules(t.Context(), &xray.GetSamplingRulesInput{})
	if err != nil || len(fresh.SamplingRuleRecords) != 1 {
		t.Fatalf("%+v, %v", fresh, err)
	}
	d := fresh.SamplingRuleRecords[0]
	if r := d.SamplingRule; *r.RuleName != "Default" || *r.Priority != 10000 || r.FixedRate != 0.05 || r.ReservoirSize != 1 || *r.Version != 1 ||
		*r.RuleARN != "arn:aws:xray:us-east-1:000000000000:sampling-rule/Default" || d.CreatedAt.Unix() != 0 || d.ModifiedAt.Unix() != 0 {
		t.Errorf("default rule: %+v", r)
	}

	boosted := testRule("checkout", 20)
	boosted.Attributes = map[string]string{"tenant": "blue*"}
	boosted.SamplingRateBoost = &types.SamplingRateBoost{MaxRate: 0.5, CooldownWindowMinutes: 10}
	made := createRule(t, client, boosted)
	if made.CreatedAt.IsZero() || !made.CreatedAt.Equal(*made.ModifiedAt) || made.SamplingRule.Attributes["tenant"] != "blue*" || made.SamplingRule.SamplingRateBoost.MaxRate != 0.5 {
		t.Errorf("created: %+v", made)
	}
	createRule(t, client, testRule("b", 10))
	createRule(t, client, testRule("a", 10))
	createRule(t, client, testRule("z", 9999))
	if names, pages := ruleNames(t, client); names != "a b checkout z Default" || pages != 3 {
		t.Errorf("got %q on %d pages", names, pages)
	}

	changed, err := client.UpdateSamplingRule(t.Context(), &xray.UpdateSamplingRuleInput{SamplingRuleUpdate: &types.SamplingRuleUpdate{
		RuleARN: made.SamplingRule.RuleARN, Priority: aws.Int32(1), FixedRate: aws.Float64(0), URLPath: aws.String("/api/*")}})
	if err != nil {
		t.Fatal(err)
	}
	if r := changed.SamplingRuleRecord.SamplingRule; *r.Priority != 1 || r.FixedRate != 0 || *r.URLPath != "/api/*" || r.ReservoirSize != 5 ||
		*r.Host != "*" || r.SamplingRateBoost == nil || !changed.SamplingRuleRecord.CreatedAt.Equal(*made.CreatedAt) {
		t.Errorf("updated: %+v", r)
	}
	if _, err := client.UpdateSamplingRule(t.Context(), &xray.UpdateSamplingRuleInput{SamplingRuleUpdate: &types.SamplingRuleUpdate{
		RuleName: aws.String("Default"), FixedRate: aws.Float64(0.01), ReservoirSize: aws.Int32(0)}}); err != nil {
		t.Errorf("default rule: %v", err)
	}
	gone, err := client.DeleteSamplingRule(t.Context(), &xray.DeleteSamplingRuleInput{RuleName: aws.String("b")})
	if err != nil || *gone.SamplingRuleRecord.SamplingRule.RuleName != "b" {
		t.Errorf("deleted: %+v, %v", gone, err)
	}
	if names, _ := ruleNames(t, client); names != "checkout a z Default" {
		t.Errorf("got %q", names)
	}
}

func TestSamplingRules_refusals(t *testing.T) {
	srv := startTest(t, Config{})
	client := xray.NewFromConfig(sdkConfig(srv))
	const invalid = "InvalidRequestException"
	create := func(code, text string, change func(r *types.SamplingRule)) {
		t.Helper()
		rule := testRule("r", 1)
		change(rule)
		if _, err := client.CreateSamplingRule(t.Context(), &xray.CreateSamplingRuleInput{SamplingRule: rule}); !isError(err, code, text) {
			t.Errorf("got %v, want %s: %s", err, code, text)
		}
	}
	create(invalid, "samplingRule.priority", func(r *types.SamplingRule) { r.Priority = aws.Int32(0) })
	create(invalid, "samplingRule.priority", func(r *types.SamplingRule) { r.Priority = aws.Int32(10000) })
	create(invalid, "samplingRule.fixedRate", func(r *types.SamplingRule) { r.FixedRate = 1.01 })
	create(invalid, "samplingRule.fixedRate", func(r *types.SamplingRule) { r.FixedRate = -0.1 })
	create(invalid, "samplingRule.reservoirSize", func(r *types.SamplingRule) { r.ReservoirSize = -1 })
	create(invalid, "samplingRule.version", func(r *types.SamplingRule) { r.Version = aws.Int32(0) })
	create(invalid, "'ruleName'", func(r *types.SamplingRule) { r.RuleName = aws.String(strings.Repeat("n", 33)) })
	create(invalid, "'ruleName'", func(r *types.SamplingRule) { r.RuleName = aws.String("") })
	create(invalid, "Exactly one of", func(r *types.SamplingRule) { r.RuleName = nil })
	create(invalid, "Exactly one of", func(r *types.SamplingRule) { r.RuleARN = aws.String(samplingRuleARNPrefix + "r") })
	create(invalid, "'ruleName'", func(r *types.SamplingRule) { r.RuleName, r.RuleARN = nil, aws.String("arn:aws:logs:x") })
	create(invalid, "resourceARN", func(r *types.SamplingRule) { r.ResourceARN = aws.String(strings.Repeat("a", 501)) })
	create(invalid, "serviceName", func(r *types.SamplingRule) { r.ServiceName = aws.String(strings.Repeat("a", 65)) })
	create(invalid, "serviceType", func(r *types.SamplingRule) { r.ServiceType = aws.String(strings.Repeat("a", 65)) })
	create(invalid, "samplingRule.host", func(r *types.SamplingRule) { r.Host = aws.String(strings.Repeat("é", 65)) })
	create(invalid, "hTTPMethod", func(r *types.SamplingRule) { r.HTTPMethod = aws.String("PROPPATCHED") })
	create(invalid, "uRLPath", func(r *types.SamplingRule) { r.URLPath = aws.String(strings.Repeat("/", 129)) })
	create(invalid, "'samplingRule.attributes' failed to satisfy constraint: Map keys", func(r *types.SamplingRule) {
		r.Attributes = map[string]string{strings.Repeat("k", 33): "v"}
	})
	create(invalid, "'samplingRule.attributes' failed to satisfy constraint: Member", func(r *types.SamplingRule) {
		r.Attributes = map[string]string{"1": "v", "2": "v", "3": "v", "4": "v", "5": "v", "6": "v"}
	})
	create(invalid, "MaxRate", func(r *types.SamplingRule) {
		r.SamplingRateBoost = &types.SamplingRateBoost{MaxRate: 1.5, CooldownWindowMinutes: 1}
	})
	create(invalid, "CooldownWindowMinutes", func(r *types.SamplingRule) {
		r.SamplingRateBoost = &types.SamplingRateBoost{MaxRate: 1, CooldownWindowMinutes: -1}
	})
	create(invalid, "already exists", func(r *types.SamplingRule) { r.RuleName = aws.String("Default") })

	update := func(text string, u types.SamplingRuleUpdate) {
		t.Helper()
		if _, err := client.UpdateSamplingRule(t.Context(), &xray.UpdateSamplingRuleInput{SamplingRuleUpdate: &u}); !isError(err, invalid, text) {
			t.Errorf("got %v, want %s", err, text)
		}
	}
	update("Sampling rule does not exist", types.SamplingRuleUpdate{RuleName: aws.String("r"), FixedRate: aws.Float64(1)})
	update("Invalid update request for default sampling rule", types.SamplingRuleUpdate{RuleName: aws.String("Default"), Priority: aws.Int32(9999)})
	update("Invalid update request for default sampling rule", types.SamplingRuleUpdate{RuleName: aws.String("Default"),
		SamplingRateBoost: &types.SamplingRateBoost{MaxRate: 1, CooldownWindowMinutes: 1}})
	remove := func(name, text string) {
		t.Helper()
		if _, err := client.DeleteSamplingRule(t.Context(), &xray.DeleteSamplingRuleInput{RuleName: aws.String(name)}); !isError(err, invalid, text) {
			t.Errorf("got %v, want %s", err, text)
		}
	}
	remove("Default", "cannot be deleted")
	remove("r", "Sampling rule does not exist")

	for i := range maxSamplingRules {
		createRule(t, client, testRule(fmt.Sprint("rule", i), int32(i+1)))
	}
	create("RuleLimitExceededException", "25", func(*types.SamplingRule) {})
	create(invalid, "already exists", func(r *types.SamplingRule) { r.RuleName = aws.String("rule0") })
	if _, err := client.GetSamplingRules(t.Context(), &xray.GetSamplingRulesInput{NextToken: aws.String("?")}); !isError(err, invalid, "NextToken") {
		t.Errorf("token: %v", err)
	}
	if names, pages := ruleNames(t, client); pages != 1 || len(strings.Fields(names)) != 26 {
		t.Errorf("%d pages of %q", pages, names)
	}
	if n := len(srv.Refused()); n != 30 {
		t.Errorf("%d refusals are shown", n)
	}
}

// The limit holds, however many come at once, and while clients report.
func TestSamplingRules_atOnce(t *testing.T) {
	srv := startTest(t, Config{})
	client := xray.NewFromConfig(sdkConfig(srv))
	var made, refused atomic.Int64
	var wg sync.WaitGroup
	for i := range 2 * maxSamplingRules {
		wg.Go(func() {
			_, err := client.CreateSamplingRule(t.Context(), &xray.CreateSamplingRuleInput{SamplingRule: testRule(fmt.Sprint("rule", i), 1)})
			switch {
			case err == nil:
				made.Add(1)
			case isError(err, "RuleLimitExceededException", ""):
				refused.Add(1)
			default:
				t.Error(err)
			}
			if _, err := client.GetSamplingTargets(t.Context(), &xray.GetSamplingTargetsInput{
				SamplingStatisticsDocuments: []types.SamplingStatisticsDocument{statistics("Default", i, time.Now(), 1, 1, 1)},
			}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if made.Load() != maxSamplingRules || refused.Load() != maxSamplingRules {
		t.Errorf("%d made, %d refused", made.Load(), refused.Load())
	}
}

// Rules, their changes and their ends are there after a restart.
func TestSamplingRules_restart(t *testing.T) {
	cfg := Config{DataDir: t.TempDir()}
	var modified, last time.Time
	for round := range 3 {
		srv, err := Start(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		client := xray.NewFromConfig(sdkConfig(srv))
		if round == 0 {
			createRule(t, client, testRule("gone", 2))
			createRule(t, client, testRule("kept", 3))
			out, err := client.UpdateSamplingRule(t.Context(), &xray.UpdateSamplingRuleInput{SamplingRuleUpdate: &types.SamplingRuleUpdate{
				RuleName: aws.String("kept"), ReservoirSize: aws.Int32(77), Attributes: map[string]string{"k": "v"}}})
			if err != nil {
				t.Fatal(err)
			}
			modified = *out.SamplingRuleRecord.ModifiedAt
			if _, err := client.DeleteSamplingRule(t.Context(), &xray.DeleteSamplingRuleInput{RuleName: aws.String("gone")}); err != nil {
				t.Fatal(err)
			}
			last = *targets(t, client).LastRuleModification
		}
		out, err := client.GetSamplingRules(t.Context(), &xray.GetSamplingRulesInput{})
		if err != nil || len(out.SamplingRuleRecords) != 2 {
			t.Fatalf("round %d: %+v, %v", round, out, err)
		}
		if r := out.SamplingRuleRecords[0]; *r.SamplingRule.RuleName != "kept" || r.SamplingRule.ReservoirSize != 77 || r.SamplingRule.Attributes["k"] != "v" || !r.ModifiedAt.Equal(modified) {
			t.Errorf("round %d: %+v", round, r.SamplingRule)
		}
		if got := targets(t, client); !got.LastRuleModification.Equal(last) || last.Before(modified) {
			t.Errorf("round %d: rules were modified at %v, not %v", round, got.LastRuleModification, last)
		}
		if err := srv.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
