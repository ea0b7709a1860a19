// Package sigv4 verifies AWS Signature Version 4 by computing it again.
//
// It takes the Authorization header and presigned query strings, whole bodies
// and UNSIGNED-PAYLOAD. It leaves out chunked signing (an S3 matter), SigV4a and
// session tokens, which it ignores.
//
// Read from https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// MaxSkew is how far a request's clock may be from the server's.
const MaxSkew = 5 * time.Minute

const (
	algorithm  = "AWS4-HMAC-SHA256"
	timeLayout = "20060102T150405Z"
)

// Reason is why a request was turned away.
type Reason int

// The reasons, each of which has its own error in AWS.
const (
	Missing    Reason = iota // no signature at all
	Incomplete               // a signature that lacks a part
	UnknownKey               // an access key the server does not know
	Mismatch                 // the signature is another
	Skew                     // the clocks are too far apart
	Scope                    // signed for another service
)

// An Error says why a request was turned away, in AWS's words.
type Error struct {
	Reason  Reason
	Message string
}

func (e *Error) Error() string { return e.Message }

func refuse(r Reason, format string, args ...any) error {
	return &Error{Reason: r, Message: fmt.Sprintf(format, args...)}
}

// A Verifier knows one pair of credentials. Any region is right.
type Verifier struct {
	AccessKeyID     string
	SecretAccessKey string
}

// Verify checks that the request was signed for the service, with the body as
// it came over the wire. Its errors are all *[Error].
func (v Verifier) Verify(r *http.Request, body []byte, service string, now time.Time) error {
	s, err := parse(r)
	if err != nil {
		return err
	}
	if s.accessKey != v.AccessKeyID {
		return refuse(UnknownKey, "The security token included in the request is invalid.")
	}
	if s.service != service {
		return refuse(Scope, "Credential should be scoped to correct service: '%s'.", service)
	}
	if err := s.checkTime(now); err != nil {
		return err
	}
	hash, err := s.payloadHash(r, body)
	if err != nil {
		return err
	}
	want := s.sign(v.SecretAccessKey, canonicalRequest(r, s, hash))
	if subtle.ConstantTimeCompare([]byte(want), []byte(s.signature)) != 1 {
		return mismatch()
	}
	return nil
}

func mismatch() error {
	return refuse(Mismatch, "The request signature we calculated does not match the signature you provided. "+
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
}

// Service is the service in the credential scope of a request; "" without one.
func Service(r *http.Request) string {
	s, err := parse(r)
	if err != nil {
		return ""
	}
	return s.service
}

// Region is the region in the credential scope of a request; "" without one.
func Region(r *http.Request) string {
	s, err := parse(r)
	if err != nil {
		return ""
	}
	return s.region
}

// A signature is what a request says about its signing.
type signature struct {
	accessKey, date, region, service string
	signedHeaders                    []string
	signature                        string
	at                               time.Time
	presigned                        bool
	expires                          time.Duration // presigned only
}

// checkTime compares the clocks.
func (s *signature) checkTime(now time.Time) error {
	validFor := MaxSkew
	if s.presigned {
		validFor = s.expires
	}
	stamp := func(t time.Time) string { return t.UTC().Format(timeLayout) }
	if now.Sub(s.at) > validFor {
		return refuse(Skew, "Signature expired: %s is now earlier than %s (%s - %d min.)",
			stamp(s.at), stamp(now.Add(-validFor)), stamp(now), int(validFor/time.Minute))
	}
	if s.at.Sub(now) > MaxSkew {
		return refuse(Skew, "Signature not yet current: %s is still later than %s (%s + %d min.)",
			stamp(s.at), stamp(now.Add(MaxSkew)), stamp(now), int(MaxSkew/time.Minute))
	}
	if !strings.HasPrefix(stamp(s.at), s.date) {
		return refuse(Mismatch, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '%s' != '%s', from '%s'.",
			s.date, stamp(s.at)[:8], stamp(s.at))
	}
	return nil
}

// Forms of the payload hash other than the hash itself.
const (
	unsignedPayload  = "UNSIGNED-PAYLOAD"
	contentSHAHeader = "X-Amz-Content-Sha256"
)

// payloadHash is the last line of the canonical request. A hash that the client
// states must be the body's.
func (s *signature) payloadHash(r *http.Request, body []byte) (string, error) {
	stated := r.Header.Get(contentSHAHeader)
	if stated == unsignedPayload {
		return stated, nil
	}
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	if stated != "" && stated != hash {
		return "", mismatch()
	}
	return hash, nil
}

// sign computes the signature that the request ought to have.
func (s *signature) sign(secret, canonical string) string {
	scope := strings.Join([]string{s.date, s.region, s.service, "aws4_request"}, "/")
	sum := sha256.Sum256([]byte(canonical))
	text := algorithm + "\n" + s.at.Format(timeLayout) + "\n" + scope + "\n" + hex.EncodeToString(sum[:])
	key := []byte("AWS4" + secret)
	for _, part := range []string{s.date, s.region, s.service, "aws4_request", text} {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	return hex.EncodeToString(key)
}
