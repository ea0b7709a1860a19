package sigv4

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// parse finds the signature in the Authorization header or the query string.
func parse(r *http.Request) (*signature, error) {
	if h := r.Header.Get("Authorization"); h != "" {
		return parseHeader(r, h)
	}
	if q := r.URL.Query(); q.Has("X-Amz-Algorithm") || q.Has("X-Amz-Signature") {
		return parseQuery(q)
	}
	return nil, refuse(Missing, "Missing Authentication Token")
}

func parseHeader(r *http.Request, h string) (*signature, error) {
	rest, ok := strings.CutPrefix(h, algorithm)
	if !ok {
		return nil, refuse(Missing, "Missing Authentication Token")
	}
	s := &signature{}
	var credential string
	for part := range strings.SplitSeq(rest, ",") {
		k, v, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch k {
		case "Credential":
			credential = v
		case "SignedHeaders":
			s.signedHeaders = strings.Split(v, ";")
		case "Signature":
			s.signature = v
		}
	}
	const lacks = "Authorization header requires '%s' parameter. Authorization=%s"
	shown := algorithm
	switch {
	case credential == "":
		return nil, refuse(Incomplete, lacks, "Credential", shown)
	case s.signature == "":
		return nil, refuse(Incomplete, lacks, "Signature", shown)
	case len(s.signedHeaders) == 0:
		return nil, refuse(Incomplete, lacks, "SignedHeaders", shown)
	}
	if err := s.scope(credential); err != nil {
		return nil, err
	}
	at, err := time.Parse(timeLayout, r.Header.Get("X-Amz-Date"))
	if err != nil {
		if at, err = http.ParseTime(r.Header.Get("Date")); err != nil {
			return nil, refuse(Incomplete, "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=%s", shown)
		}
	}
	s.at = at.UTC()
	return s, nil
}

// maxExpiry is the longest a presigned request may be good for.
const maxExpiry = 7 * 24 * time.Hour

func parseQuery(q url.Values) (*signature, error) {
	s := &signature{
		presigned:     true,
		signature:     q.Get("X-Amz-Signature"),
		signedHeaders: strings.Split(q.Get("X-Amz-SignedHeaders"), ";"),
	}
	for _, name := range []string{"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"} {
		if q.Get(name) == "" {
			return nil, refuse(Incomplete, "AWS query-string parameters must include '%s'.", name)
		}
	}
	if q.Get("X-Amz-Algorithm") != algorithm {
		return nil, refuse(Incomplete, "Unsupported AWS 'algorithm': '%.40s'.", q.Get("X-Amz-Algorithm"))
	}
	if err := s.scope(q.Get("X-Amz-Credential")); err != nil {
		return nil, err
	}
	at, err := time.Parse(timeLayout, q.Get("X-Amz-Date"))
	if err != nil {
		return nil, refuse(Incomplete, "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
	}
	s.at = at
	s.expires = MaxSkew
	if e := q.Get("X-Amz-Expires"); e != "" {
		seconds, err := strconv.Atoi(e)
		if err != nil || seconds < 0 || time.Duration(seconds)*time.Second > maxExpiry {
			return nil, refuse(Incomplete, "X-Amz-Expires must be a number of seconds of at most 7 days")
		}
		s.expires = time.Duration(seconds) * time.Second
	}
	return s, nil
}

// scope takes KEY/20261123/us-east-1/xray/aws4_request apart.
func (s *signature) scope(credential string) error {
	parts := strings.Split(credential, "/")
	if len(parts) != 5 {
		return refuse(Incomplete, "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got %d", len(parts))
	}
	if parts[4] != "aws4_request" {
		return refuse(Mismatch, "Credential should be scoped with a valid terminator: 'aws4_request', not '%.40s'.", parts[4])
	}
	s.accessKey, s.date, s.region, s.service = parts[0], parts[1], parts[2], parts[3]
	if s.region == "" {
		return refuse(Mismatch, "Credential should be scoped to a valid region.")
	}
	return nil
}

// canonicalRequest is the text that both sides sign.
func canonicalRequest(r *http.Request, s *signature, payloadHash string) string {
	var b strings.Builder
	b.WriteString(r.Method + "\n")
	b.WriteString(canonicalPath(r.URL) + "\n")
	b.WriteString(canonicalQuery(r.URL.Query()) + "\n")
	for _, name := range s.signedHeaders {
		b.WriteString(strings.ToLower(name) + ":" + headerValue(r, name) + "\n")
	}
	b.WriteString("\n" + strings.Join(s.signedHeaders, ";") + "\n" + payloadHash)
	return b.String()
}

// headerValue is a header as signed: trimmed, inner runs of blanks made one.
// Go's server moves some headers out of the map.
func headerValue(r *http.Request, name string) string {
	switch strings.ToLower(name) {
	case "host":
		return r.Host
	case "content-length":
		return strconv.FormatInt(r.ContentLength, 10)
	case "transfer-encoding":
		return strings.Join(r.TransferEncoding, ",")
	}
	values := slices.Clone(r.Header.Values(name))
	for i, v := range values {
		values[i] = strings.Join(strings.Fields(v), " ")
	}
	return strings.Join(values, ",")
}

// canonicalPath encodes the path that is on the wire once more, as every
// service but S3 does.
func canonicalPath(u *url.URL) string {
	path := u.EscapedPath()
	if path == "" {
		return "/"
	}
	return escape(path, true)
}

func canonicalQuery(q url.Values) string {
	type pair struct{ key, value string }
	pairs := make([]pair, 0, len(q))
	for k, values := range q {
		if k == "X-Amz-Signature" {
			continue
		}
		for _, v := range values {
			pairs = append(pairs, pair{escape(k, false), escape(v, false)})
		}
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		return cmp.Or(strings.Compare(a.key, b.key), strings.Compare(a.value, b.value))
	})
	var b strings.Builder
	for i, p := range pairs {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(p.key + "=" + p.value)
	}
	return b.String()
}

// escape is RFC 3986: only the unreserved characters stay.
func escape(s string, keepSlash bool) string {
	const hexDigits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9',
			c == '-', c == '_', c == '.', c == '~', keepSlash && c == '/':
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
		}
	}
	return b.String()
}
