// Walks the console as a newcomer would, while the demo runs:
//
//	make build && node --test localaws/console/e2e/
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, visit } from "./browser.mjs";
import { start } from "./program.mjs";

let browser;
let demo;

before(async () => {
  [browser, demo] = await Promise.all([launch(), start("demo", "--no-browser", "--listen", "127.0.0.1:0")]);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

const onPage = (name, walk, options = {}) => test(name, () => visit(browser, demo.address, options, walk));

const traceRows = (page) => page.locator("table.traces tbody tr");

// everyRow waits until there are rows and each matches.
const everyRow = (page, selector, pattern) => page.waitForFunction(([selector, pattern]) => {
  const rows = [...document.querySelectorAll(selector)];
  return rows.length > 0 && rows.every((row) => new RegExp(pattern).test(row.textContent));
}, [selector, pattern.source]);

const everyTrace = (page, pattern) => everyRow(page, "table.traces tbody tr", pattern);

// openTrace opens the newest trace that a query finds, when all that are shown
// match.
async function openTrace(page, query, pattern) {
  const asked = page.getByRole("textbox", { name: "X-Ray filter expression" });
  await asked.fill(query);
  await asked.press("Enter");
  await everyTrace(page, pattern);
  await traceRows(page).first().getByRole("link").click();
  await page.getByRole("treegrid", { name: "Spans" }).waitFor();
}

onPage("a trace is found by service and status, opened, and a span's document seen", async (page) => {
  await page.getByRole("combobox", { name: "Service" }).locator("option", { hasText: "shop-web" }).waitFor({ state: "attached" });
  await page.getByRole("combobox", { name: "Service" }).selectOption("shop-web");
  await page.getByRole("group", { name: "Status" }).getByRole("button", { name: "Error" }).click();
  await page.waitForURL(/service=shop-web.*status=error/);
  await everyTrace(page, /Error.*shop-web/);

  await traceRows(page).first().getByRole("link").click();
  await page.getByRole("treegrid", { name: "Spans" }).getByRole("row", { name: /shop-web/ }).first().click();
  await page.waitForURL(/span=/);
  const span = new URL(page.url().replace("#/", "")).searchParams.get("span");
  const panel = page.getByRole("complementary", { name: "Selected span" });
  await panel.getByRole("row", { name: "Service shop-web" }).waitFor();
  await panel.getByRole("tab", { name: "Raw document" }).click();
  const raw = panel.locator("pre");
  await raw.getByText(`"id": "${span}"`).waitFor();
  assert.match(await raw.innerText(), /"trace_id": "1-[0-9a-f]{8}-[0-9a-f]{24}"/);
  await panel.getByRole("button", { name: "Copy" }).waitFor();

  await page.getByRole("navigation", { name: "Views of the trace" }).getByRole("link", { name: "Raw documents" }).click();
  await page.getByText("as BatchGetTraces returns them").waitFor();

  await page.goBack(); // the view
  await page.goBack(); // the span
  await page.goBack(); // the trace
  await traceRows(page).first().waitFor();
  assert.equal(await page.getByRole("combobox", { name: "Service" }).inputValue(), "shop-web");
});

onPage("a span's log line is reached, and leads back to its span", async (page) => {
  await openTrace(page, 'service("shop-inventory") AND http.method = "POST"', /POST.*shop-inventory/);
  await page.getByRole("link", { name: /^Logs [1-9]/ }).click();
  await page.getByRole("link", { name: "Open in Logs" }).first().click();
  const aimed = page.locator(".log-line.aimed").first();
  const line = await aimed.locator(".log-text").innerText();
  await aimed.getByRole("link", { name: "Trace" }).click();

  const panel = page.getByRole("complementary", { name: "Selected span" });
  await page.getByRole("row", { selected: true }).waitFor();
  await panel.getByRole("button", { name: line.split(" ")[0] }).first().click();
  await panel.getByText('"span_id"').waitFor();
  await panel.getByRole("link", { name: "Open in Logs" }).first().click();
  await page.locator(".log-line.aimed", { hasText: line }).first().waitFor();
});

onPage("log lines are filtered by a pattern, and a bad pattern says why", async (page) => {
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Logs" }).click();
  await page.getByRole("link", { name: "/updraft/shop-inventory" }).click();
  await page.getByRole("region", { name: "Log events of /updraft/shop-inventory" }).waitFor(); // the next group has a box of its own
  const pattern = page.getByRole("textbox", { name: "Filter pattern" });
  await pattern.fill('{ $.body = "stock reserved" }');
  await pattern.press("Enter");
  await page.waitForURL(/pattern=/);
  await everyRow(page, ".log-line", /stock reserved/);
  await pattern.fill("{ $.body");
  await pattern.press("Enter");
  await page.getByRole("alert").filter({ hasText: "pattern" }).waitFor();
}, { refused: true });

onPage("a metric is drawn as a graph and as a table", async (page) => {
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Metrics" }).click();
  const metrics = page.getByRole("navigation", { name: "Metrics" });
  await metrics.getByRole("searchbox", { name: "Find a metric" }).fill("shop.stock");
  await metrics.getByRole("link", { name: "product = tea" }).click();
  await page.getByRole("combobox", { name: "Statistic", exact: true }).selectOption("Maximum");
  await page.getByRole("img", { name: /Graph of Maximum, Count/ }).waitFor();
  await page.waitForFunction(linePixels);
  const values = page.getByRole("table", { name: "The values of the graph" });
  assert.match(await values.innerText(), /\d\d:\d\d:00\s+\d+/);
});

// linePixels counts the pixels of the graph that have the line's colour.
function linePixels() {
  const canvas = document.querySelector(".chart canvas");
  if (!canvas) return 0;
  const colour = getComputedStyle(canvas).getPropertyValue("--accent");
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let i = 0; i < data.length; i += 4) {
    if (data[i] === r && data[i + 1] === g && data[i + 2] === b && data[i + 3] === 255) count++;
  }
  return count;
}

onPage("the map shows both services and the database, and writes the query", async (page) => {
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Map" }).click();
  const map = page.getByRole("group", { name: /Service map/ });
  await map.getByRole("link", { name: /^shop-web, service: / }).waitFor();
  await map.getByRole("link", { name: /^shop, Database::sqlite: / }).waitFor();
  assert.ok(await map.getByRole("link", { name: /calls?, average/ }).count() >= 3, "edges");
  const nodes = page.getByRole("table", { name: "Nodes" });
  for (const name of ["shop-web", "shop-inventory", "shop"]) {
    assert.ok(await nodes.getByRole("link", { name, exact: true }).count() > 0, name);
  }
  await map.getByRole("link", { name: /^shop-inventory, service: / }).press("Enter");
  await traceRows(page).first().waitFor();
  assert.equal(await page.getByRole("textbox", { name: "X-Ray filter expression" }).inputValue(), 'service("shop-inventory")');
});

// The rule that is taken back matches none of the shop's requests: a report about a rule that is gone is refused.
onPage("sampling rules are seen at work, one is made, tried in the simulator, and taken back", async (page) => {
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Sampling" }).click();
  const rules = page.getByRole("region", { name: "Sampling rules" });
  await rules.getByRole("row", { name: /^10000 Default everything/ }).waitFor();
  await rules.getByRole("row", { name: /^200 orders POST · \/api\/\*/ }).getByRole("img", { name: /^[1-9][\d,]* matched, [1-9]/ }).waitFor(); // the shop has reported
  await rules.getByRole("row", { name: /^200 orders/ }).getByText("1 client").waitFor();

  await rules.getByRole("link", { name: "New rule" }).click();
  const editor = page.getByRole("complementary", { name: "Edit rule" });
  await editor.getByRole("textbox", { name: "Name", exact: true }).fill("refunds");
  await editor.getByRole("spinbutton", { name: "Priority" }).fill("150");
  await editor.getByRole("spinbutton", { name: "Rate in %" }).fill("12.5");
  await editor.getByRole("textbox", { name: "URL path" }).fill("/api/refunds");
  await editor.getByRole("button", { name: "Create" }).click();
  await rules.getByRole("row", { name: /^150 refunds \/api\/refunds 1 \/s 12\.5 %/ }).waitFor();

  await rules.getByRole("link", { name: "api", exact: true }).click();
  await editor.getByRole("spinbutton", { name: "Rate in %" }).fill("0");
  await editor.getByRole("button", { name: "Try in the simulator" }).click();
  await page.waitForURL(/draft=/);
  const simulator = page.getByRole("region", { name: "Simulator" });
  await simulator.getByRole("row", { name: /^300 api changed/ }).waitFor();
  await simulator.getByRole("spinbutton", { name: "Reservoir of api" }).fill("0");
  await page.keyboard.press("Enter");
  await simulator.getByRole("row", { name: /^300 api changed .* [1-9][\d,.k]* 0 0 % 0\.00 Remove/ }).waitFor(); // keeps nothing of what it matches
  await simulator.getByRole("combobox", { name: "Traffic" }).selectOption("1000");
  await simulator.getByRole("row", { name: /^Total .*[1-9][\d,]*\.\d\d$/ }).waitFor();
  await simulator.getByText(/recorded requests? in/).waitFor();
  await page.reload(); // the draft is in the address
  await simulator.getByRole("row", { name: /^300 api changed/ }).waitFor();
  await simulator.getByRole("button", { name: "Remove refunds" }).click();
  await simulator.getByRole("row", { name: /^150 refunds removed/ }).waitFor();
  await simulator.getByRole("button", { name: "Use these rules: 2 changes" }).click();

  await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: /^Rules/ }).click();
  await rules.getByRole("row", { name: /^300 api \/api\/\* 0 \/s 0 %/ }).waitFor();
  assert.equal(await rules.getByRole("row", { name: /refunds/ }).count(), 0);
  await rules.getByRole("link", { name: "api", exact: true }).click();
  await editor.getByRole("spinbutton", { name: "Rate in %" }).fill("25");
  await editor.getByRole("spinbutton", { name: "Reservoir a second" }).fill("5");
  await editor.getByRole("button", { name: "Save" }).click();
  await rules.getByRole("row", { name: /^300 api \/api\/\* 5 \/s 25 %/ }).waitFor();
});

