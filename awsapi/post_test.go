package awsapi

import (
	"io"
	"net/http"
	"testing"
)

func TestPost(t *testing.T) {
	p := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/Refused" {
			w.WriteHeader(http.StatusTooManyRequests)
			_, _ = io.WriteString(w, `{"__type":"ThrottledException","message":"slow down"}`)
			return
		}
		_, _ = io.WriteString(w, "{}")
	})
	c := p.client(t, XRay, func(*Config) {})
	answer, err := c.Post(t.Context(), "/GetSamplingRules", []byte(`{"NextToken":"a"}`))
	if err != nil || string(answer) != "{}" {
		t.Errorf("%s, %v", answer, err)
	}
	if r := p.last(t); r.method != http.MethodPost || r.path != "/GetSamplingRules" || string(r.body) != `{"NextToken":"a"}` || r.header.Get("Authorization") == "" {
		t.Errorf("%+v", r)
	}
	_, err = c.Post(t.Context(), "/Refused", nil)
	if e := asError(t, err); e.Code != "ThrottledException" || e.StatusCode != http.StatusTooManyRequests || !e.Retryable() {
		t.Error(e)
	}
	if _, err := c.Post(t.Context(), "x", nil); err == nil {
		t.Error("a path without a slash is taken")
	}
}
