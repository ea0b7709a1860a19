package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	requestTimeout = 10 * time.Second
	maxUnderWay    = 64 // requests at a time; a shop that hangs gets no more of them
)

// traffic is the shop's customers: a steady rate of mixed requests by mixed
// clients. They know nothing of OpenTelemetry; the traces begin in the shop.
type traffic struct {
	shop   string
	rate   float64 // requests a second
	client *http.Client
	unpaid chan int64 // orders on their way to the checkout

	sent, refused, failed, lost atomic.Int64 // all; answered 4xx; answered 5xx; not answered
}

// A visit is one request that a customer makes.
type visit struct {
	method, path string
	body         string
}

// clients are who the customers' requests say they are.
var clients = [...]string{
	"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
	"shop-app/4.2 (Android 16)",
	"curl/8.14.1",
	"pricebot/1.0 (+https://pricebot.example)",
}

// goods are what customers ask for; the lamp sells out.
var goods = [...]string{"kettle", "grinder", "beans", "tea", "notebook", "pen", "lamp", "lamp"}

func newTraffic(shop string, rate float64) *traffic {
	return &traffic{
		shop:   shop,
		rate:   rate,
		client: &http.Client{Timeout: requestTimeout, Transport: &http.Transport{MaxIdleConnsPerHost: maxUnderWay}},
		unpaid: make(chan int64, 100),
	}
}

// run sends requests until ctx ends, then waits for those under way.
func (t *traffic) run(ctx context.Context) {
	rnd := rand.New(rand.NewPCG(1, 1))
	tick := time.NewTicker(time.Duration(float64(time.Second) / t.rate))
	defer tick.Stop()
	defer t.client.CloseIdleConnections()
	var wg sync.WaitGroup
	defer wg.Wait()
	slots := make(chan struct{}, maxUnderWay)
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		v, client, from := t.next(rnd), clients[rnd.IntN(len(clients))], rnd.IntN(200)
		select {
		case slots <- struct{}{}:
		default:
			continue
		}
		wg.Go(func() {
			defer func() { <-slots }()
			t.visit(context.WithoutCancel(ctx), v, client, from)
		})
	}
}

// next is what the next customer does.
func (t *traffic) next(rnd *rand.Rand) visit {
	item := goods[rnd.IntN(len(goods))]
	switch p := rnd.Float64(); {
	case p < 0.30:
		return visit{method: http.MethodGet, path: "/api/products"}
	case p < 0.35:
		return visit{method: http.MethodGet, path: "/api/products?q=tea"}
	case p < 0.55:
		return visit{method: http.MethodGet, path: "/api/products/" + item}
	case p < 0.58:
		return visit{method: http.MethodGet, path: "/api/products/sold-in-2019"}
	case p < 0.63:
		return visit{method: http.MethodGet, path: "/health"}
	case p < 0.82:
		return visit{http.MethodPost, "/api/orders", fmt.Sprintf(`{"product":%q,"quantity":%d}`, item, 1+rnd.IntN(3))}
	}
	select {
	case id := <-t.unpaid:
		return visit{http.MethodPost, "/api/checkout", fmt.Sprintf(`{"id":%d}`, id)}
	default:
		return visit{http.MethodPost, "/api/orders", fmt.Sprintf(`{"product":%q,"quantity":1}`, item)}
	}
}

func (t *traffic) visit(ctx context.Context, v visit, client string, from int) {
	req, err := http.NewRequestWithContext(ctx, v.method, t.shop+v.path, strings.NewReader(v.body))
	if err != nil {
		t.lost.Add(1)
		return
	}
	req.Header.Set("User-Agent", client)
	req.Header.Set("X-Forwarded-For", fmt.Sprintf("203.0.113.%d", from)) // addresses kept for documentation, RFC 5737
	t.sent.Add(1)
	res, err := t.client.Do(req)
	if err != nil {
		t.lost.Add(1)
		return
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	switch {
	case err != nil:
		t.lost.Add(1)
	case res.StatusCode >= 500:
		t.failed.Add(1)
	case res.StatusCode >= 400:
		t.refused.Add(1)
	case res.StatusCode == http.StatusCreated:
		t.remember(body)
	}
}

// remember puts a new order on its way to the checkout.
func (t *traffic) remember(body []byte) {
	var order struct {
		ID int64 `json:"id"`
	}
	if err := json.NewDecoder(bytes.NewReader(body)).Decode(&order); err != nil || order.ID == 0 {
		return
	}
	select {
	case t.unpaid <- order.ID:
	default: // a customer who leaves without paying
	}
}