onPage("what AWS would have refused is explained", async (page) => {
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: /^Refused/ }).click();
  const found = page.getByRole("article", { name: "Refused item" });
  await found.getByText('Invalid name "checkout (beta)"').waitFor();
  for (const row of ["Field name", "Value seen checkout (beta)", "Limit 200 characters", "Operation X-Ray: PutTraceSegments"]) {
    await found.getByRole("row", { name: row }).waitFor();
  }
  assert.match(await found.getByRole("link").getAttribute("href"), /^https:\/\/docs\.aws\.amazon\.com\/xray\//);
  assert.match(await found.locator("mark").innerText(), /"name": "checkout \(beta\)"/);

  await page.getByRole("link", { name: /^All rules/ }).click();
  await page.getByRole("row", { name: /PutLogEvents/ }).first().waitFor();
  assert.ok(await page.getByRole("row", { name: /PutTraceSegments/ }).count() > 10);
});

onPage("a filter expression that is none says so, and stays in the URL", async (page) => {
  const asked = page.getByRole("textbox", { name: "X-Ray filter expression" });
  await asked.fill("responsetime >");
  await asked.press("Enter");
  await page.getByRole("alert").filter({ hasText: "filter expression" }).waitFor();
  await page.reload();
  await page.getByRole("alert").filter({ hasText: "filter expression" }).waitFor();
  assert.equal(await asked.inputValue(), "responsetime >");
}, { refused: true });

