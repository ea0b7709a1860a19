package awssdk

import (
	"context"
	"reflect"
	"slices"
	"strings"
)

// askForContext makes ReceiveMessage ask for the attributes that carry trace
// context: SQS hands out none that were not asked for.
func (c *call) askForContext(input reflect.Value) {
	wanted := c.in.propagator().Fields()
	ours := func(name string) bool { return strings.EqualFold(name, traceHeader) }
	if slices.ContainsFunc(wanted, ours) {
		askForSystemAttribute(input)
	}
	if c.in.NoMessageAttributes {
		return
	}
	names := fieldOf(input, "MessageAttributeNames")
	for _, name := range wanted {
		if !ours(name) && isAttributeName(name) && !asksFor(names, name, "All", ".*") {
			appendText(names, name)
		}
	}
}

// askForSystemAttribute asks in the list that the caller uses: AttributeNames
// is the deprecated one.
func askForSystemAttribute(input reflect.Value) {
	current, old := fieldOf(input, "MessageSystemAttributeNames"), fieldOf(input, "AttributeNames")
	if asksFor(current, traceAttribute, "All") || asksFor(old, traceAttribute, "All") {
		return
	}
	if old.Kind() == reflect.Slice && old.Len() > 0 && current.Kind() == reflect.Slice && current.Len() == 0 {
		appendText(old, traceAttribute)
		return
	}
	appendText(current, traceAttribute)
}

func asksFor(list reflect.Value, names ...string) bool {
	if list.Kind() != reflect.Slice {
		return false
	}
	for i := range list.Len() {
		if slices.Contains(names, textOf(list.Index(i))) {
			return true
		}
	}
	return false
}

// appendText appends to a list of strings in a copied input. Clipped, since
// the array behind the list is the caller's.
func appendText(list reflect.Value, s string) {
	if list.Kind() != reflect.Slice || list.Type().Elem().Kind() != reflect.String || !list.CanSet() {
		return
	}
	clipped := list.Slice3(0, list.Len(), list.Len())
	list.Set(reflect.Append(clipped, reflect.ValueOf(s).Convert(list.Type().Elem())))
}

// link links the span of a ReceiveMessage to those that sent the messages.
func (c *call) link(result any) {
	v, ok := structOf(result)
	if !ok {
		return
	}
	messages := fieldOf(v, "Messages")
	if messages.Kind() != reflect.Slice {
		return
	}
	for i := range messages.Len() {
		if link := c.in.link(context.Background(), messages.Index(i)); link.SpanContext.IsValid() {
			c.span.AddLink(link)
		}
	}
}
