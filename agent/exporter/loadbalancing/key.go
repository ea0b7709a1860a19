package loadbalancing

import (
	"slices"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// A key is what items are divided by.
type key struct {
	by         string
	attributes []string
}

// serviceName is the attribute that names a service.
const serviceName = "service.name"

// A chooser tells which collector a key belongs to: the index of a backend, or nobody. It does not keep the key.
type chooser func(key []byte) int

// nobody is chosen where no collector can be reached.
const nobody = -1

// appendAttribute appends an attribute as part of a key.
func appendAttribute(dst []byte, name, value string) []byte {
	dst = append(dst, name...)
	dst = append(dst, '=')
	dst = append(dst, value...)
	return append(dst, '|')
}

// appendFound appends the attributes that are there and returns the names of those that are not.
func appendFound(dst []byte, names []string, there pcommon.Map) (key []byte, missing []string) {
	for _, name := range names {
		if v, ok := there.Get(name); ok {
			dst = appendAttribute(dst, name, v.AsString())
		} else {
			missing = append(missing, name)
		}
	}
	return dst, missing
}

// appendLast appends the attributes that are nowhere above: as this function knows them, or where it does not as they are
// there, or empty.
func appendLast(dst []byte, names []string, known func(name string) (string, bool), there pcommon.Map) []byte {
	for _, name := range names {
		value, ok := known(name)
		if !ok {
			if v, found := there.Get(name); found {
				value = v.AsString()
			}
		}
		dst = appendAttribute(dst, name, value)
	}
	return dst
}

// appendAll appends all attributes, in the order of their names.
func appendAll(dst []byte, all pcommon.Map) []byte {
	names := make([]string, 0, all.Len())
	for name := range all.All() {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		v, _ := all.Get(name)
		dst = appendAttribute(dst, name, v.AsString())
	}
	return dst
}

// appendScope appends what tells a scope from others.
func appendScope(dst []byte, scope pcommon.InstrumentationScope) []byte {
	dst = appendAttribute(dst, scope.Name(), scope.Version())
	return appendAll(dst, scope.Attributes())
}

// none knows no attribute.
func none(string) (string, bool) { return "", false }

// service appends the name of a service, alone.
func service(dst []byte, resource pcommon.Resource) []byte {
	if v, ok := resource.Attributes().Get(serviceName); ok {
		dst = append(dst, v.AsString()...)
	}
	return dst
}
