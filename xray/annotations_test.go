package xray

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
)

// stored reads the annotations and metadata.default of s's document, in which
// no object may have a member twice.
func stored(t *testing.T, s *Segment) (annotations, metadata map[string]any) {
	t.Helper()
	document := AppendSegment(nil, s)
	if err := checkMembers(json.NewDecoder(bytes.NewReader(document))); err != nil {
		t.Fatalf("%v: %s", err, document)
	}
	var d struct {
		Annotations map[string]any
		Metadata    struct{ Default map[string]any }
	}
	if err := json.Unmarshal(document, &d); err != nil {
		t.Fatal(err)
	}
	maps.DeleteFunc(d.Metadata.Default, func(key string, _ any) bool {
		return strings.HasPrefix(key, "otel.resource.telemetry.") || strings.HasPrefix(key, "otel.resource.deployment.") ||
			key == "otel.resource.service.version"
	})
	return d.Annotations, d.Metadata.Default
}

func TestAppendSegment_annotationKeys(t *testing.T) {
	f := func(name string, s *Segment, annotations, metadata map[string]any) {
		t.Helper()
		a, m := stored(t, s)
		if !reflect.DeepEqual(a, annotations) {
			t.Errorf("%s: the annotations are %v, want %v", name, a, annotations)
		}
		if !reflect.DeepEqual(m, metadata) {
			t.Errorf("%s: metadata.default is %v, want %v", name, m, metadata)
		}
	}
	type m = map[string]any
	all := func(attributes ...attribute.KeyValue) *Segment {
		s := server(attributes...)
		s.Resource, s.IndexAll = NewResource([]attribute.KeyValue{attribute.String("team name", "a"), attribute.String("team_name", "b")}), true
		return s
	}
	compat := func(s *Segment) *Segment {
		s.Compat = true
		return s
	}
	three := []attribute.KeyValue{attribute.Int("user id", 1), attribute.Int("user_id", 2), attribute.Int("user-id", 3)}
	f("the first is an annotation", all(three...),
		m{"user_id": 1.0, "otel.resource.team_name": "a"}, m{"user_id": 2.0, "user-id": 3.0, "otel.resource.team_name": "b"})
	f("a Go map keeps the last", compat(all(three...)), m{"user_id": 3.0, "otel.resource.team_name": "b"}, nil)
	f("the span's before the resource's", all(attribute.Int("otel.resource.team name", 1)),
		m{"otel.resource.team_name": 1.0}, m{"otel.resource.team name": "a", "otel.resource.team_name": "b"})
	f("a second one with the key of a resource's", all(attribute.Int("otel.resource.team name", 1), attribute.Int("otel.resource.team_name", 2)),
		m{"otel.resource.team_name": 1.0}, m{"otel.resource.team name": "a", "otel.resource.team_name": 2.0})
	f("the empty key", all(attribute.Int("", 1), attribute.Int("_", 2)),
		m{"_": 1.0, "otel.resource.team_name": "a"}, m{"_": 2.0, "otel.resource.team_name": "b"})

	many := all()
	for i := range MaxAnnotations {
		many.Attributes = append(many.Attributes, attribute.Int(fmt.Sprint("k", i), i))
	}
	if _, metadata := stored(t, many); metadata["otel.resource.team name"] != "a" {
		t.Error("what is no annotation for want of room is in the metadata neither")
	}

	shadowing := server(attribute.String("otel.resource.service.name", "the span's"))
	f("an attribute with the key of a resource's", shadowing, nil, m{"otel.resource.service.name": "the span's"})
	f("a namespace's member with the key of an attribute",
		server(attribute.Int("n", 1), attribute.String("aws.xray.metadata.default", `{"n":2,"o":3,"o":4,"otel.resource.service.name":"x"}`)),
		nil, m{"n": 1.0, "o": 4.0, "otel.resource.service.name": "shop"})
}
