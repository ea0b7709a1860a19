package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// readDocument reads a JSON object, and refuses one that has a member twice,
// which encoding/json would hide. Numbers are kept as canonical text: integers
// by their digits, others by the float64 nearest to them.
func readDocument(text string) (map[string]any, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	v, err := readValue(d)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one value")
	}
	object, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%T, want an object", v)
	}
	return object, nil
}

func readValue(d *json.Decoder) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := readValue(d)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := d.Token()
		return list, err
	case json.Delim('{'):
		return readObject(d)
	}
	if n, ok := token.(json.Number); ok {
		return canonical(n)
	}
	return token, nil
}

func readObject(d *json.Decoder) (any, error) {
	object := map[string]any{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		v, err := readValue(d)
		if err != nil {
			return nil, err
		}
		name := key.(string)
		if _, twice := object[name]; twice {
			return nil, fmt.Errorf("member %q stands twice", name)
		}
		object[name] = v
	}
	_, err := d.Token()
	return object, err
}

func canonical(n json.Number) (json.Number, error) {
	if !strings.ContainsAny(n.String(), ".eE") {
		return n, nil
	}
	f, err := n.Float64()
	if err != nil {
		return "", err
	}
	return json.Number(strconv.FormatFloat(f, 'f', -1, 64)), nil
}

// hexID is the form of a segment's and an exception's id.
var hexID = regexp.MustCompile(`^[0-9a-f]{16}$`)

// neutralise replaces the ids of a document's exceptions, which are random by
// nature, by their place, once their form is right and each reference to one
// leads to the next exception.
func neutralise(document map[string]any) error {
	cause, _ := document["cause"].(map[string]any)
	exceptions, _ := cause["exceptions"].([]any)
	seen := map[string]bool{}
	for i, e := range exceptions {
		exception := e.(map[string]any)
		id, _ := exception["id"].(string)
		if !hexID.MatchString(id) || seen[id] {
			return fmt.Errorf("exception %d has the id %q", i, id)
		}
		seen[id] = true
		exception["id"] = fmt.Sprintf("#%d", i)
		if i == 0 {
			continue
		}
		if before := exceptions[i-1].(map[string]any); before["cause"] != nil {
			if before["cause"] != id {
				return fmt.Errorf("exception %d is caused by %v, not by the next one, %s", i-1, before["cause"], id)
			}
			before["cause"] = fmt.Sprintf("#%d", i)
		}
	}
	return nil
}
