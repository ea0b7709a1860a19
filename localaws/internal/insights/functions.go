package insights

import (
	"math"
	"strings"
	"unicode/utf8"
)

// A function is one that computes a value from values; max -1 is any number of
// arguments. Their names are matched in any case. See
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html
//
// Maps and lists are no value for functions, as AWS has it, but for those that
// say they take them.
type function struct {
	min, max   int
	eval       func(r *row, args []value) value
	structures bool
}

var functions = map[string]*function{
	// Numeric.
	"abs":      numeric(math.Abs),
	"ceil":     numeric(math.Ceil),
	"floor":    numeric(math.Floor),
	"log":      numeric(math.Log),
	"sqrt":     numeric(math.Sqrt),
	"round":    {min: 1, max: 2, eval: func(_ *row, args []value) value { return round(args) }},
	"tonumber": of(toNumber),
	"todouble": of(toNumber),
	"greatest": {min: 1, max: -1, eval: func(_ *row, args []value) value { return extreme(args, 1) }},
	"least":    {min: 1, max: -1, eval: func(_ *row, args []value) value { return extreme(args, -1) }},

	// Datetime.
	"now":        {min: 0, max: 0, eval: func(r *row, _ []value) value { return numberValue(float64(r.env.now.Unix())) }},
	"frommillis": {min: 1, max: 1, eval: func(_ *row, args []value) value { return fromMillis(args[0]) }},
	"tomillis":   {min: 1, max: 1, eval: func(_ *row, args []value) value { return toMillis(args[0]) }},

	"querystarttime": {eval: func(r *row, _ []value) value { return rangeTime(r.env.start) }},
	"queryendtime":   {eval: func(r *row, _ []value) value { return rangeTime(r.env.end) }},
	"querytimerange": {eval: func(r *row, _ []value) value { return rangeTime(r.env.end - r.env.start) }},

	// General and JSON.
	"ispresent":     {min: 1, max: 1, structures: true, eval: func(_ *row, args []value) value { return boolValue(args[0].kind != null) }},
	"coalesce":      {min: 1, max: -1, structures: true, eval: func(_ *row, args []value) value { return coalesce(args) }},
	"jsonparse":     {min: 1, max: 1, eval: func(_ *row, args []value) value { return jsonParse(args[0]) }},
	"jsonstringify": {min: 1, max: 1, structures: true, eval: func(_ *row, args []value) value { return jsonStringify(args[0]) }},

	"jsonarraysize":     {min: 1, max: 1, structures: true, eval: func(_ *row, args []value) value { return jsonArraySize(args[0]) }},
	"jsonarraycontains": {min: 2, max: 2, structures: true, eval: func(_ *row, args []value) value { return jsonArrayContains(args[0], args[1]) }},
	"isnumeric":         of(isNumeric),
	"if":                {min: 3, max: 3, structures: true, eval: func(_ *row, args []value) value { return choose(args) }},
	"case":              {min: 2, max: maxCaseArguments, structures: true, eval: func(_ *row, args []value) value { return choose(args) }},
	"messagesize":       onText(func(s string) value { return numberValue(float64(len(s))) }),

	// IP addresses.
	"ipv4tonumber":   onText(ipv4ToNumber),
	"isprivateip":    onText(isPrivateIP),
	"isvalidip":      onText(isValid(anyAddress)),
	"isvalidipv4":    onText(isValid(v4Address)),
	"isvalidipv6":    onText(isValid(v6Address)),
	"isipinsubnet":   onTexts(inSubnet(anyAddress)),
	"isipv4insubnet": onTexts(inSubnet(v4Address)),
	"isipv6insubnet": onTexts(inSubnet(v6Address)),

	// Strings.
	"isempty":      {min: 1, max: 1, eval: func(_ *row, args []value) value { return boolValue(args[0].String() == "") }},
	"isblank":      {min: 1, max: 1, eval: func(_ *row, args []value) value { return boolValue(strings.TrimSpace(args[0].String()) == "") }},
	"concat":       {min: 1, max: -1, eval: func(_ *row, args []value) value { return concat(args) }},
	"strlen":       onText(func(s string) value { return numberValue(float64(utf8.RuneCountInString(s))) }),
	"toupper":      onText(func(s string) value { return textValue(strings.ToUpper(s)) }),
	"tolower":      onText(func(s string) value { return textValue(strings.ToLower(s)) }),
	"strcontains":  {min: 2, max: 3, eval: func(_ *row, args []value) value { return strContains(args) }},
	"startswith":   onTexts(oneIf(strings.HasPrefix)),
	"endswith":     onTexts(oneIf(strings.HasSuffix)),
	"base64encode": onText(base64Encode),
	"base64decode": onText(base64Decode),
	"hextoascii":   onText(hexToASCII),
	"hextodec":     onText(hexToDec),
	"dectohex":     of(decToHex),
	"split":        onTexts(split),
	"trim":         trimming(strings.TrimSpace, strings.Trim),
	"ltrim":        trimming(trimLeftSpace, strings.TrimLeft),
	"rtrim":        trimming(trimRightSpace, strings.TrimRight),
	"replace":      {min: 3, max: 3, eval: func(r *row, args []value) value { return replace(args) }},
	"substr":       {min: 2, max: 3, eval: func(_ *row, args []value) value { return substr(args) }},
}