onPage("the list lives, holds still while it is read, and can be paused", async (page) => {
  const first = traceRows(page).first().getByRole("link");
  const shown = await first.getAttribute("href");
  await page.waitForFunction((old) => document.querySelector("table.traces tbody a").getAttribute("href") !== old, shown);
  await first.focus();
  const held = await first.getAttribute("href");
  await page.getByRole("button", { name: /\d+ new/ }).waitFor();
  assert.equal(await first.getAttribute("href"), held);
  await page.getByRole("button", { name: /\d+ new/ }).click();
  await page.waitForFunction((old) => document.querySelector("table.traces tbody a").getAttribute("href") !== old, held);
  await page.keyboard.press("p");
  await page.getByRole("button", { name: "Paused" }).waitFor();
});

onPage("the keyboard is enough", async (page) => {
  await traceRows(page).first().waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.getByRole("treegrid", { name: "Spans" }).waitFor();
  await page.keyboard.press("j");
  await page.getByRole("row", { selected: true }).waitFor();
  const rows = await page.getByRole("row").count();
  await page.keyboard.press("h");
  await page.waitForFunction((old) => document.querySelectorAll("[role=row]").length < old, rows);
  await page.keyboard.press("r");
  await page.getByRole("tab", { name: "Raw document", selected: true }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("complementary", { name: "Selected span" }).waitFor({ state: "detached" });
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Help" }).waitFor();
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => !document.querySelector("dialog") && document.activeElement === document.body);
  await page.keyboard.press("g");
  await page.keyboard.press("m");
  await page.getByRole("heading", { name: "Service map" }).waitFor();
});

