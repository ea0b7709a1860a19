package resourcedetection

import (
	"context"
	"net"
	"os"
	"strings"
)

// hostnameSources are where the host's name can come from.
var hostnameSources = []string{"dns", "os", "cname", "lookup"}

// hostname asks the sources in turn; none means dns, then os.
func hostname(ctx context.Context, sources []string) (string, error) {
	name, err := os.Hostname()
	if len(sources) == 0 {
		sources = []string{"dns", "os"}
	}
	for _, source := range sources {
		switch source {
		case "os":
			return name, err
		case "cname":
			if full, err := net.DefaultResolver.LookupCNAME(ctx, name); err == nil {
				return strings.TrimSuffix(full, "."), nil
			}
		default:
			if full := reverse(ctx, name); full != "" {
				return full, nil
			}
		}
	}
	return name, err
}

// reverse is the name that the resolver has for one of the host's addresses.
func reverse(ctx context.Context, name string) string {
	addresses, err := net.DefaultResolver.LookupHost(ctx, name)
	if err != nil {
		return ""
	}
	for _, a := range addresses {
		if names, err := net.DefaultResolver.LookupAddr(ctx, a); err == nil && len(names) > 0 {
			return strings.TrimSuffix(names[0], ".")
		}
	}
	return ""
}
