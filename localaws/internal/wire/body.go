package wire

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// ErrTooLarge is a body over the limit, before or after decompression.
var ErrTooLarge = errors.New("request body too large")

// ReadBody reads a request body of at most limit bytes.
func ReadBody(r io.Reader, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}
	if int64(len(body)) > limit {
		return nil, ErrTooLarge
	}
	return body, nil
}

// Decompress undoes a Content-Encoding of gzip, up to limit bytes. Any other
// encoding is an error; none is none.
func Decompress(encoding string, body []byte, limit int64) ([]byte, error) {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "identity":
		return body, nil
	case "gzip":
	default:
		return nil, fmt.Errorf("content encoding %.40q is not supported", encoding)
	}
	r, err := gzip.NewReader(strings.NewReader(string(body)))
	if err != nil {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	return ReadBody(r, limit)
}
