package insights

import "net/netip"

// Which addresses a function takes.
func anyAddress(netip.Addr) bool  { return true }
func v4Address(a netip.Addr) bool { return a.Is4() }
func v6Address(a netip.Addr) bool { return a.Is6() }

func isValid(want func(netip.Addr) bool) func(string) value {
	return func(s string) value {
		a, err := netip.ParseAddr(s)
		return boolValue(err == nil && want(a))
	}
}

// inSubnet is false for what is no address or no subnet.
func inSubnet(want func(netip.Addr) bool) func(address, subnet string) value {
	return func(address, subnet string) value {
		a, err := netip.ParseAddr(address)
		if err != nil || !want(a) {
			return boolValue(false)
		}
		p, err := netip.ParsePrefix(subnet)
		return boolValue(err == nil && p.Contains(a.WithZone("")))
	}
}
