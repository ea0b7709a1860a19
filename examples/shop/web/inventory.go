package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// A product is what the shop shows of an article.
type product struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Category   string `json:"category"`
	PriceCents int64  `json:"price_cents"`
	Stock      int64  `json:"stock"`
}

// An order is the inventory's reservation under the customer's name for it.
type order struct {
	ID         int64  `json:"id,omitempty"`
	Product    string `json:"product"`
	Quantity   int64  `json:"quantity"`
	TotalCents int64  `json:"total_cents,omitempty"`
	State      string `json:"state,omitempty"`
}

// inventory calls the inventory service. Its spans and the trace header come
// from the HTTP client alone.
type inventory struct {
	url  string
	http *http.Client
}

// A statusError is an answer other than 2xx.
type statusError struct {
	status int
	text   string
}

func (e *statusError) Error() string { return "inventory: " + e.text }

// statusOf is the inventory's status in err, or 0.
func statusOf(err error) int {
	if e, ok := errors.AsType[*statusError](err); ok {
		return e.status
	}
	return 0
}

func (i *inventory) get(ctx context.Context, path string, out any) error {
	return i.call(ctx, http.MethodGet, path, nil, out)
}

func (i *inventory) post(ctx context.Context, path string, in, out any) error {
	return i.call(ctx, http.MethodPost, path, in, out)
}

func (i *inventory) call(ctx context.Context, method, path string, in, out any) error {
	body := new(bytes.Buffer)
	if in != nil {
		if err := json.NewEncoder(body).Encode(in); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, i.url+path, body)
	if err != nil {
		return err
	}
	res, err := i.http.Do(req)
	if err != nil {
		return fmt.Errorf("inventory: %w", err)
	}
	defer res.Body.Close()
	answer := io.LimitReader(res.Body, 1<<20)
	if res.StatusCode/100 != 2 {
		return refusal(res.StatusCode, answer)
	}
	if out == nil {
		return nil
	}
	return json.NewDecoder(answer).Decode(out)
}

func refusal(status int, body io.Reader) error {
	var said struct {
		Error string `json:"error"`
	}
	if err := json.NewDecoder(body).Decode(&said); err != nil || said.Error == "" {
		said.Error = http.StatusText(status)
	}
	return &statusError{status, said.Error}
}
