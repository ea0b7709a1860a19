package awsapi

import (
	"context"
	"fmt"
	"strings"
)

// Post makes a call of the service that the caller has written itself, as one for somebody else: it POSTs body, JSON, to
// path, and returns the answer's body, at most 1 MiB. What is no success is an *[Error], as with the other calls.
func (c *Client) Post(ctx context.Context, path string, body []byte) ([]byte, error) {
	if !strings.HasPrefix(path, "/") {
		return nil, fmt.Errorf("awsapi: the path %q does not begin with a slash", path)
	}
	p := c.bodies.new()
	p.data = append(p.data, body...)
	return c.do(ctx, call{operation: path[1:], path: path, contentType: "application/json"}, p)
}
