package awsapi

import (
	"fmt"
	"net"
	"strconv"
	"strings"
)

// DefaultDaemonAddress is where the X-Ray daemon listens unless it is told otherwise, for segments by UDP and for
// sampling rules by TCP.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-daemon-configuration.html
const DefaultDaemonAddress = "127.0.0.1:2000"

// A DaemonAddress is where an X-Ray daemon listens, host and port each.
type DaemonAddress struct {
	UDP string // takes segments
	TCP string // answers for sampling rules
}

// ParseDaemonAddress reads the value of AWS_XRAY_DAEMON_ADDRESS: one "host:port" for both, or "tcp:host:port
// udp:host:port" in either order; IPv6 addresses stand in brackets. "" is [DefaultDaemonAddress].
// https://docs.aws.amazon.com/xray/latest/devguide/xray-sdk-go-configuration.html#xray-sdk-go-configuration-envvars
func ParseDaemonAddress(s string) (DaemonAddress, error) {
	fields := strings.Fields(s)
	var a DaemonAddress
	switch len(fields) {
	case 0:
		return DaemonAddress{UDP: DefaultDaemonAddress, TCP: DefaultDaemonAddress}, nil
	case 1:
		a = DaemonAddress{UDP: fields[0], TCP: fields[0]}
	case 2:
		for _, field := range fields {
			if address, ok := strings.CutPrefix(field, "udp:"); ok {
				a.UDP = address
			} else if address, ok := strings.CutPrefix(field, "tcp:"); ok {
				a.TCP = address
			}
		}
	}
	if !hostPort(a.UDP) || !hostPort(a.TCP) {
		return DaemonAddress{}, fmt.Errorf("%q is no address of an X-Ray daemon; it must be like 127.0.0.1:2000,"+
			" or tcp:127.0.0.1:2000 udp:127.0.0.2:2001", s)
	}
	return a, nil
}

func hostPort(s string) bool {
	host, port, err := net.SplitHostPort(s)
	n, atoi := strconv.ParseUint(port, 10, 16)
	return err == nil && atoi == nil && n > 0 && host != ""
}
