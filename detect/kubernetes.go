package detect

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strings"
)

// A kubernetes is the cluster's API as a pod sees it, with what its service account gives.
// https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/#directly-accessing-the-rest-api
type kubernetes struct {
	address string
	files   fs.FS
	token   string
	client  *http.Client // nil where the service account's files are not mounted
}

const serviceAccount = "var/run/secrets/kubernetes.io/serviceaccount/"

func newKubernetes(files fs.FS) *kubernetes {
	k := &kubernetes{
		address: "https://" + net.JoinHostPort(os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT")),
		files:   files,
	}
	k.token = k.file("token")
	roots := x509.NewCertPool()
	if k.token != "" && roots.AppendCertsFromPEM([]byte(k.file("ca.crt"))) {
		k.client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}}
	}
	return k
}

// file reads a file of the service account's.
func (k *kubernetes) file(name string) string {
	text, err := fs.ReadFile(k.files, serviceAccount+name)
	if err != nil {
		return "" // not every pod has one
	}
	return strings.TrimSpace(string(text))
}

func (k *kubernetes) namespace() string { return k.file("namespace") }

// issuer is who made the service account's token, which is not checked: it is the pod's own.
func (k *kubernetes) issuer() string {
	parts := strings.Split(k.token, ".")
	if len(parts) != 3 {
		return ""
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	var claims struct {
		Issuer string `json:"iss"`
	}
	if err != nil || json.Unmarshal(text, &claims) != nil {
		return ""
	}
	return claims.Issuer
}

// version is that of the API server, which it tells everybody; "" where it can't be asked.
func (k *kubernetes) version(ctx context.Context) string {
	var said struct {
		GitVersion string `json:"gitVersion"`
	}
	_ = k.get(ctx, "/version", &said)
	return said.GitVersion
}

// clusterName reads the name that CloudWatch's agents are told, and returns "" without an error where this pod can't.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-setup-logs-FluentBit.html
func (k *kubernetes) clusterName(ctx context.Context) (string, error) {
	var config struct {
		Data map[string]string `json:"data"`
	}
	err := k.get(ctx, "/api/v1/namespaces/amazon-cloudwatch/configmaps/cluster-info", &config)
	if err != nil && !errors.Is(err, errNotTold) {
		return "", fmt.Errorf("cluster's name: %w; OTEL_RESOURCE_ATTRIBUTES=k8s.cluster.name=NAME says it", err)
	}
	return config.Data["cluster.name"], nil
}

func (k *kubernetes) get(ctx context.Context, path string, into any) error {
	if k.client == nil {
		return errNotTold
	}
	req, err := get(ctx, k.address+path)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+k.token)
	req.Header.Set("Accept", "application/json")
	return readJSON(k.client, req, into)
}
