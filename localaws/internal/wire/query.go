package wire

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"sort"
	"strconv"
	"strings"
)

// maxQueryDepth is how many dots a key may have; CloudWatch's deepest has ten.
const maxQueryDepth = 24

// A node is what stands under one part of the keys of a form:
// MetricData.member.1.Value=3 is a chain of four.
type node struct {
	children map[string]*node
	value    string
	has      bool
}

// decodeQuery reads a form: members by name, lists as X.member.N or flattened
// as X.N, maps as X.entry.N.key and X.entry.N.value.
func decodeQuery(form []byte, v any) error {
	root := &node{}
	err := formPairs(form, func(key, value string) error {
		if strings.Count(key, ".") > maxQueryDepth {
			return fmt.Errorf("key %.80q is nested too deep", key)
		}
		at := root
		for part := range strings.SplitSeq(key, ".") {
			next := at.children[part]
			if next == nil {
				next = &node{}
				if at.children == nil {
					at.children = make(map[string]*node)
				}
				at.children[part] = next
			}
			at = next
		}
		at.value, at.has = value, true
		return nil
	})
	if err != nil {
		return err
	}
	return root.into(reflect.ValueOf(v).Elem(), "")
}

var timeType = reflect.TypeFor[Time]()

// into fills v from the node; path is for the error's text.
func (n *node) into(v reflect.Value, path string) error {
	if v.Type() == timeType {
		t, ok := v.Addr().Interface().(*Time)
		if !ok {
			return fmt.Errorf("%s: not a timestamp", path)
		}
		if err := t.parse(n.value); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	}
	switch v.Kind() {
	case reflect.Pointer:
		p := reflect.New(v.Type().Elem())
		if err := n.into(p.Elem(), path); err != nil {
			return err
		}
		v.Set(p)
		return nil
	case reflect.Struct:
		return n.intoStruct(v, path)
	case reflect.Slice:
		return n.intoSlice(v, path)
	case reflect.Map:
		return n.intoMap(v, path)
	default:
		if len(n.children) > 0 {
			return fmt.Errorf("%s is no structure", path)
		}
		return setScalar(v, n.value, path)
	}
}

func (n *node) intoStruct(v reflect.Value, path string) error {
	t := v.Type()
	for i := range t.NumField() {
		name := memberName(t.Field(i))
		child := n.children[name]
		if name == "" || child == nil {
			continue
		}
		if err := child.into(v.Field(i), join(path, name)); err != nil {
			return err
		}
	}
	return nil
}

// items are the elements of a list by their numbers; gaps are closed, as AWS does.
func (n *node) items(path string) ([]*node, error) {
	children := n.children
	if m := children["member"]; m != nil {
		children = m.children
	}
	type item struct {
		at int
		n  *node
	}
	list := make([]item, 0, len(children))
	for k, c := range children {
		i, err := strconv.Atoi(k)
		if err != nil || i < 0 {
			return nil, fmt.Errorf("%s: %.40q is no list index", path, k)
		}
		list = append(list, item{i, c})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].at < list[j].at })
	nodes := make([]*node, len(list))
	for i := range list {
		nodes[i] = list[i].n
	}
	return nodes, nil
}

func (n *node) intoSlice(v reflect.Value, path string) error {
	items, err := n.items(path)
	if err != nil {
		return err
	}
	s := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, item := range items {
		if err := item.into(s.Index(i), fmt.Sprintf("%s.member.%d", path, i+1)); err != nil {
			return err
		}
	}
	v.Set(s)
	return nil
}

func (n *node) intoMap(v reflect.Value, path string) error {
	entry := n
	if e := n.children["entry"]; e != nil {
		entry = e
	}
	items, err := entry.items(path)
	if err != nil {
		return err
	}
	m := reflect.MakeMapWithSize(v.Type(), len(items))
	for i, item := range items {
		at := fmt.Sprintf("%s.entry.%d", path, i+1)
		k, val := item.children["key"], item.children["value"]
		if k == nil || val == nil {
			return fmt.Errorf("%s needs key and value", at)
		}
		elem := reflect.New(v.Type().Elem()).Elem()
		if err := val.into(elem, at+".value"); err != nil {
			return err
		}
		m.SetMapIndex(reflect.ValueOf(k.value).Convert(v.Type().Key()), elem)
	}
	v.Set(m)
	return nil
}

func setScalar(v reflect.Value, s, path string) error {
	var err error
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Bool:
		switch strings.ToLower(s) {
		case "true":
			v.SetBool(true)
		case "false":
			v.SetBool(false)
		default:
			err = errors.New("not true or false")
		}
	case reflect.Int, reflect.Int32, reflect.Int64:
		var i int64
		if i, err = strconv.ParseInt(s, 10, v.Type().Bits()); err == nil {
			v.SetInt(i)
		}
	case reflect.Float64, reflect.Float32:
		var f float64
		if f, err = parseFloat(s); err == nil {
			v.SetFloat(f)
		}
	default:
		return fmt.Errorf("%s: awsQuery has no form for %s", path, v.Type())
	}
	if err != nil {
		return fmt.Errorf("%s: %.80q: %w", path, s, err)
	}
	return nil
}

// parseFloat knows AWS's names of what is no number, and none of Go's.
func parseFloat(s string) (float64, error) {
	switch s {
	case "NaN":
		return math.NaN(), nil
	case "Infinity":
		return math.Inf(1), nil
	case "-Infinity":
		return math.Inf(-1), nil
	}
	if strings.ContainsAny(s, "nNxX_pP") {
		return 0, strconv.ErrSyntax
	}
	return strconv.ParseFloat(s, 64)
}

// memberName is the name a field has on the wire; "" for none.
func memberName(f reflect.StructField) string {
	if !f.IsExported() {
		return ""
	}
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	switch name {
	case "-":
		return ""
	case "":
		return f.Name
	}
	return name
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
