package otlp_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"net/http"
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/bearertokenauthextension"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/updraft-otel/updraft/agent/internal/agenttest"
	"github.com/updraft-otel/updraft/localaws"
)

// token is what a client must know.
const token = "s3cret"

// withBearer are the factories, and the extension that asks for a token.
func withBearer() (otelcol.Factories, error) {
	f, err := factories()
	bearer := bearertokenauthextension.NewFactory()
	f.Extensions = map[component.Type]extension.Factory{bearer.Type(): bearer}
	return f, err
}

// TestReceiver_tlsAndAuth takes spans from who comes with a certificate of the authority and with the token, and from nobody
// else.
func TestReceiver_tlsAndAuth(t *testing.T) {
	aws := agenttest.AWS(t, localaws.Config{})
	ca := agenttest.NewAuthority(t)
	cert, key, _ := ca.Sign(t)
	_, _, own := ca.Sign(t)
	_, _, foreign := agenttest.NewAuthority(t).Sign(t)
	grpcAddr, httpAddr := agenttest.FreeAddr(t), agenttest.FreeAddr(t)
	secure := fmt.Sprintf("tls: {cert_file: %q, key_file: %q, client_ca_file: %q}, auth: {authenticator: bearertokenauth}", cert, key, ca.File)
	agenttest.Start(t, withBearer, fmt.Sprintf(`
extensions: {bearertokenauth: {token: %q}}
receivers: {otlp: {protocols: {grpc: {endpoint: %q, %s}, http: {endpoint: %q, %s}}}}
exporters: {awsxray: {region: us-east-1}}
service:
  extensions: [bearertokenauth]
  telemetry: {metrics: {level: none}}
  pipelines: {traces: {receivers: [otlp], exporters: [awsxray]}}
`, token, grpcAddr, secure, httpAddr, secure))

	sent := 0
	f := func(name string, ok bool, certificate tls.Certificate, authorization string) {
		t.Helper()
		config := &tls.Config{RootCAs: ca.Pool, Certificates: []tls.Certificate{certificate}}
		err := sendGRPC(t, grpcAddr, config, authorization)
		if (err == nil) != ok {
			t.Errorf("%s, gRPC: %v", name, err)
		}
		httpErr := sendHTTP(t, httpAddr, config, authorization)
		if (httpErr == nil) != ok {
			t.Errorf("%s, HTTP: %v", name, httpErr)
		}
		if ok {
			sent += 2
		}
		if authorization != "Bearer "+token && len(certificate.Certificate) > 0 && certificate.Leaf == own.Leaf && status.Code(err) != codes.Unauthenticated {
			t.Errorf("%s: %v, want Unauthenticated", name, err)
		}
	}
	f("known, with the token", true, own, "Bearer "+token)
	f("known, without a token", false, own, "")
	f("known, with another token", false, own, "Bearer x")
	f("unknown, with the token", false, foreign, "Bearer "+token)
	f("without a certificate", false, tls.Certificate{}, "Bearer "+token)
	agenttest.Eventually(t, "what was taken arrives", func() bool { return aws.Counts().Segments == sent })
}

func sendGRPC(t *testing.T, addr string, config *tls.Config, authorization string) error {
	t.Helper()
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(credentials.NewTLS(config)))
	if err != nil {
		return err
	}
	defer conn.Close()
	ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", authorization)
	_, err = ptraceotlp.NewGRPCClient(conn).Export(ctx, ptraceotlp.NewExportRequestFromTraces(agenttest.Traces(1)))
	return err
}

func sendHTTP(t *testing.T, addr string, config *tls.Config, authorization string) error {
	t.Helper()
	body, err := ptraceotlp.NewExportRequestFromTraces(agenttest.Traces(1)).MarshalProto()
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+addr+"/v1/traces", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	req.Header.Set("Authorization", authorization)
	transport := &http.Transport{TLSClientConfig: config}
	defer transport.CloseIdleConnections()
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %s", resp.Status)
	}
	return nil
}
