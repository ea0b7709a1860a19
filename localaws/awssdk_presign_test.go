package localaws_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/updraft-otel/updraft/awssdk"
)

// TestAWSSDK_presign: presigned URLs are the same with and without tracing,
// verify, and are no calls.
func TestAWSSDK_presign(t *testing.T) {
	s := newService(t, answer{200, nil, ""})
	cfg, recorder := traced(t, s, awssdk.Config{})
	plain := cfg.Copy()
	plain.APIOptions = nil
	pathStyle := func(o *s3.Options) { o.UsePathStyle = true }
	tracedClient := s3.NewPresignClient(s3.NewFromConfig(cfg, pathStyle))
	plainClient := s3.NewPresignClient(s3.NewFromConfig(plain, pathStyle))
	f := func(name string, presign func(*s3.PresignClient) (*v4.PresignedHTTPRequest, error)) {
		t.Helper()
		got, err := presign(tracedClient)
		if err != nil {
			t.Fatal(err)
		}
		want, err := presign(plainClient)
		if err != nil {
			t.Fatal(err)
		}
		if withoutTime(t, got.URL) != withoutTime(t, want.URL) || len(got.SignedHeader) != len(want.SignedHeader) {
			t.Errorf("%s: %s with %v, want %s with %v", name, got.URL, got.SignedHeader, want.URL, want.SignedHeader)
		}
		request, err := http.NewRequestWithContext(t.Context(), got.Method, got.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		for key, values := range got.SignedHeader {
			request.Header[key] = values
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		verifyPresigned(t, s.last(t), s.Listener.Addr().String())
	}
	f("get", func(c *s3.PresignClient) (*v4.PresignedHTTPRequest, error) {
		return c.PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("b"), Key: aws.String("k")})
	})
	f("put", func(c *s3.PresignClient) (*v4.PresignedHTTPRequest, error) {
		return c.PresignPutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("b"), Key: aws.String("k")})
	})
	post, err := tracedClient.PresignPostObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("b"), Key: aws.String("k")})
	if err != nil || len(post.Values) == 0 {
		t.Fatalf("%v, %v", post, err)
	}
	if n := len(recorder.Started()); n != 0 {
		t.Errorf("%d spans of URLs that nobody has called yet", n)
	}
}

// withoutTime drops what differs from second to second.
func withoutTime(t testing.TB, raw string) string {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Del("X-Amz-Date")
	q.Del("X-Amz-Signature")
	u.RawQuery = q.Encode()
	return u.String()
}

// verifyPresigned computes the signature anew, as S3 would.
func verifyPresigned(t testing.TB, r received, host string) {
	t.Helper()
	q, err := url.ParseQuery(r.query)
	if err != nil {
		t.Fatal(err)
	}
	want := q.Get("X-Amz-Signature")
	q.Del("X-Amz-Signature")
	at, err := time.Parse("20060102T150405Z", q.Get("X-Amz-Date"))
	if err != nil || want == "" {
		t.Fatalf("%v in %s", err, r.query)
	}
	for _, name := range []string{"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-SignedHeaders"} {
		q.Del(name)
	}
	request, err := http.NewRequestWithContext(t.Context(), r.method, "http://"+host+r.path+"?"+q.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	signed, _, err := signer.PresignHTTP(t.Context(), aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret"},
		request, "UNSIGNED-PAYLOAD", "s3", "eu-west-1", at)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(signed, "X-Amz-Signature="+want) {
		t.Errorf("the URL of %s does not verify:\n%s\n%s", r.path, r.query, signed)
	}
}
