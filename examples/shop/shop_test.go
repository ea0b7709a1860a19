package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/updraft-otel/updraft/localaws"
)

// TestMain lets the test binary be the shop, so that each service is a process.
func TestMain(m *testing.M) {
	if os.Getenv("SHOP_TEST_SERVICE") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// startService runs a service until the test ends, or until stop is called.
func startService(t *testing.T, name string, env ...string) (url string, stop func()) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, name)
	cmd.Env = append(append(os.Environ(), "SHOP_TEST_SERVICE="+name), env...)
	cmd.Stderr = t.Output()
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		_ = cmd.Process.Signal(os.Interrupt)
		_, _ = io.Copy(io.Discard, stdout)
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	t.Cleanup(stop)
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return strings.TrimSpace(strings.TrimPrefix(line, "listening on ")), stop
}

func TestShop(t *testing.T) {
	srv, err := localaws.Start(t.Context(), localaws.Config{})
	if err != nil {
		t.Fatal(err)
	}
	env := append(srv.Env(), "SHOP_INVENTORY_LISTEN=127.0.0.1:0", "SHOP_WEB_LISTEN=127.0.0.1:0")
	stock, stopInventory := startService(t, "inventory", env...)
	shop, stopWeb := startService(t, "web", append(env, "SHOP_INVENTORY="+stock)...)

	f := func(want int, method, path, body, contains string) string {
		t.Helper()
		status, got := ask(t, method, shop+path, body)
		if status != want || !strings.Contains(got, contains) {
			t.Errorf("%s %s %s: %d %s, want %d and %q", method, path, body, status, got, want, contains)
		}
		return got
	}
	f(200, "GET", "/health", "", "ok")
	t.Setenv("SHOP_WEB_LISTEN", strings.TrimPrefix(shop, "http://"))
	if err := run(t.Context(), []string{"healthcheck"}); err != nil {
		t.Error(err)
	}
	f(200, "GET", "/api/products", "", `"id":"kettle"`)
	f(200, "GET", "/api/products?q=coffee", "", `"id":"grinder"`)
	f(200, "GET", "/api/products/lamp", "", `"stock":`)
	f(404, "GET", "/api/products/none", "", "not found")
	f(404, "GET", "/elsewhere", "", "")
	f(400, "POST", "/api/orders", "not JSON", "an order is")
	f(400, "POST", "/api/orders", `{"product":"tea"}`, "quantity")
	f(404, "POST", "/api/orders", `{"product":"none","quantity":1}`, "not found")
	f(409, "POST", "/api/orders", `{"product":"tea","quantity":1000}`, "out of stock")
	f(400, "POST", "/api/checkout", `{}`, "a checkout is")
	f(404, "POST", "/api/checkout", `{"id":4711}`, "not found")
	placed := f(201, "POST", "/api/orders", `{"product":"beans","quantity":2}`, `"total_cents":4780`)
	checkout(t, shop, placed)

	stopWeb()
	stopInventory()
	checkTelemetry(t, srv)
}

// checkout pays an order. The bank says no now and then; that order is gone,
// and the next one is tried.
func checkout(t *testing.T, shop, order string) {
	t.Helper()
	for range 10 {
		status, got := ask(t, "POST", shop+"/api/checkout", order)
		switch status {
		case 200:
			if !strings.Contains(got, `"state":"paid"`) {
				t.Errorf("checkout of %s: %s", order, got)
			}
			if status, got := ask(t, "POST", shop+"/api/checkout", order); status != 409 {
				t.Errorf("a second checkout of %s: %d %s, want 409", order, status, got)
			}
			return
		case 402, 502:
			_, order = ask(t, "POST", shop+"/api/orders", `{"product":"beans","quantity":2}`)
		default:
			t.Fatalf("checkout of %s: %d %s", order, status, got)
		}
	}
	t.Error("the bank refused ten payments")
}

func ask(t *testing.T, method, url, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Timeout: 30 * time.Second}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(answer)
}

// checkTelemetry holds what arrived against what was asked.
func checkTelemetry(t *testing.T, srv *localaws.Server) {
	t.Helper()
	c := srv.Counts()
	if c.Refused > 0 {
		t.Errorf("%d refused", c.Refused)
	}
	get := func(path string, out any) {
		t.Helper()
		status, body := ask(t, "GET", srv.URL()+"/console/api"+path, "")
		if err := json.Unmarshal([]byte(body), out); status != 200 || err != nil {
			t.Fatalf("%s: %d %v", path, status, err)
		}
	}
	var traces struct {
		Traces []struct {
			ID, Status string
			Services   []string
			HTTPStatus int
		}
	}
	get("/traces?limit=100", &traces)
	statuses := map[string]int{}
	for _, tr := range traces.Traces {
		statuses[fmt.Sprint(tr.HTTPStatus, " ", tr.Status)]++
	}
	for _, want := range []string{"200 ok", "201 ok", "404 error", "409 error"} {
		if statuses[want] == 0 {
			t.Errorf("no trace is %q among %v", want, statuses)
		}
	}
	for group, text := range map[string]string{"/updraft/shop-web": "order paid", "/updraft/shop-inventory": "stock reserved"} {
		var logs struct{ Events []struct{ Message string } }
		get("/logs?group="+group, &logs)
		found := false
		for _, e := range logs.Events {
			found = found || strings.Contains(e.Message, text) && strings.Contains(e.Message, `"xray_trace_id":"1-`)
		}
		if !found {
			t.Errorf("no %q with a trace id in %s", text, group)
		}
	}
	var metrics struct {
		Metrics []struct{ Namespace, Name string }
	}
	get("/metrics", &metrics)
	names := map[string]bool{}
	for _, m := range metrics.Metrics {
		names[m.Namespace+" "+m.Name] = true
	}
	for _, want := range []string{"shop-web shop.orders", "shop-web shop.order.value", "shop-inventory shop.stock"} {
		if !names[want] {
			t.Errorf("no metric %q among %v", want, names)
		}
	}
	var value struct{ Values []float64 }
	get("/metrics/data?namespace=shop-web&name=shop.order.value&stat=p90", &value)
	if len(value.Values) == 0 || math.Abs(value.Values[0]-47.80) > 0.478 {
		t.Errorf("p90 of an order's worth is %v, the one paid was worth 47.80", value.Values)
	}
}
