package insights

// A Word is one of the language, for an editor that completes what is typed.
type Word struct {
	Name  string `json:"name"`
	Kind  string `json:"kind"`  // "command", "function", "aggregation" or "keyword"
	Usage string `json:"usage"` // e.g. "bin(period)"
	Means string `json:"means"`
}

// Words are the words that Parse knows.
func Words() []Word {
	list := make([]Word, 0, len(commandWords)+len(functionWords)+len(aggregationWords)+len(keywordWords))
	for _, of := range [...]struct {
		kind  string
		words [][3]string
	}{{"command", commandWords}, {"function", functionWords}, {"aggregation", aggregationWords}, {"keyword", keywordWords}} {
		for _, w := range of.words {
			list = append(list, Word{w[0], of.kind, w[1], w[2]})
		}
	}
	return list
}

var commandWords = [][3]string{
	{"fields", "fields name, expression as name", "show fields, compute new ones"},
	{"filter", "filter condition", "keep the events for which it holds"},
	{"parse", `parse field "glob *" as name`, "take parts of a text into fields"},
	{"stats", "stats function(field) by field, bin(5m)", "aggregate, by groups"},
	{"sort", "sort field desc", "order the rows"},
	{"limit", "limit count", "keep the first rows"},
	{"display", "display name, name", "show these fields only"},
	{"dedup", "dedup field", "keep the first row of each value"},
	{"unnest", "unnest field into name", "a row for each item of a list"},
}

var functionWords = [][3]string{
	{"abs", "abs(number)", "without its sign"},
	{"ceil", "ceil(number)", "rounded up"},
	{"floor", "floor(number)", "rounded down"},
	{"log", "log(number)", "natural logarithm"},
	{"sqrt", "sqrt(number)", "square root"},
	{"greatest", "greatest(number, …)", "the largest of them"},
	{"least", "least(number, …)", "the smallest of them"},
	{"bin", "bin(period)", "the event's time, rounded down"},
	{"datefloor", "datefloor(time, period)", "a time, rounded down"},
	{"dateceil", "dateceil(time, period)", "a time, rounded up"},
	{"now", "now()", "when the query began, in seconds"},
	{"queryStartTime", "queryStartTime()", "start of the time range, in milliseconds"},
	{"queryEndTime", "queryEndTime()", "end of the time range, in milliseconds"},
	{"queryTimeRange", "queryTimeRange()", "length of the time range, in milliseconds"},
	{"fromMillis", "fromMillis(number)", "milliseconds as a time"},
	{"toMillis", "toMillis(time)", "a time in milliseconds"},
	{"ispresent", "ispresent(field)", "the event has the field"},
	{"coalesce", "coalesce(value, …)", "the first that is there"},
	{"jsonParse", "jsonParse(text)", "JSON text as a map or a list"},
	{"jsonStringify", "jsonStringify(value)", "a map or a list as JSON text"},
	{"round", "round(number, decimals)", "rounded to the nearest"},
	{"toNumber", "toNumber(text)", "as a number"},
	{"toDouble", "toDouble(text)", "as a number"},
	{"isNumeric", "isNumeric(field)", "reads as a number"},
	{"if", "if(condition, value, value)", "one of two values"},
	{"case", "case(condition, value, …, value)", "the value of the first condition that holds"},
	{"messageSize", "messageSize(text)", "length in bytes"},
	{"jsonArraySize", "jsonArraySize(field)", "how many items a JSON list has"},
	{"jsonArrayContains", "jsonArrayContains(field, text)", "the JSON list has the item"},
	{"ipv4ToNumber", "ipv4ToNumber(address)", "an IPv4 address as a number"},
	{"isPrivateIP", "isPrivateIP(address)", "an address of RFC 1918"},
	{"isValidIp", "isValidIp(text)", "an IP address of either kind"},
	{"isValidIpV4", "isValidIpV4(text)", "an IPv4 address"},
	{"isValidIpV6", "isValidIpV6(text)", "an IPv6 address"},
	{"isIpInSubnet", `isIpInSubnet(address, "10.0.0.0/8")`, "the address is in the subnet"},
	{"isIpv4InSubnet", `isIpv4InSubnet(address, "10.0.0.0/8")`, "the same, IPv4 only"},
	{"isIpv6InSubnet", `isIpv6InSubnet(address, "2001:db8::/32")`, "the same, IPv6 only"},
	{"isempty", "isempty(field)", "missing or empty"},
	{"isblank", "isblank(field)", "missing, empty or white space"},
	{"concat", "concat(text, …)", "put together"},
	{"strlen", "strlen(text)", "length in characters"},
	{"toupper", "toupper(text)", "in capitals"},
	{"tolower", "tolower(text)", "in small letters"},
	{"strcontains", "strcontains(text, part)", "1 if the part is in the text"},
	{"startsWith", "startsWith(text, part)", "1 if it begins so"},
	{"endsWith", "endsWith(text, part)", "1 if it ends so"},
	{"split", `split(text, ",")`, "the parts as a list"},
	{"base64encode", "base64encode(text)", "in base64"},
	{"base64decode", "base64decode(text)", "out of base64"},
	{"hexToAscii", "hexToAscii(text)", "hexadecimal digits as text"},
	{"hexToDec", "hexToDec(text)", "a hexadecimal number"},
	{"decToHex", "decToHex(number)", "as a hexadecimal number"},
	{"trim", "trim(text)", "without white space at both ends"},
	{"ltrim", "ltrim(text)", "without white space at the start"},
	{"rtrim", "rtrim(text)", "without white space at the end"},
	{"replace", "replace(text, from, to)", "with every from as to"},
	{"substr", "substr(text, start, length)", "a part, counted from 0"},
}

var aggregationWords = [][3]string{
	{"count", "count(*)", "how many"},
	{"count_distinct", "count_distinct(field)", "how many different values"},
	{"sum", "sum(field)", "sum"},
	{"avg", "avg(field)", "mean"},
	{"min", "min(field)", "smallest"},
	{"max", "max(field)", "largest"},
	{"pct", "pct(field, 95)", "percentile"},
	{"stddev", "stddev(field)", "standard deviation"},
	{"earliest", "earliest(field)", "value of the oldest event"},
	{"latest", "latest(field)", "value of the newest event"},
	{"sortsFirst", "sortsFirst(field)", "first in the order of sort"},
	{"sortsLast", "sortsLast(field)", "last in the order of sort"},
}

var keywordWords = [][3]string{
	{"and", "a and b", "both hold"},
	{"or", "a or b", "one holds"},
	{"not", "not a", "does not hold"},
	{"like", `field like "part"`, "contains a text or matches /a pattern/"},
	{"in", `field in ["a", "b"]`, "is one of these"},
	{"as", "expression as name", "gives it a name"},
	{"into", "unnest field into name", "names the items"},
	{"by", "stats … by field", "one row for each value"},
	{"asc", "sort field asc", "smallest first"},
	{"desc", "sort field desc", "largest first"},
}
