package updraft

import (
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/updraft-otel/updraft/awsapi"
	"github.com/updraft-otel/updraft/sampling"
)

// TestXRayRules translates between the sampler and X-Ray, over HTTP.
func TestXRayRules(t *testing.T) {
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked = append(asked, r.URL.Path+" "+string(body))
		switch {
		case r.URL.Path == "/SamplingTargets":
			_, _ = io.WriteString(w, `{"SamplingTargetDocuments":[
				{"RuleName":"a","FixedRate":0.1,"ReservoirQuota":2,"ReservoirQuotaTTL":1530923107.5,"Interval":10,"SamplingBoost":{"BoostRate":0.5,"BoostRateTTL":1530923000}},
				{"RuleName":"b","ReservoirQuota":2,"Interval":-9223372036854775808},{"RuleName":"c","ReservoirQuota":2,"ReservoirQuotaTTL":1e300,"Interval":9223372036854775807}],
				"LastRuleModification":1530920505,"UnprocessedStatistics":[{"RuleName":"d","ErrorCode":"500","Message":"later"}],
				"UnprocessedBoostStatistics":[{"RuleName":"e","ErrorCode":"400","Message":"gone"}]}`)
		case strings.Contains(string(body), "NextToken"):
			_, _ = io.WriteString(w, `{"SamplingRuleRecords":[{"SamplingRule":{"RuleName":"second","Version":1,"SamplingRateBoost":{"MaxRate":0.5,"CooldownWindowMinutes":10}},"ModifiedAt":2.5}]}`)
		default:
			_, _ = io.WriteString(w, `{"SamplingRuleRecords":[{"SamplingRule":{"RuleName":"first","Version":1,"Priority":3,"FixedRate":0.2,"ReservoirSize":4,
				"ServiceName":"s","ServiceType":"t","Host":"h","HTTPMethod":"m","URLPath":"u","ResourceARN":"r","Attributes":{"k":"v"}},"CreatedAt":7}],"NextToken":"more"}`)
		}
	}))
	defer server.Close()
	client, err := awsapi.New(awsapi.Config{Service: awsapi.XRay, Endpoint: server.URL, Credentials: aws.AnonymousCredentials{}})
	if err != nil {
		t.Fatal(err)
	}
	service := xrayRules{client}

	rules, err := service.Rules(t.Context())
	want := []sampling.Rule{
		{Name: "first", Priority: 3, FixedRate: 0.2, ReservoirSize: 4, ServiceName: "s", ServiceType: "t", Host: "h", HTTPMethod: "m",
			URLPath: "u", ResourceARN: "r", Attributes: map[string]string{"k": "v"}, ModifiedAt: time.Unix(7, 0)},
		{Name: "second", Boost: &sampling.Boost{MaxRate: 0.5, Cooldown: 10 * time.Minute}, ModifiedAt: time.Unix(2, 5e8)},
	}
	if err != nil || !reflect.DeepEqual(rules, want) {
		t.Errorf("rules %+v: %v, want %+v", rules, err, want)
	}

	at := time.Unix(1_764_000_000, 0)
	targets, err := service.Report(t.Context(),
		[]sampling.Statistics{{Rule: "a", Client: "0123456789abcdef01234567", At: at, Requests: 3, Sampled: 2, Borrowed: 1}},
		[]sampling.BoostStatistics{{Rule: "a", Service: strings.Repeat("é", 100), At: at, Total: 3, Anomalies: 2, SampledAnomalies: 1}})
	if err != nil {
		t.Fatal(err)
	}
	const sent = `/SamplingTargets {"SamplingStatisticsDocuments":[{"RuleName":"a","ClientID":"0123456789abcdef01234567","Timestamp":1764000000,"RequestCount":3,"SampledCount":2,"BorrowCount":1}],` +
		`"SamplingBoostStatisticsDocuments":[{"RuleName":"a","ServiceName":"` // the name is cut at 64 characters
	last := asked[len(asked)-1]
	if !strings.HasPrefix(last, sent+strings.Repeat("é", 64)+`","Timestamp":1764000000,"AnomalyCount":2,"TotalCount":3,"SampledAnomalyCount":1}]}`) {
		t.Errorf("sent %s", last)
	}
	a, b, c := targets.Targets[0], targets.Targets[1], targets.Targets[2]
	if *a.FixedRate != 0.1 || *a.Quota != 2 || !a.QuotaUntil.Equal(time.Unix(1530923107, 5e8)) || a.Interval != 10*time.Second ||
		a.BoostRate != 0.5 || !a.BoostUntil.Equal(time.Unix(1530923000, 0)) {
		t.Errorf("%+v", a)
	}
	if b.Quota != nil || b.Interval != 0 || !c.QuotaUntil.IsZero() || c.Interval <= 0 {
		t.Errorf("%+v and %+v, want nothing of what makes no sense", b, c)
	}
	if !targets.RulesModified.Equal(time.Unix(1530920505, 0)) || !reflect.DeepEqual(targets.Unprocessed, []sampling.Unprocessed{
		{Rule: "d", Again: true, Reason: "500: later"}, {Rule: "e", Boost: true, Reason: "400: gone"},
	}) {
		t.Errorf("%+v", targets)
	}
}
