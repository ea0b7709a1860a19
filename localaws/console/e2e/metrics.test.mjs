// Walks the pages of metrics over metrics of its own:
//
//	make build && node --test localaws/console/e2e/
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cloudwatch, logs, otlp } from "./aws.mjs";
import { launch, visit } from "./browser.mjs";
import { start } from "./program.mjs";

let browser;
let local;

const minute = 60_000;
const routes = ["/cart", "/orders", "/items"];

before(async () => {
  [browser, local] = await Promise.all([launch(), start("local", "--listen", "127.0.0.1:0", "--listen-udp", "127.0.0.1:0")]);
  await fill(local.address);
});

after(async () => {
  await browser?.close();
  await local?.stop();
});

// fill sends ten minutes of metrics: by PutMetricData, in log events, by OTLP.
async function fill(address) {
  const now = Math.floor(Date.now() / minute) * minute;
  const group = { logGroupName: "/shop/web" };
  await logs(address, "CreateLogGroup", group);
  await logs(address, "CreateLogStream", { ...group, logStreamName: "one" });
  for (let i = 10; i >= 0; i--) {
    const at = now - i * minute;
    await cloudwatch(address, "PutMetricData", {
      Namespace: "Shop",
      MetricData: routes.flatMap((route, k) => ["NZ", "DE", "BR"].map((country, n) => ({
        MetricName: "Requests", Unit: "Count", Timestamp: at / 1000, Value: 40 + 9 * k + 5 * n + 12 * Math.sin(i / 2 + k),
        Dimensions: [{ Name: "Route", Value: route }, { Name: "Country", Value: country }],
      }))),
    });
    await logs(address, "PutLogEvents", { ...group, logStreamName: "one", logEvents: [{
      timestamp: at, message: JSON.stringify({
        _aws: { Timestamp: at, CloudWatchMetrics: [{ Namespace: "Shop", Dimensions: [["Route"]], Metrics: [{ Name: "Latency", Unit: "Milliseconds" }] }] },
        Route: "/cart", Latency: 100 + 10 * i, requestId: "r-" + i,
      }),
    }] });
    const nano = String(BigInt(at) * 1_000_000n);
    await otlp(address, [
      { name: "http.server.requests", unit: "{request}", sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: routes.map((route, k) => (
        { attributes: [{ key: "http.route", value: { stringValue: route } }], timeUnixNano: nano, asInt: String((10 - i) * 60 * (k + 1)) })) } },
      { name: "http.server.request.duration", unit: "s", histogram: { aggregationTemporality: 1, dataPoints: [
        { timeUnixNano: nano, count: "100", sum: 12, explicitBounds: [0.05, 0.1, 0.25, 0.5], bucketCounts: ["20", "40", "30", "8", "2"] }] } },
    ], { "service.name": "shop-web" });
  }
  await cloudwatch(address, "PutMetricAlarm", {
    AlarmName: "cart is slow", Namespace: "Shop", MetricName: "Latency", Dimensions: [{ Name: "Route", Value: "/cart" }],
    Statistic: "Average", Period: 60, EvaluationPeriods: 2, Threshold: 90, ComparisonOperator: "GreaterThanThreshold",
  });
}

const onPage = (name, path, walk, options = {}) => test(name, () => visit(browser, local.address + path, options, async (page) => {
  await page.getByRole("navigation", { name: "Views of the metrics" }).waitFor();
  await walk(page);
}));

const values = (page) => page.getByRole("table", { name: "The values of the graph" });

onPage("metrics are added to a graph, and math is done on them", "#/metrics", async (page) => {
  const list = page.getByRole("navigation", { name: "Metrics" });
  await list.getByRole("searchbox", { name: "Find a metric" }).fill("requests /cart");
  await list.getByRole("link", { name: /Country = NZ/ }).click();
  await page.getByRole("combobox", { name: "Statistic", exact: true }).selectOption("Sum");
  await page.getByRole("img", { name: /Graph of Sum, Count/ }).waitFor();
  await list.getByRole("button", { name: /Add Requests .*Country=DE/ }).click();
  await page.getByRole("heading", { name: "2 lines" }).waitFor();
  await page.getByRole("button", { name: "Add math" }).click();
  const expression = page.getByRole("textbox", { name: "Expression of e1" });
  await expression.fill("m2 - m1");
  await expression.press("Enter");
  await values(page).getByRole("columnheader", { name: "e1" }).waitFor();
  await page.waitForFunction(() => [...document.querySelectorAll("table.twin tbody tr")].some((row) => row.lastElementChild.textContent === "5"));
  await page.getByRole("checkbox", { name: "Draw m1" }).uncheck();
  await page.waitForFunction(() => document.querySelectorAll("table.twin thead th").length === 3);
  await page.getByRole("combobox", { name: "Statistic of m2" }).fill("p90");
  await page.getByRole("combobox", { name: "Statistic of m2" }).press("Enter");
  await page.waitForURL(/p90/);
});

