package localaws

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/xray"
)

func TestSampling_cli(t *testing.T) {
	for _, cli := range awsCLIs(t) {
		t.Run(filepath.Dir(cli), func(t *testing.T) {
			t.Parallel()
			testSamplingCLI(t, cli)
		})
	}
}

// cliRecord is a rule as the CLI prints it.
type cliRecord struct {
	SamplingRule struct {
		RuleName, URLPath       string
		Priority, ReservoirSize int
		FixedRate               float64
		Attributes              map[string]string
	}
	CreatedAt, ModifiedAt any
}

func testSamplingCLI(t *testing.T, cli string) {
	srv := startTest(t, Config{})
	var made struct{ SamplingRuleRecord cliRecord }
	runCLI(t, cli, srv, &made, "xray", "create-sampling-rule", "--sampling-rule", `{"RuleName":"polling","ResourceARN":"*","Priority":5000,"FixedRate":0.003,
		"ReservoirSize":0,"ServiceName":"Scorekeep","ServiceType":"*","Host":"*","HTTPMethod":"GET","URLPath":"/api/state/*","Version":1,"Attributes":{"a":"b"}}`)
	if r := made.SamplingRuleRecord; r.SamplingRule.RuleName != "polling" || r.SamplingRule.FixedRate != 0.003 || r.SamplingRule.Attributes["a"] != "b" || r.CreatedAt == nil {
		t.Errorf("create-sampling-rule: %+v", r)
	}
	runCLI(t, cli, srv, &made, "xray", "update-sampling-rule", "--sampling-rule-update", `{"RuleName":"Default","FixedRate":0.01,"ReservoirSize":0}`)
	if r := made.SamplingRuleRecord.SamplingRule; r.Priority != 10000 || r.FixedRate != 0.01 || r.ReservoirSize != 0 {
		t.Errorf("update-sampling-rule: %+v", r)
	}
	var rules struct{ SamplingRuleRecords []cliRecord }
	runCLI(t, cli, srv, &rules, "xray", "get-sampling-rules")
	if r := rules.SamplingRuleRecords; len(r) != 2 || r[0].SamplingRule.URLPath != "/api/state/*" || r[1].SamplingRule.RuleName != "Default" {
		t.Errorf("get-sampling-rules: %+v", r)
	}
	var got struct {
		SamplingTargetDocuments []struct {
			RuleName       string
			FixedRate      float64
			ReservoirQuota *int
			Interval       int
		}
		LastRuleModification  any
		UnprocessedStatistics []struct{ RuleName, ErrorCode string }
	}
	const doc = `{"RuleName":%q,"ClientID":"ABCDEF1234567890ABCDEF10","Timestamp":%d,"RequestCount":110,"SampledCount":20,"BorrowCount":10}`
	now := time.Now().Unix()
	runCLI(t, cli, srv, &got, "xray", "get-sampling-targets", "--sampling-statistics-documents",
		"["+fmt.Sprintf(doc, "polling", now)+","+fmt.Sprintf(doc, "gone", now)+"]")
	if d := got.SamplingTargetDocuments; len(d) != 1 || d[0].FixedRate != 0.003 || d[0].ReservoirQuota == nil || *d[0].ReservoirQuota != 0 || d[0].Interval != 10 ||
		got.LastRuleModification == nil || len(got.UnprocessedStatistics) != 1 {
		t.Errorf("get-sampling-targets: %+v", got)
	}
	var sums struct {
		SamplingStatisticSummaries []struct {
			RuleName                                string
			RequestCount, BorrowCount, SampledCount int
		}
	}
	runCLI(t, cli, srv, &sums, "xray", "get-sampling-statistic-summaries")
	if s := sums.SamplingStatisticSummaries; len(s) != 1 || s[0].RuleName != "polling" || s[0].RequestCount != 110 || s[0].SampledCount != 20 || s[0].BorrowCount != 10 {
		t.Errorf("get-sampling-statistic-summaries: %+v", s)
	}
	runCLI(t, cli, srv, &made, "xray", "delete-sampling-rule", "--rule-name", "polling")
	failCLI(t, cli, srv, "An error occurred (InvalidRequestException) when calling the DeleteSamplingRule operation: Sampling rule does not exist",
		"xray", "delete-sampling-rule", "--rule-name", "polling")
	failCLI(t, cli, srv, "(InvalidRequestException) when calling the DeleteSamplingRule operation", "xray", "delete-sampling-rule", "--rule-name", "Default")
}

// Faults are for these calls as for all.
func TestSampling_control(t *testing.T) {
	srv := startTest(t, Config{})
	client := xray.NewFromConfig(sdkConfig(srv))
	stop := srv.Control("GetSamplingRules", func(*Call) *Fault { return Throttle() })
	if _, err := client.GetSamplingRules(t.Context(), &xray.GetSamplingRulesInput{}); !isError(err, "ThrottlingException", "Rate exceeded") {
		t.Errorf("got %v", err)
	}
	targets(t, client) // another call passes
	stop()
	if names, _ := ruleNames(t, client); names != "Default" {
		t.Errorf("got %q", names)
	}
}
