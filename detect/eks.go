package detect

import (
	"cmp"
	"context"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"go.opentelemetry.io/otel/sdk/resource"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"
)

// EKS tells EKS from other Kubernetes, names cluster, namespace and container, and the node where pods may reach its
// metadata service. What neither Kubernetes nor AWS tells a pod, as its name, is for the environment to say:
// OTEL_RESOURCE_ATTRIBUTES=k8s.pod.name=$(POD_NAME).
type EKS struct {
	// Files is the root of the file system. Default: the machine's.
	Files fs.FS
}

var _ resource.Detector = EKS{}

// onKubernetes looks at what every container of a pod has.
// https://kubernetes.io/docs/tutorials/services/connect-applications-service/#environment-variables
func onKubernetes() bool { return os.Getenv("KUBERNETES_SERVICE_HOST") != "" }

// Detect asks Kubernetes' API and the node's metadata service at the same time. The cluster's name is in the ConfigMap
// cluster-info of the namespace amazon-cloudwatch, which CloudWatch's agents are set up with, if the pod's service
// account may read it, or else in the node's tags if the instance has its metadata tell them.
func (d EKS) Detect(ctx context.Context) (*resource.Resource, error) {
	if !onKubernetes() {
		return resource.Empty(), nil
	}
	var (
		asking  sync.WaitGroup
		api     = newKubernetes(orRoot(d.Files))
		node    = resource.Empty()
		cluster string
		err     error
		sure    = hasEKSCredentials() || isEKSIssuer(api.issuer())
	)
	asking.Go(func() {
		if !sure {
			sure = strings.Contains(api.version(ctx), versionOfEKS)
		}
		if sure {
			cluster, err = api.clusterName(ctx)
		}
	})
	if onEC2(d.Files) {
		asking.Go(func() { node = detectNode(ctx) })
	}
	asking.Wait()
	a := attributes{semconv.CloudProviderAWS, semconv.CloudPlatformAWSEKS}
	tagged := a.putNode(node)
	if !sure && tagged == "" {
		return resource.Empty(), nil
	}
	a.put(semconv.K8SClusterNameKey, cmp.Or(cluster, tagged))
	a.put(semconv.K8SNamespaceNameKey, api.namespace())
	a.put(semconv.ContainerIDKey, containerID(orRoot(d.Files)))
	return a.result("EKS", err)
}

// hasEKSCredentials looks at what EKS gives pods that have a role.
// https://docs.aws.amazon.com/eks/latest/userguide/pod-configuration.html
// https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
func hasEKSCredentials() bool {
	return strings.Contains(os.Getenv("AWS_WEB_IDENTITY_TOKEN_FILE"), "eks.amazonaws.com") ||
		strings.Contains(os.Getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"), "eks-pod-identity")
}

// versionOfEKS is in the name of the versions of Kubernetes that EKS runs, as v1.33.4-eks-ba24e9c.
const versionOfEKS = "-eks-"

// isEKSIssuer tells the address that stands in the tokens of a cluster's service accounts.
// https://docs.aws.amazon.com/eks/latest/userguide/enable-iam-roles-for-service-accounts.html
func isEKSIssuer(issuer string) bool { return strings.HasPrefix(issuer, "https://oidc.eks.") }

// clusterTags are the tags in which instances of node groups have the cluster's name. The tag kubernetes.io/cluster/NAME has
// it too, but the metadata service knows no tag with a slash: an instance that has one can't have its tags told.
// https://github.com/aws/aws-cli/issues/8825
var clusterTags = regexp.MustCompile(`^(aws:)?eks:cluster-name$`)

const clusterTagSuffix = "eks:cluster-name"

// detectNode asks for the node, once: AWS advises to keep pods from its metadata service.
// https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html
func detectNode(ctx context.Context) *resource.Resource {
	node, _ := EC2{ // all there is, which may be nothing
		Tags:    []*regexp.Regexp{clusterTags},
		Options: []func(*imds.Options){func(o *imds.Options) { o.Retryer = aws.NopRetryer{} }},
	}.Detect(ctx)
	return node
}

// putNode adds what the node is, but for its platform, and returns the cluster's name in its tags.
func (a *attributes) putNode(node *resource.Resource) (cluster string) {
	for _, kv := range node.Attributes() {
		switch {
		case kv.Key == semconv.CloudProviderKey, kv.Key == semconv.CloudPlatformKey:
		case strings.HasSuffix(string(kv.Key), clusterTagSuffix):
			cluster = kv.Value.AsString()
		default:
			*a = append(*a, kv)
		}
	}
	return cluster
}
