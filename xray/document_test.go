package xray

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"unicode/utf8"
)

// acceptedName is what X-Ray takes as a name: the pattern that AWS's JSON
// schema of a segment document has for Java.
//
// Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
var acceptedName = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/%&#=+\-@]{1,200}$`)

// acceptedKey is what X-Ray takes as the key of an annotation; the guide to
// filter expressions adds the dot to the schema's characters.
var acceptedKey = regexp.MustCompile(`^[0-9A-Za-z_.]{1,500}$`)

// checkDocument tells what X-Ray would not take of a document: what is no JSON
// object, is too long, has a bad name or key, or two members of one name.
func checkDocument(document []byte) error {
	var d struct {
		Name        string
		Annotations map[string]any
		Metadata    map[string]map[string]any
	}
	switch err := json.Unmarshal(document, &d); {
	case err != nil:
		return err
	case len(document) > MaxDocumentBytes:
		return fmt.Errorf("%d bytes, want at most %d", len(document), MaxDocumentBytes)
	case !utf8.Valid(document):
		return errors.New("not UTF-8")
	case !acceptedName.MatchString(d.Name):
		return fmt.Errorf("bad name %q", d.Name)
	case len(d.Annotations) > MaxAnnotations:
		return fmt.Errorf("%d annotations, want at most %d", len(d.Annotations), MaxAnnotations)
	}
	for key, value := range d.Annotations {
		if !acceptedKey.MatchString(key) {
			return fmt.Errorf("bad annotation key %q", key)
		}
		if text, ok := value.(string); ok && utf8.RuneCountInString(text) > MaxAnnotationBytes {
			return fmt.Errorf("annotation %q has more than %d characters", key, MaxAnnotationBytes)
		}
	}
	for namespace, members := range d.Metadata {
		if members == nil {
			return fmt.Errorf("metadata %q is no object", namespace)
		}
	}
	return checkMembers(json.NewDecoder(bytes.NewReader(document)))
}

// checkMembers finds an object that has two members of one name.
func checkMembers(d *json.Decoder) error {
	d.UseNumber()
	type level struct {
		members map[string]bool // nil in an array
		value   bool            // the next token is a member's value
	}
	var levels []level
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		last := len(levels) - 1
		if name, ok := token.(string); ok && last >= 0 && levels[last].members != nil && !levels[last].value {
			if levels[last].members[name] {
				return fmt.Errorf("two members are called %q", name)
			}
			levels[last].members[name], levels[last].value = true, true
			continue
		}
		switch token {
		case json.Delim('{'):
			levels = append(levels, level{members: map[string]bool{}})
			continue
		case json.Delim('['):
			levels = append(levels, level{})
			continue
		case json.Delim('}'), json.Delim(']'):
			levels = levels[:last]
			last--
		}
		if last >= 0 {
			levels[last].value = false
		}
	}
}
