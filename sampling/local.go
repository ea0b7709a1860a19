package sampling

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// maxLocal bounds a document of local rules; a rule takes about a hundred bytes.
const maxLocal = 1 << 20

// ParseRules reads local rules as OTEL_TRACES_SAMPLER_ARG may have them:
//
//	/health=0,POST /api/*=1,/api/*=5/s+10%,*=0.1
//
// in order, each a pattern of the path, behind a method where it is for one, and what to sample: a rate from 0 to 1, or
// in per cent, a number of traces a second, or both. A text that begins with a brace is read by [ParseLocalRules].
func ParseRules(text string) ([]Rule, error) {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "{") {
		return ParseLocalRules([]byte(text))
	}
	var rules []Rule
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item == "" {
			continue
		}
		r, err := parseRule(item)
		if err != nil {
			return nil, fmt.Errorf("sampling rule %q: %w", item, err)
		}
		if len(rules) == MaxRules {
			return nil, fmt.Errorf("sampling rules: more than %d", MaxRules)
		}
		rules = append(rules, r)
	}
	if len(rules) == 0 {
		return nil, errors.New(`sampling rules: there are none; an example: "/health=0,/api/*=1,*=0.1"`)
	}
	return rules, nil
}

func parseRule(item string) (Rule, error) {
	at := strings.LastIndexByte(item, '=')
	if at < 0 {
		return Rule{}, errors.New(`it is not like "/api/*=0.1"`)
	}
	request := strings.TrimSpace(item[:at])
	r := Rule{Name: request, URLPath: request}
	if method, path, ok := strings.Cut(request, " "); ok {
		r.HTTPMethod, r.URLPath = method, strings.TrimSpace(path)
	}
	if r.URLPath == "" {
		return Rule{}, errors.New(`it has no path; "*" is all of them`)
	}
	if r.URLPath[0] != '/' && r.URLPath[0] != '*' && r.URLPath[0] != '?' {
		return Rule{}, fmt.Errorf("no path begins as %q", r.URLPath)
	}
	for amount := range strings.SplitSeq(item[at+1:], "+") {
		if err := r.addAmount(strings.TrimSpace(amount)); err != nil {
			return Rule{}, err
		}
	}
	return r, r.check()
}

// addAmount reads "5/s", "10%" or "0.1".
func (r *Rule) addAmount(text string) (err error) {
	if n, ok := strings.CutSuffix(text, "/s"); ok {
		if r.ReservoirSize, err = strconv.ParseInt(n, 10, 32); err != nil {
			return fmt.Errorf("%q is no number of traces a second, like 5/s", text)
		}
		return nil
	}
	percent, ok := strings.CutSuffix(text, "%")
	if r.FixedRate, err = strconv.ParseFloat(percent, 64); err != nil {
		return fmt.Errorf("%q is no rate, like 0.1 or 10%%", text)
	}
	if ok {
		r.FixedRate /= 100
	}
	return nil
}

// ParseLocalRules reads X-Ray's local sampling rules, a document in JSON of version 1 or 2, as its SDKs do. Version 1
// calls service_name what is the host in version 2.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-sdk-go-configuration.html#xray-sdk-go-configuration-sampling
func ParseLocalRules(document []byte) ([]Rule, error) {
	if len(document) > maxLocal {
		return nil, fmt.Errorf("local sampling rules: %d bytes, of at most %d", len(document), maxLocal)
	}
	var in struct {
		Version int         `json:"version"`
		Rules   []localRule `json:"rules"`
		Default *localRule  `json:"default"`
	}
	decoder := json.NewDecoder(strings.NewReader(string(document)))
	decoder.DisallowUnknownFields() // a misspelt pattern would match all
	if err := decoder.Decode(&in); err != nil {
		return nil, fmt.Errorf("local sampling rules: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("local sampling rules: there is something behind the document")
	}
	if in.Version != 1 && in.Version != 2 {
		return nil, fmt.Errorf("local sampling rules: version %d is neither 1 nor 2", in.Version)
	}
	if in.Default == nil {
		return nil, errors.New(`local sampling rules: there is no "default"`)
	}
	if len(in.Rules) >= MaxRules {
		return nil, fmt.Errorf("local sampling rules: more than %d", MaxRules)
	}
	var rules []Rule
	for i, l := range in.Rules {
		r, err := l.rule(in.Version, false)
		if err != nil {
			return nil, fmt.Errorf("local sampling rules: rules[%d]: %w", i, err)
		}
		if r.Name == "" {
			r.Name = fmt.Sprintf("rule %d", i+1)
		}
		rules = append(rules, r)
	}
	last, err := in.Default.rule(in.Version, true)
	if err != nil {
		return nil, fmt.Errorf("local sampling rules: default: %w", err)
	}
	last.Name = "default"
	return append(rules, last), nil
}

// localRule is a rule as X-Ray's documents have it.
type localRule struct {
	Description string   `json:"description"`
	ServiceName *string  `json:"service_name"`
	Host        *string  `json:"host"`
	HTTPMethod  *string  `json:"http_method"`
	URLPath     *string  `json:"url_path"`
	FixedTarget *int64   `json:"fixed_target"`
	Rate        *float64 `json:"rate"`
}

func (l *localRule) rule(version int, isDefault bool) (Rule, error) {
	host, other, name, otherName := l.Host, l.ServiceName, "host", "service_name"
	if version == 1 {
		host, other, name, otherName = l.ServiceName, l.Host, "service_name", "host"
	}
	switch {
	case other != nil:
		return Rule{}, fmt.Errorf("version %d has no %q; it is called %q", version, otherName, name)
	case l.FixedTarget == nil || l.Rate == nil:
		return Rule{}, errors.New(`"fixed_target" and "rate" must be there`)
	case isDefault && (host != nil || l.HTTPMethod != nil || l.URLPath != nil):
		return Rule{}, errors.New("it is for all requests, and has no patterns")
	case !isDefault && (host == nil || l.HTTPMethod == nil || l.URLPath == nil):
		return Rule{}, fmt.Errorf(`%q, "http_method" and "url_path" must be there`, name)
	}
	r := Rule{Name: l.Description, ReservoirSize: *l.FixedTarget, FixedRate: *l.Rate}
	if !isDefault {
		r.Host, r.HTTPMethod, r.URLPath = *host, *l.HTTPMethod, *l.URLPath
	}
	return r, r.check()
}
