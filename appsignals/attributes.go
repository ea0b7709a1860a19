package appsignals

import (
	"encoding/binary"
	"strings"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdkresource "go.opentelemetry.io/otel/sdk/resource"
)

// maxMetricAttributes is the most that a metric has: those of keys.go.
const maxMetricAttributes = 14

// serviceAttributes are those of a service metric.
func (p *Processor) serviceAttributes(dst []attribute.KeyValue, f *facts, r *sdkresource.Resource) []attribute.KeyValue {
	kind := kindName(f.kind)
	if f.localRoot {
		kind = kindLocalRoot
	}
	return append(p.localAttributes(dst, r),
		attribute.String(keyLocalOperation, p.localOperation(f)),
		attribute.String(keySpanKind, kind))
}

func (p *Processor) localAttributes(dst []attribute.KeyValue, r *sdkresource.Resource) []attribute.KeyValue {
	service, environment := p.localOf(r)
	dst = append(dst, attribute.String(keyLocalService, service))
	return appendText(dst, keyLocalEnvironment, environment)
}

func appendText(dst []attribute.KeyValue, key attribute.Key, value string) []attribute.KeyValue {
	if value == "" {
		return dst
	}
	return append(dst, key.String(value))
}

// dependencyAttributes are those of a dependency metric.
func (p *Processor) dependencyAttributes(dst []attribute.KeyValue, f *facts, r *sdkresource.Resource) []attribute.KeyValue {
	service, operation := remote(f)
	dst = append(p.localAttributes(dst, r),
		attribute.String(keyLocalOperation, callingOperation(f)),
		attribute.String(keyRemoteService, service),
		attribute.String(keyRemoteOperation, operation),
		attribute.String(keySpanKind, kindName(f.kind)))
	if invokes(f) {
		dst = append(dst, attribute.String(keyRemoteEnvironment, p.remoteEnvironment))
	}
	if thing, ok := called(f); ok {
		dst = append(dst, attribute.String(keyRemoteType, thing.kind),
			attribute.String(keyRemoteIdentifier, thing.identifier),
			attribute.String(keyRemotePrimary, thing.primary))
		dst = appendOwner(dst, f)
	}
	if f.callsDB() {
		dst = appendText(dst, keyRemoteUser, f.text(slotDBUser))
	}
	return dst
}

// appendOwner says whose a resource is: by account, else by the access key that
// was used for it.
func appendOwner(dst []attribute.KeyValue, f *facts) []attribute.KeyValue {
	account, region, ok := owner(f)
	if ok {
		return append(dst, attribute.String(keyRemoteAccount, account), attribute.String(keyRemoteRegion, region))
	}
	dst = appendText(dst, keyRemoteAccessKey, f.text(slotAccessKey))
	return appendText(dst, keyRemoteRegion, f.text(slotRegion))
}

func remoteOf(attributes []attribute.KeyValue) string {
	for i := range attributes {
		if attributes[i].Key == keyRemoteService {
			return attributes[i].Value.AsString()
		}
	}
	return ""
}

// spanAttributes are what a span gets. One that became both metrics gets those
// of the dependency, and is a local root.
func spanAttributes(service, dependency []attribute.KeyValue) []attribute.KeyValue {
	if dependency == nil {
		return service
	}
	if service != nil {
		for i := range dependency {
			if dependency[i].Key == keySpanKind {
				dependency[i].Value = attribute.StringValue(kindLocalRoot)
			}
		}
	}
	return dependency
}

// resourceCache keeps what the last resource says; a process has one as a rule.
type resourceCache struct{ last atomic.Pointer[resourceFacts] }

type resourceFacts struct {
	of                   *sdkresource.Resource
	service, environment string
}

func (c *resourceCache) of(r *sdkresource.Resource) (service, environment string) {
	if last := c.last.Load(); last != nil && last.of == r {
		return last.service, last.environment
	}
	fresh := &resourceFacts{of: r, service: UnknownService}
	given := "" // by hand, over service.name
	for iter := r.Iter(); iter.Next(); {
		kv := iter.Attribute()
		text := kv.Value.String()
		switch kv.Key {
		case keyLocalService:
			given = text
		case "service.name":
			if text != "" && !strings.HasPrefix(text, "unknown_service") {
				fresh.service = text
			}
		case "deployment.environment.name":
			fresh.environment = text
		case "deployment.environment":
			if fresh.environment == "" {
				fresh.environment = text
			}
		}
	}
	if given != "" {
		fresh.service = given
	}
	c.last.Store(fresh)
	return fresh.service, fresh.environment
}

// setCache keeps the attribute sets of metrics that have been seen: there are
// few, and making one costs more than all else.
type setCache struct {
	mu    sync.RWMutex
	known map[string][]metric.RecordOption
}

// maxSets bounds the cache, which begins anew where it is full. The SDK has a
// limit of its own for what it keeps, 2,000 sets an instrument by default.
const maxSets = 2000

func (c *setCache) options(attributes []attribute.KeyValue) []metric.RecordOption {
	var room [512]byte
	key := room[:0]
	for i := range attributes {
		value := attributes[i].Value.AsString()
		key = append(append(key, attributes[i].Key...), '=')
		key = append(binary.AppendUvarint(key, uint64(len(value))), value...)
	}
	c.mu.RLock()
	options, ok := c.known[string(key)]
	c.mu.RUnlock()
	if ok {
		return options
	}
	// NewSet sorts what it is given: the span still wants the order there is.
	set := attribute.NewSet(append([]attribute.KeyValue(nil), attributes...)...)
	options = []metric.RecordOption{metric.WithAttributeSet(set)}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil {
		c.known = map[string][]metric.RecordOption{}
	}
	if len(c.known) >= maxSets {
		clear(c.known)
	}
	c.known[string(key)] = options
	return options
}