onPage("an error in a trace is one key away", async (page) => {
  await openTrace(page, "error OR fault", /^(Error|Fault|Throttle)/);
  await page.keyboard.press("e");
  const selected = page.getByRole("row", { selected: true });
  assert.match(await selected.getAttribute("class"), /error|fault|throttle/);
  await page.getByRole("complementary", { name: "Selected span" }).getByText(/Error|Fault|Throttle/).first().waitFor();
});

onPage("colours follow the system until they are chosen, and can be read", async (page) => {
  await traceRows(page).first().waitFor();
  assert.equal(await theme(page), "dark");
  assert.deepEqual(await page.evaluate(weakColours), []);
  await page.keyboard.press("d");
  await page.reload();
  await traceRows(page).first().waitFor();
  assert.equal(await theme(page), "light");
  assert.deepEqual(await page.evaluate(weakColours), []);
}, { colorScheme: "dark" });

const theme = (page) => page.evaluate(() => document.documentElement.dataset.theme);

// weakColours is the colours of text that have less contrast than 4.5 to 1 to
// a ground they may stand on.
function weakColours() {
  const style = getComputedStyle(document.documentElement);
  const light = (name) => {
    const colour = style.getPropertyValue(name);
    const [r, g, b] = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const texts = ["--text", "--muted", "--accent", "--ok", "--error", "--fault", "--throttle", "--json-name", "--json-string", "--json-number", "--json-word"];
  const weak = [];
  for (const text of texts) {
    for (const ground of ["--ground", "--surface", "--raised", "--sunk"]) {
      const [a, b] = [light(text), light(ground)].sort((x, y) => y - x);
      if ((a + 0.05) / (b + 0.05) < 4.5) weak.push(`${text} on ${ground}: ${((a + 0.05) / (b + 0.05)).toFixed(2)}`);
    }
  }
  return weak;
}

test("before anything has arrived, the console says what to do", async () => {
  const local = await start("local", "--listen", "127.0.0.1:0");
  try {
    await visit(browser, local.address, {}, async (page) => {
      await page.getByText("AWS_ENDPOINT_URL=" + new URL(local.address).origin).waitFor();
      await page.getByRole("button", { name: "Copy" }).waitFor();
      await page.getByRole("link", { name: /^Refused/ }).click();
      await page.getByText("Nothing was refused.").waitFor();
    });
  } finally {
    await local.stop();
  }
});
