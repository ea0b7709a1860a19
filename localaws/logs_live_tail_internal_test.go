package localaws

import (
	"bytes"
	"net/http/httptest"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
)

// A session ends after three hours, with an exception.
func TestLiveTail_timeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var set liveTails
		live := &liveTail{set: &set}
		set.add(live)
		w := httptest.NewRecorder()
		live.serve(t.Context(), w)
		body, n, last := bytes.NewReader(w.Body.Bytes()), 0, ""
		for body.Len() > 0 {
			m, err := eventstream.NewDecoder().Decode(body, nil)
			if err != nil {
				t.Fatal(err)
			}
			n++
			if name := m.Headers.Get(":exception-type"); name != nil {
				last = name.String()
			}
		}
		// initial-response, sessionStart, and an update each second; the last one
		// may come before or after the end.
		if seconds := int(tailTimeout.Seconds()); n < seconds+2 || n > seconds+3 || last != "SessionTimeoutException" {
			t.Errorf("%d messages, the last is %q", n, last)
		}
		if len(set.list) != 0 {
			t.Error("the session is still open")
		}
	})
}
