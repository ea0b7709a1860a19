package xraydoc

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
)

// An object is a JSON object whose numbers keep their digits.
type object = map[string]any

func decode(doc []byte) (object, error) {
	v, err := decodeValue(doc)
	if err != nil {
		return nil, err
	}
	o, ok := v.(object)
	if !ok {
		return nil, errors.New("it is no JSON object")
	}
	return o, nil
}

func decodeValue(text []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows it")
	}
	return v, nil
}

func encode(o object) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(o) != nil { // what was read can be written
		return nil
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// at is what stands at a path of o, nil if nothing does.
func at(o object, path ...string) any {
	var v any = o
	for _, name := range path {
		inner, ok := v.(object)
		if !ok {
			return nil
		}
		v = inner[name]
	}
	return v
}

func text(o object, path ...string) (string, bool) {
	s, ok := at(o, path...).(string)
	return s, ok
}

func truth(o object, path ...string) bool {
	b, _ := at(o, path...).(bool)
	return b
}

// put sets what stands at a path, and makes the objects on the way. What is no
// object on the way stays as it is.
func put(o object, v any, path ...string) {
	for _, name := range path[:len(path)-1] {
		switch inner := o[name].(type) {
		case object:
			o = inner
		case nil:
			made := object{}
			o[name] = made
			o = made
		default:
			return
		}
	}
	o[path[len(path)-1]] = v
}

// remove takes away what stands at a path.
func remove(o object, path ...string) {
	if inner, ok := at(o, path[:len(path)-1]...).(object); ok {
		delete(inner, path[len(path)-1])
	}
}

// nanos reads seconds since 1970 to the nanosecond, which a float64 can't hold.
func nanos(n json.Number) (uint64, bool) {
	const (
		digits  = 9
		perSec  = 1_000_000_000
		maxSecs = math.MaxInt64/perSec - 1
	)
	whole, fraction, _ := strings.Cut(string(n), ".")
	if seconds, err := strconv.ParseUint(whole, 10, 64); err == nil && seconds <= maxSecs && !strings.ContainsAny(fraction, "eE") {
		fraction = (fraction + strings.Repeat("0", digits))[:digits]
		if rest, err := strconv.ParseUint(fraction, 10, 64); err == nil {
			return seconds*perSec + rest, true
		}
	}
	f, err := n.Float64() // with an exponent
	if err != nil || f < 0 || f > maxSecs {
		return 0, false
	}
	return uint64(f * perSec), true
}
