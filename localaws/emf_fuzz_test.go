package localaws

import (
	"encoding/json"
	"errors"
	"testing"
	"time"
)

// Whatever an event says, it makes metrics that the journal can keep, or breaks
// a rule; it does not panic.
func FuzzEMF(f *testing.F) {
	now := time.UnixMilli(1795435230000)
	for _, seed := range []string{
		`{"_aws":{"Timestamp":1795435230000,"CloudWatchMetrics":[{"Namespace":"N","Dimensions":[["d"],[]],"Metrics":[{"Name":"m","Unit":"Count","StorageResolution":1}]}]},"d":"v","m":[1,2]}`,
		`{"_aws":{"Timestamp":1795435230000,"CloudWatchMetrics":[{"Namespace":"N","Dimensions":[[]],"Metrics":[{"Name":"m"}]},null]},"m":{"Values":[1],"Counts":[2]}}`,
		`{"_aws":{"Timestamp":1795435230000,"CloudWatchMetrics":[{"Namespace":"N","Dimensions":[[]],"Metrics":[{"Name":"m"}]}]},"m":{"Max":1,"Min":0,"Count":2,"Sum":1}}`,
		`{"_aws":null}`, `null`, `{"_aws":{"CloudWatchMetrics":null}}`, `{"_aws":{"Timestamp":1e99,"CloudWatchMetrics":[]}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, message string) {
		e, err := parseEMF(message, now)
		var trouble *emfTrouble
		if err != nil && !errors.As(err, &trouble) {
			t.Fatal(err)
		}
		if e == nil {
			return
		}
		store := newMetricStore(1 << 20)
		for i := range e.list {
			b, err := e.directive(i)
			if err != nil {
				if !errors.As(err, &trouble) {
					t.Fatal(err)
				}
				continue
			}
			if _, err := json.Marshal(b); err != nil {
				t.Fatal(err)
			}
			store.add(b, now)
		}
	})
}
