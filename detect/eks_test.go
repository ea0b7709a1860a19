package detect_test

import (
	"encoding/base64"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/updraft-otel/updraft/detect"
)

const (
	clusterInfo = "/api/v1/namespaces/amazon-cloudwatch/configmaps/cluster-info"
	account     = "var/run/secrets/kubernetes.io/serviceaccount/"
)

// token is a service account's, with an issuer.
func token(issuer string) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"RS256"}`)) + "." + encode([]byte(`{"iss":"`+issuer+`","sub":"system:serviceaccount:shop:default"}`)) + ".c2ln"
}

const (
	issuerOfEKS = "https://oidc.eks.us-west-2.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
	issuerElse  = "https://kubernetes.default.svc.cluster.local"
)

// pod is a pod of a cluster whose API answers with these texts, a status where one is a number.
func pod(t *testing.T, issuer string, by map[string]string) fstest.MapFS {
	t.Helper()
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, ok := by[r.URL.Path]
		switch {
		case r.Header.Get("Authorization") != "Bearer "+token(issuer):
			w.WriteHeader(http.StatusUnauthorized)
		case !ok:
			w.WriteHeader(http.StatusForbidden)
		case text == "500":
			w.WriteHeader(http.StatusInternalServerError)
		default:
			_, _ = io.WriteString(w, text)
		}
	}))
	t.Cleanup(srv.Close)
	address, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("KUBERNETES_SERVICE_HOST", address.Hostname())
	t.Setenv("KUBERNETES_SERVICE_PORT", address.Port())
	return fstest.MapFS{
		account + "token":     {Data: []byte(token(issuer) + "\n")},
		account + "namespace": {Data: []byte("shop")},
		account + "ca.crt":    {Data: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})},
	}
}

var onEKS = map[string]any{"cloud.provider": "aws", "cloud.platform": "aws_eks"}

func TestEKS(t *testing.T) {
	nowhere(t)
	f := func(what, issuer string, by map[string]string, attributes map[string]any, message string) {
		t.Helper()
		want(t, what, detect.EKS{Files: pod(t, issuer, by)}, attributes, message)
	}
	inShop := with(onEKS, map[string]any{"k8s.namespace.name": "shop"})
	named := with(inShop, map[string]any{"k8s.cluster.name": "prod"})
	info := `{"kind":"ConfigMap","data":{"cluster.name":"prod","logs.region":"us-west-2"}}`
	f("by the token", issuerOfEKS, map[string]string{clusterInfo: info}, named, "")
	f("by the version", issuerElse, map[string]string{clusterInfo: info, "/version": `{"gitVersion":"v1.33.4-eks-ba24e9c"}`}, named, "")
	f("the name is forbidden", issuerOfEKS, nil, inShop, "")
	f("no such key", issuerOfEKS, map[string]string{clusterInfo: `{}`}, inShop, "")
	f("the API fails", issuerOfEKS, map[string]string{clusterInfo: "500"}, inShop, "k8s.cluster.name=NAME")
	f("another Kubernetes", issuerElse, map[string]string{clusterInfo: info, "/version": `{"gitVersion":"v1.33.4+k3s1"}`}, nil, "")
	onEC2(t, instance)
	node := without(ofInstance, "cloud.platform")
	f("on a node that tells its tags", issuerElse, nil, with(with(named, node), onEKS), "")
	f("the ConfigMap has the say", issuerOfEKS, map[string]string{clusterInfo: strings.ReplaceAll(info, "prod", "other")},
		with(with(named, node), map[string]any{"k8s.cluster.name": "other"}), "")
}

func TestEKS_withoutAccount(t *testing.T) {
	nowhere(t)
	f := func(what string, attributes map[string]any) {
		t.Helper()
		want(t, what, detect.EKS{Files: fstest.MapFS{}}, attributes, "")
	}
	f("no Kubernetes", nil)
	t.Setenv("KUBERNETES_SERVICE_HOST", "10.100.0.1")
	f("Kubernetes elsewhere", nil)
	t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/secrets/eks.amazonaws.com/serviceaccount/token")
	f("roles for service accounts", onEKS)
	t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "")
	t.Setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token")
	f("pod identity", onEKS)
}

func TestEKS_containerID(t *testing.T) {
	nowhere(t)
	t.Setenv("KUBERNETES_SERVICE_HOST", "10.100.0.1")
	t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/secrets/eks.amazonaws.com/serviceaccount/token")
	id := strings.Repeat("0123456789abcdef", 4)
	f := func(what, path, text string, found bool) {
		t.Helper()
		attributes := onEKS
		if found {
			attributes = with(onEKS, map[string]any{"container.id": id})
		}
		want(t, what, detect.EKS{Files: fstest.MapFS{path: {Data: []byte(text)}}}, attributes, "")
	}
	pod := "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod2f.slice/"
	f("containerd", "proc/self/cgroup", "0::"+pod+"cri-containerd-"+id+".scope\n", true)
	f("Docker", "proc/self/cgroup", "12:pids:/docker/"+id+"\n1:name=systemd:/docker/"+id+"\n", true)
	f("a namespace of its own", "proc/self/cgroup", "0::/\n", false)
	f("by Docker's mounts", "proc/self/mountinfo", "1 2 0:1 / / rw - overlay overlay rw\n"+
		"610 586 254:1 /var/lib/docker/containers/"+id+"/hostname /etc/hostname rw,relatime - ext4 /dev/vda1 rw\n", true)
	f("the pod's is none", "proc/self/mountinfo",
		"610 586 254:1 /var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/"+id+"/hostname /etc/hostname rw - ext4 /dev/vda1 rw\n", false)
}
