package awsapi

import (
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// The rules come in pages, each as AWS's guide shows them.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sampling.html
func TestGetSamplingRules_pages(t *testing.T) {
	p := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"SamplingRuleRecords":[{"SamplingRule":{"RuleName":"base","RuleARN":"arn:aws:xray:us-east-1::sampling-rule/base",
			"ResourceARN":"*","Priority":9000,"FixedRate":0.1,"ReservoirSize":2,"ServiceName":"Scorekeep","ServiceType":"*","Host":"*",
			"HTTPMethod":"GET","URLPath":"/api/*","Version":1,"Attributes":{"tier":"gold"},
			"SamplingRateBoost":{"MaxRate":0.25,"CooldownWindowMinutes":10,"DisableDefaultAnomalyDetection":true}},
			"CreatedAt":1530573954.0,"ModifiedAt":1530920505.5}],"NextToken":"more"}`)
	})
	records, next, err := p.client(t, XRay).GetSamplingRules(t.Context(), "")
	if err != nil || next != "more" || len(records) != 1 {
		t.Fatalf("%d records, next %q: %v", len(records), next, err)
	}
	want := SamplingRuleRecord{
		SamplingRule: SamplingRule{
			RuleName: "base", ResourceARN: "*", Priority: 9000, FixedRate: 0.1, ReservoirSize: 2, ServiceName: "Scorekeep",
			ServiceType: "*", Host: "*", HTTPMethod: "GET", URLPath: "/api/*", Version: 1, Attributes: map[string]string{"tier": "gold"},
			SamplingRateBoost: &SamplingRateBoost{MaxRate: 0.25, CooldownWindowMinutes: 10, DisableDefaultAnomalyDetection: true},
		},
		CreatedAt: 1530573954, ModifiedAt: 1530920505.5,
	}
	if !reflect.DeepEqual(records[0], want) {
		t.Errorf("%+v, want %+v", records[0], want)
	}
}

func TestGetSamplingTargets_answer(t *testing.T) {
	p := serve(t, ok(`{"SamplingTargetDocuments":[{"RuleName":"base","FixedRate":0.1,"ReservoirQuota":2,"ReservoirQuotaTTL":1530923107.0,
		"Interval":10,"SamplingBoost":{"BoostRate":0.5,"BoostRateTTL":1530923000}},{"RuleName":"new","FixedRate":0.05}],
		"LastRuleModification":1530920505.0,"UnprocessedStatistics":[{"RuleName":"gone","ErrorCode":"400","Message":"no such rule"}]}`))
	got, err := p.client(t, XRay).GetSamplingTargets(t.Context(), make([]SamplingStatistics, 1), nil)
	if err != nil || len(got.SamplingTargetDocuments) != 2 {
		t.Fatalf("%+v: %v", got, err)
	}
	first, second := got.SamplingTargetDocuments[0], got.SamplingTargetDocuments[1]
	if *first.ReservoirQuota != 2 || *first.ReservoirQuotaTTL != 1530923107 || *first.Interval != 10 || first.SamplingBoost.BoostRate != 0.5 {
		t.Errorf("%+v", first)
	}
	if second.ReservoirQuota != nil || second.SamplingBoost != nil || *second.FixedRate != 0.05 {
		t.Errorf("%+v, want no quota where none is assigned", second)
	}
	if got.LastRuleModification != 1530920505 || got.UnprocessedStatistics[0] != (UnprocessedStatistics{"gone", "400", "no such rule"}) {
		t.Errorf("%+v", got)
	}
}

// No answer says that there are no rules, but one that says so.
func TestSampling_answersThatSayNothing(t *testing.T) {
	f := func(answer string) {
		t.Helper()
		c := serve(t, ok(answer)).client(t, XRay)
		if _, _, err := c.GetSamplingRules(t.Context(), ""); err == nil || asError(t, err).Code != "InvalidResponse" {
			t.Errorf("rules from %.40q: %v", answer, err)
		}
		if _, err := c.GetSamplingTargets(t.Context(), make([]SamplingStatistics, 1), nil); err == nil || asError(t, err).Code != "InvalidResponse" {
			t.Errorf("targets from %.40q: %v", answer, err)
		}
	}
	f("")
	f("<html>")
	f(`{"SamplingRuleRecords":7,"SamplingTargetDocuments":7}`)
	f(`{"SamplingRuleRecords":[{"SamplingRule":{"FixedRate":1e999}}],"LastRuleModification":1e999}`)
	f(`{"NextToken":"` + strings.Repeat("x", 10<<20) + `"}`)
}

// The daemon signs for who asks it; its clients need neither region nor credentials.
func TestUnsigned(t *testing.T) {
	p := serve(t, ok(`{"SamplingRuleRecords":[]}`))
	c, err := New(Config{Service: XRay, Endpoint: p.server.URL, Credentials: aws.AnonymousCredentials{}})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.GetSamplingRules(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if r := p.last(t); r.header.Get("Authorization") != "" || r.path != "/GetSamplingRules" {
		t.Errorf("%s, Authorization %q", r.path, r.header.Get("Authorization"))
	}
	if _, err := New(Config{Service: XRay, Endpoint: p.server.URL, Credentials: testCredentials()}); err == nil {
		t.Error("a client that signs was made without a region")
	}
}

func TestUnprocessedStatistics(t *testing.T) {
	for code, again := range map[string]bool{
		"400": false, "404": false, "429": true, "500": true, "503": true, "InternalFailure": true, "InvalidRequestException": false, "": false,
	} {
		if u := (UnprocessedStatistics{"r", code, "m"}); u.Retryable() != again || u.Error() != code+": m" {
			t.Errorf("%v: retryable %v, want %v", u, u.Retryable(), again)
		}
	}
}
