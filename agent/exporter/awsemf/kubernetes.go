package awsemf

import (
	"encoding/json"

	"github.com/updraft-otel/updraft/metrics"
)

// kubernetesLabel is what Container Insights on EKS with Fargate has in a document, as JSON.
const kubernetesLabel = "kubernetes"

// kubernetes are its members, as the collector's awsemf exporter and the CloudWatch agent write them.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-reference-performance-entries-EKS.html
type kubernetes struct {
	ContainerName string            `json:"container_name,omitempty"`
	Docker        *kubernetesDocker `json:"docker,omitempty"`
	Host          string            `json:"host,omitempty"`
	Labels        *kubernetesLabels `json:"labels,omitempty"`
	NamespaceName string            `json:"namespace_name,omitempty"`
	PodID         string            `json:"pod_id,omitempty"`
	PodName       string            `json:"pod_name,omitempty"`
	PodOwners     *kubernetesOwner  `json:"pod_owners,omitempty"`
	ServiceName   string            `json:"service_name,omitempty"`
}

type kubernetesDocker struct {
	ContainerID string `json:"container_id,omitempty"`
}

type kubernetesLabels struct {
	App             string `json:"app,omitempty"`
	PodTemplateHash string `json:"pod-template-hash,omitempty"`
}

type kubernetesOwner struct {
	OwnerKind string `json:"owner_kind,omitempty"`
	OwnerName string `json:"owner_name,omitempty"`
}

// withKubernetes adds the label to those of a pod or a container. Resource are those that the resource adds to the point's.
func withKubernetes(labels, resource []metrics.Label) []metrics.Label {
	get := func(name string) string {
		for _, list := range [...][]metrics.Label{resource, labels} {
			for i := range list {
				if list[i].Name == name {
					return list[i].Value
				}
			}
		}
		return ""
	}
	if kind := get("Type"); kind != "Pod" && kind != "Container" {
		return labels
	}
	k := kubernetes{
		ContainerName: get("container"), Host: get("NodeName"), NamespaceName: get("Namespace"),
		PodID: get("PodId"), PodName: get("PodName"), ServiceName: get("Service"),
	}
	if id := get("container_id"); id != "" {
		k.Docker = &kubernetesDocker{id}
	}
	if l := (kubernetesLabels{get("app"), get("pod-template-hash")}); l != (kubernetesLabels{}) {
		k.Labels = &l
	}
	if o := (kubernetesOwner{get("owner_kind"), get("owner_name")}); o != (kubernetesOwner{}) {
		k.PodOwners = &o
	}
	text, err := json.Marshal(k)
	if err != nil {
		return labels // texts are always JSON
	}
	for i := range labels {
		if labels[i].Name == kubernetesLabel {
			labels[i].Value = string(text)
			return labels
		}
	}
	return append(labels, metrics.Label{Name: kubernetesLabel, Value: string(text)})
}