// maxCaseArguments are those of ten branches and a default.
const maxCaseArguments = 21

// of is a function of one value, which may be missing.
func of(f func(value) value) *function {
	return &function{min: 1, max: 1, eval: func(_ *row, args []value) value { return f(args[0]) }}
}

func numeric(f func(float64) float64) *function {
	return &function{min: 1, max: 1, eval: func(_ *row, args []value) value {
		n, ok := args[0].num()
		if !ok {
			return value{}
		}
		return numberValue(f(n))
	}}
}

// onText is a function of a text; of a missing one there is no value.
func onText(f func(string) value) *function {
	return &function{min: 1, max: 1, eval: func(_ *row, args []value) value {
		if args[0].kind == null {
			return value{}
		}
		return f(args[0].String())
	}}
}

func onTexts(f func(a, b string) value) *function {
	return &function{min: 2, max: 2, eval: func(_ *row, args []value) value {
		if args[0].kind == null || args[1].kind == null {
			return value{}
		}
		return f(args[0].String(), args[1].String())
	}}
}

// extreme is the largest number, or with sign -1 the smallest.
func extreme(args []value, sign float64) value {
	best, found := 0.0, false
	for _, a := range args {
		n, ok := a.num()
		if !ok {
			return value{}
		}
		if !found || n*sign > best*sign {
			best, found = n, true
		}
	}
	return numberValue(best)
}

func coalesce(args []value) value {
	for _, a := range args {
		if a.kind != null {
			return a
		}
	}
	return value{}
}

func jsonParse(v value) value {
	if v.kind != text {
		return value{}
	}
	parsed, ok := parseJSON(v.s)
	if !ok {
		return value{}
	}
	return jsonValue(parsed)
}

func jsonStringify(v value) value {
	if v.kind == null {
		return value{}
	}
	return textValue(v.String())
}

// maxText bounds what functions build, at the size of an event.
const maxText = 1 << 20

func concat(args []value) value {
	var b strings.Builder
	for _, a := range args {
		s := a.String()
		if b.Len()+len(s) > maxText {
			return value{}
		}
		b.WriteString(s)
	}
	return textValue(b.String())
}

func trimLeftSpace(s string) string  { return strings.TrimLeft(s, " \t\r\n\v\f") }
func trimRightSpace(s string) string { return strings.TrimRight(s, " \t\r\n\v\f") }

func trimming(space func(string) string, set func(s, cutset string) string) *function {
	return &function{min: 1, max: 2, eval: func(_ *row, args []value) value {
		switch {
		case args[0].kind == null:
			return value{}
		case len(args) == 1:
			return textValue(space(args[0].String()))
		}
		return textValue(set(args[0].String(), args[1].String()))
	}}
}

func replace(args []value) value {
	s, from, to := args[0].String(), args[1].String(), args[2].String()
	if args[0].kind == null || from == "" {
		return args[0]
	}
	if grown := strings.Count(s, from) * max(len(to)-len(from), 0); len(s)+grown > maxText {
		return value{}
	}
	return textValue(strings.ReplaceAll(s, from, to))
}

// substr counts code points from 0.
func substr(args []value) value {
	if args[0].kind == null {
		return value{}
	}
	runes := []rune(args[0].String())
	from, ok := args[1].num()
	if !ok || from < 0 {
		return value{}
	}
	length := float64(len(runes))
	from = min(math.Trunc(from), length)
	to := length
	if len(args) == 3 {
		n, ok := args[2].num()
		if !ok || n < 0 {
			return value{}
		}
		to = min(from+math.Trunc(n), length)
	}
	return textValue(string(runes[int(from):int(to)]))
}
