package localaws

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// A ruleMatcher is a sampling rule made ready to match requests. Letter case does
// not count, as in the X-Ray SDKs for Go and Java; what a request does not have is
// matched as an empty text, which only * and an empty pattern match.
//
// It is written apart from the library's matcher on purpose: one checks the other.
type ruleMatcher struct {
	samplingRule
	service, serviceType, host, method, path, arn wildcard
	attributes                                    map[string]wildcard
}

func newRuleMatcher(r samplingRule) ruleMatcher {
	m := ruleMatcher{
		samplingRule: r,
		service:      newWildcard(r.ServiceName), serviceType: newWildcard(r.ServiceType), host: newWildcard(r.Host),
		method: newWildcard(r.HTTPMethod), path: newWildcard(r.URLPath), arn: newWildcard(r.ResourceARN),
		attributes: make(map[string]wildcard),
	}
	for k, v := range r.Attributes {
		m.attributes[k] = newWildcard(v)
	}
	return m
}

func (m *ruleMatcher) matches(r *recordedRequest) bool {
	return m.service.matches(r.service) && m.serviceType.matches(r.serviceType) && m.host.matches(r.host) &&
		m.method.matches(r.method) && m.path.matches(r.path) && m.arn.matches(r.arn) && m.matchesAttributes(r)
}

// matchesAttributes wants every attribute of the rule. A segment has them as
// annotations, whose keys may have underscores for what was a dot.
func (m *ruleMatcher) matchesAttributes(r *recordedRequest) bool {
	for key, pattern := range m.attributes {
		other := strings.ReplaceAll(key, ".", "_")
		if !slices.ContainsFunc(r.attributes, func(a annotation) bool {
			return (a.key == key || a.key == other) && pattern.matches(strings.ToLower(shown(a.value)))
		}) {
			return false
		}
	}
	return true
}

// A wildcard is a pattern in which * is any run of characters, none included, and
// ? is one character. It has to match the whole text.
type wildcard struct {
	pattern string // in lower case
	any     bool   // "*"
}

func newWildcard(pattern string) wildcard {
	return wildcard{strings.ToLower(pattern), pattern == "*"}
}

// matches wants a text in lower case. It takes at most as many steps as the
// pattern's length times the text's: only the last * is ever tried again, because
// an earlier one that matches more could match nothing that a later one does not.
func (w wildcard) matches(text string) bool {
	if w.any {
		return true
	}
	p, i := 0, 0
	star, from := -1, 0 // the last *, and where the text behind it begins
	for i < len(text) {
		switch {
		case p < len(w.pattern) && w.pattern[p] == '*':
			star, from = p, i
			p++
		case p < len(w.pattern) && w.pattern[p] == '?':
			p, i = p+1, i+runeLength(text[i:])
		case p < len(w.pattern) && w.pattern[p] == text[i]:
			p, i = p+1, i+1
		case star >= 0:
			from += runeLength(text[from:])
			p, i = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(w.pattern[p:], "*") == ""
}

func runeLength(text string) int {
	_, n := utf8.DecodeRuneInString(text)
	return n
}
