package logs

import "strings"

// Limits of the names of log groups and log streams.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html
const (
	// MaxGroupName and MaxStreamName are the most characters of a name.
	MaxGroupName  = 512
	MaxStreamName = 512
	// groupSpecials may stand in a group's name besides letters and digits.
	groupSpecials = "._-/#"
	// streamForbidden may not stand in a stream's name.
	streamForbidden = ":*"
	// reservedPrefix may not begin a group's name.
	reservedPrefix = "aws/"
)

// Key joins a group and a stream to the key of a queue.
func Key(group, stream string) string { return group + "\x00" + stream }

// SplitKey is the reverse of Key.
func SplitKey(key string) (group, stream string) {
	group, stream, _ = strings.Cut(key, "\x00")
	return group, stream
}

// CleanGroup makes name fit for a log group: what CloudWatch does not allow
// becomes "_", as does the slash of the reserved beginning "aws/", and what is
// too long is cut.
func CleanGroup(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
			return r
		case r < 0x80 && strings.ContainsRune(groupSpecials, r):
			return r
		}
		return '_'
	}, name)
	if strings.HasPrefix(name, reservedPrefix) {
		name = "aws_" + name[len(reservedPrefix):]
	}
	return name[:min(len(name), MaxGroupName)]
}

// CleanStream makes name fit for a log stream: colons, asterisks, control
// characters and what is not UTF-8 become "_", and what is too long is cut.
func CleanStream(name string) string {
	characters := 0
	return strings.Map(func(r rune) rune {
		if characters++; characters > MaxStreamName {
			return -1
		}
		if r < ' ' || r == '\uFFFD' || strings.ContainsRune(streamForbidden, r) {
			return '_'
		}
		return r
	}, name)
}
