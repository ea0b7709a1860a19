package loadbalancing

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"
)

// start tells update of the collectors: once before it returns, and by DNS whenever they change, from one goroutine. It
// returns a function that waits for that goroutine's end, which comes with ctx.
func (r *Resolver) start(ctx context.Context, logger *zap.Logger, s *stats, update func([]string)) (wait func()) {
	if static := r.Static.Get(); static != nil {
		update(sorted(static.Hostnames))
		s.resolved(ctx, nil, true)
		return func() {}
	}
	dns := *r.DNS.Get()
	d := &dnsLoop{DNS: dns, lookup: net.DefaultResolver.LookupNetIP, logger: logger, stats: s, update: update}
	d.Interval, d.Timeout = cmp.Or(dns.Interval, defaultInterval), cmp.Or(dns.Timeout, defaultTimeout)
	d.resolve(ctx)
	var done sync.WaitGroup
	done.Go(func() { d.run(ctx) })
	return done.Wait
}

// sorted is the endpoints in order, each once.
func sorted(endpoints []string) []string {
	s := slices.Clone(endpoints)
	slices.Sort(s)
	return slices.Compact(s)
}

// A dnsLoop asks for a name's addresses again and again.
type dnsLoop struct {
	DNS
	lookup  func(ctx context.Context, network, host string) ([]netip.Addr, error)
	logger  *zap.Logger
	stats   *stats
	update  func([]string)
	known   []string
	failing bool
}

func (d *dnsLoop) run(ctx context.Context) {
	ticker := time.NewTicker(d.Interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			d.resolve(ctx)
		}
	}
}

// errNoAddresses is an answer without any.
var errNoAddresses = errors.New("the name has no addresses")

// resolve asks once. Where there is no answer, the collectors stay those that are known: they may well be there still, and if
// not, what is for them waits.
func (d *dnsLoop) resolve(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, d.Timeout)
	defer cancel()
	addrs, err := d.lookup(ctx, "ip", d.Hostname)
	if err == nil && len(addrs) == 0 {
		err = errNoAddresses
	}
	if err != nil {
		d.stats.resolved(ctx, err, false)
		if !d.failing && !errors.Is(err, context.Canceled) {
			d.logger.Warn("The collectors' name has no answer: those that are known stay", zap.String("hostname", d.Hostname), zap.Int("known", len(d.known)), zap.Error(err))
		}
		d.failing = true
		return
	}
	if d.failing {
		d.logger.Info("The collectors' name has an answer again", zap.String("hostname", d.Hostname))
	}
	d.failing = false
	endpoints := make([]string, 0, len(addrs))
	for _, addr := range addrs {
		endpoints = append(endpoints, d.endpoint(addr.Unmap()))
	}
	endpoints = sorted(endpoints)
	changed := !slices.Equal(endpoints, d.known)
	d.stats.resolved(ctx, nil, changed)
	if changed {
		d.known = endpoints
		d.update(endpoints)
	}
}

// endpoint is an address as the ring knows it: with a port only where one is configured, as in the collector's exporter.
func (d *dnsLoop) endpoint(addr netip.Addr) string {
	host := addr.String()
	if addr.Is6() {
		host = "[" + host + "]"
	}
	if d.Port == "" {
		return host
	}
	return host + ":" + d.Port
}
