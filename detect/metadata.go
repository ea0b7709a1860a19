package detect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// maxMetadata bounds an answer, in bytes.
const maxMetadata = 1 << 20

// linkLocal is a client that goes past any proxy: metadata services are at addresses of the machine's own.
func linkLocal() *http.Client {
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
}

// errNotTold is the answer where there is nothing, or to who may not know.
var errNotTold = errors.New("not told")

// readJSON reads what a metadata service answers.
func readJSON(client *http.Client, req *http.Request, into any) error {
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		return fmt.Errorf("%s answers %s: %w", req.URL, resp.Status, errNotTold)
	default:
		return fmt.Errorf("%s answers %s", req.URL, resp.Status)
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxMetadata))
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

func get(ctx context.Context, url string) (*http.Request, error) {
	return http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
}