onPage("what is being typed outlives data that arrives", "#/metrics", async (page) => {
  await page.getByRole("link", { name: /Country = NZ/ }).first().click();
  await page.getByRole("img", { name: /Graph of/ }).waitFor();
  await page.getByRole("button", { name: "Add math" }).click();
  const expression = page.getByRole("textbox", { name: "Expression of e1" });
  const shows = (value) => page.waitForFunction((text) => [...document.querySelectorAll("table.twin tbody tr")].some((row) => row.lastElementChild.textContent === text), value);
  await expression.fill("m1 * 10");
  await cloudwatch(local.address, "PutMetricData", { Namespace: "Shop", MetricData: [{
    MetricName: "Requests", Unit: "Count", Value: 7, Timestamp: (Date.now() - 12 * minute) / 1000,
    Dimensions: [{ Name: "Route", Value: "/cart" }, { Name: "Country", Value: "NZ" }],
  }] });
  await shows("7"); // e1 is still m1
  assert.equal(await expression.inputValue(), "m1 * 10");
  await expression.press("Enter");
  await shows("70");
  await expression.fill("m1 * 100");
  await page.getByRole("searchbox", { name: "Find a metric" }).focus(); // leaving the field counts as well
  await shows("700");
});

onPage("what is wrong with math is told", "#/metrics", async (page) => {
  await page.getByRole("link", { name: /Country = NZ/ }).first().click();
  await page.getByRole("img", { name: /Graph of/ }).waitFor();
  await page.getByRole("button", { name: "Add math" }).click();
  const expression = page.getByRole("textbox", { name: "Expression of e1" });
  await expression.fill("m1 +");
  await expression.press("Enter");
  await page.getByRole("alert").filter({ hasText: "Error in expression 'e1'" }).waitFor();
}, { refused: true });

onPage("a widget is pasted, drawn and copied", "#/metrics", async (page) => {
  const widget = page.getByRole("textbox", { name: "Widget JSON" });
  await widget.fill(JSON.stringify({ type: "metric", properties: {
    metrics: [["Shop", "Requests", "Country", "NZ", "Route", "/cart", { id: "a" }], ["...", "/orders", { id: "b" }], [{ expression: "a + b", id: "both", label: "Both" }]],
    stat: "Maximum", period: 300, start: "-PT1H",
  } }));
  await page.getByRole("button", { name: "Draw this" }).click();
  await values(page).getByRole("columnheader", { name: /both · Both/ }).waitFor();
  assert.equal(await page.getByRole("combobox", { name: "Period" }).inputValue(), "300");
  await page.getByText("Widget JSON").click();
  const copied = JSON.parse(await page.getByRole("textbox", { name: "Widget JSON" }).inputValue());
  assert.equal(copied.stat, "Maximum");
  assert.equal(copied.start, "-PT1H");
  assert.deepEqual(copied.metrics[1], ["Shop", "Requests", "Country", "NZ", "Route", "/orders", { id: "b" }]);
});

onPage("the log event behind a point is shown, and where it stands", "#/metrics", async (page) => {
  const list = page.getByRole("navigation", { name: "Metrics" });
  await list.getByRole("searchbox", { name: "Find a metric" }).fill("latency");
  await list.getByRole("link", { name: "Route = /cart" }).click();
  await values(page).getByRole("button", { name: "120" }).click();
  const events = page.getByRole("region", { name: "Log events behind the point" });
  await events.getByText('"requestId": "r-2"').waitFor();
  await events.getByRole("link", { name: "/shop/web · one" }).click();
  await page.waitForURL(/#\/logs.*at=/);
  await page.locator(".aimed").getByText("r-2").waitFor();
});

onPage("each dimension has its cost", "#/metrics/cost", async (page) => {
  const table = page.getByRole("table", { name: "What each dimension costs" });
  assert.match(await table.getByRole("row", { name: /Country/ }).innerText(), /Country\s+3\s+9\s+6\s+\$0\.00/); // ten metrics are free
  await page.getByRole("table", { name: "Series by name" }).getByRole("row", { name: /Requests 9/ }).waitFor();
});

onPage("an alarm has its state, its reason and its threshold", "#/metrics/alarms", async (page) => {
  await page.getByRole("heading", { name: /cart is slow/ }).getByText(/In alarm|Insufficient data|OK/).waitFor();
  await page.getByText("> 90 for 2 of 2 periods of 60 s").waitFor();
  await page.getByRole("img", { name: /threshold/ }).waitFor();
  await page.getByRole("link", { name: "Open the graph" }).click();
  await page.getByRole("heading", { name: "Latency", level: 1 }).waitFor();
});

onPage("PromQL asks what came by OTLP", "#/metrics/promql", async (page) => {
  const list = page.getByRole("navigation", { name: "OTLP metrics" });
  await list.getByRole("link", { name: /http\.server\.requests/ }).click();
  const query = page.getByRole("textbox", { name: "PromQL" });
  assert.equal(await query.inputValue(), 'rate({"http.server.requests"}[5m])');
  await page.getByRole("row", { name: /http\.route=\/items [\d.]+/ }).waitFor();
  await list.getByRole("link", { name: /http\.server\.request\.duration/ }).click();
  await page.getByRole("table", { name: "The newest value of each series" }).getByText("0.5").waitFor();
  await query.fill("sum(");
  await query.press("Enter");
  await page.getByRole("alert").filter({ hasText: "parse error" }).waitFor();
}, { refused: true });
