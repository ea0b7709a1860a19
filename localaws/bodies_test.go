package localaws

import (
	"bytes"
	"io"
	"net/http"
)

// SDKClient returns the HTTP client for the AWS SDK in tests.
//
// The SDK closes a request's body when the answer arrives. A server on
// loopback can answer before net/http has looked whether the body ends, and
// that look then fails with io.EOF (smithy-go v1.28.9, the WriteTo of a closed
// body), for which net/http closes the connection under the answer: one in
// 1,000 calls, one in 100 with -race. A body that net/http knows to be in memory is
// not looked at.
func SDKClient() *http.Client {
	return &http.Client{Transport: wholeBodies{&http.Transport{DisableKeepAlives: true}}}
}

type wholeBodies struct{ next http.RoundTripper }

func (w wholeBodies) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		return w.next.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	return w.next.RoundTrip(r)
}
