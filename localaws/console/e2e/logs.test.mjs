// Walks the live tail and Logs Insights while the demo writes lines:
//
//	make build && node --test localaws/console/e2e/
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
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

const onPage = (name, path, walk, options = {}) => test(name, () => visit(browser, demo.address + path, options, async (page) => {
  await page.getByRole("navigation", { name: "Views of the logs" }).waitFor();
  await walk(page);
}));

const lines = (page) => page.getByRole("log", { name: "Lines" }).getByRole("listitem");
const ids = (page) => lines(page).evaluateAll((list) => list.map((line) => line.querySelector(".log-text").textContent));
const web = "group=%2Fupdraft%2Fshop-web";

// shown waits until there are lines and each has, or lacks, a text.
const shown = (page, text, has) => page.waitForFunction(([text, has]) => {
  const list = [...document.querySelectorAll("[role=log] .log-line")];
  return list.length > 0 && list.every((line) => line.textContent.includes(text) === has);
}, [text, has]);

// arrived waits until the trace that a link leads to is there: lines may come
// before the spans of their request.
async function arrived(page, link) {
  const [, id] = /#\/traces\/([^?]+)/.exec(link);
  const deadline = Date.now() + 30_000;
  while (!(await page.request.get(`${demo.address}api/traces/${id}`)).ok()) assert.ok(Date.now() < deadline, `trace ${id} has not arrived`);
}

onPage("the live tail follows, includes, excludes, marks, pauses and is cleared", `#/logs/tail?${web}`, async (page) => {
  await lines(page).first().waitFor();
  await page.getByText("Following /updraft/shop-web").waitFor();

  await page.keyboard.press("i");
  await page.keyboard.type("order placed");
  await page.keyboard.press("Enter");
  await shown(page, "order placed", true);
  assert.equal(await lines(page).first().locator("mark").first().innerText(), "order placed");
  await page.waitForURL(/include=order\+placed/);
  await page.keyboard.press("Backspace"); // takes the rule back
  await page.getByRole("button", { name: "Remove include order placed" }).waitFor({ state: "detached" });
  await page.keyboard.press("Escape");

  await page.keyboard.press("x");
  await page.keyboard.type("/placed|released/");
  await page.keyboard.press("Enter");
  await shown(page, "order placed", false);
  await page.getByText(/^\d+ of \d+ shown$/).waitFor();
  await page.getByRole("button", { name: "Remove exclude /placed|released/" }).click();

  await page.getByRole("textbox", { name: "Mark" }).fill("paid");
  await page.keyboard.press("Enter");
  await page.locator("[role=log] mark.mark0", { hasText: "paid" }).first().waitFor();
  await page.keyboard.press("Escape");

  await page.keyboard.press("p");
  await page.getByText(/^Paused: \d+ waiting$/).waitFor();
  const held = await ids(page);
  await page.waitForFunction(() => /Paused: ([2-9]|\d\d)/.test(document.querySelector(".tail-state").textContent));
  assert.deepEqual(await ids(page), held);
  await page.getByRole("button", { name: "Resume" }).click();
  await page.waitForFunction((old) => document.querySelectorAll("[role=log] .log-line").length > old, held.length);

  await page.keyboard.press("p");
  await page.keyboard.press("c");
  await page.getByText("Waiting for lines.").waitFor();
});

onPage("the live tail takes a pattern and several groups, and a line leads to its trace and back", `#/logs/tail?${web}`, async (page) => {
  await page.getByRole("button", { name: "All groups" }).click();
  await page.waitForURL(/group=.*group=/);
  await page.getByText("Following /updraft/shop-inventory, /updraft/shop-web").waitFor();
  const pattern = page.getByRole("textbox", { name: "Filter pattern" });
  await pattern.fill('{ $.body = "stock reserved" }');
  await pattern.press("Enter");
  await shown(page, "stock reserved", true);
  await pattern.fill("{ $.body");
  await pattern.press("Enter");
  await page.getByRole("alert").filter({ hasText: "Invalid filter pattern" }).waitFor();
  await pattern.fill('{ $.body = "stock reserved" }');
  await pattern.press("Enter");
  await shown(page, "stock reserved", true);

  await page.keyboard.press("Tab"); // out of the box
  await page.keyboard.press("Escape");
  await page.evaluate(() => document.activeElement.blur());
  await arrived(page, await lines(page).first().getByRole("link", { name: "Trace" }).getAttribute("href"));
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.getByText('"stock reserved"').first().waitFor();
  await page.keyboard.press("t");
  await page.getByRole("treegrid", { name: "Spans" }).waitFor();
  await page.getByRole("link", { name: /^Logs [1-9]/ }).click();
  await page.getByRole("link", { name: "Query these lines in Insights" }).click();
  const row = page.getByRole("row").filter({ hasText: "stock reserved" }).first();
  await row.getByRole("link", { name: "Trace" }).click();
  await page.getByRole("treegrid", { name: "Spans" }).waitFor();
});

onPage("a query is completed, run, drawn, exported and remembered", `#/logs/insights?${web}`, async (page) => {
  await page.getByRole("button", { name: /^severity \d+ %/ }).waitFor(); // the fields are known
  const query = page.getByRole("textbox", { name: "Query" });
  await query.fill("");
  await query.pressSequentially("fil");
  await page.getByRole("option", { name: /^filter / }).waitFor();
  await query.press("Tab");
  await query.pressSequentially("ispres");
  await query.press("Enter");
  await query.pressSequentially("sever");
  await page.getByRole("option", { name: /^severity field/ }).waitFor();
  await query.press("Enter");
  await query.press("End");
  await query.pressSequentially(" | stats count(*) as n by severity, bin(1s)");
  assert.equal(await query.inputValue(), "filter ispresent(severity) | stats count(*) as n by severity, bin(1s)");
  await query.press("Escape");
  await query.press("Control+Enter");

  const rows = page.getByRole("table", { name: "Rows of the query" });
  await rows.getByRole("row", { name: /^INFO 20\d\d-/ }).first().waitFor();
  await page.getByRole("img", { name: /^\d+ bars? of 1 second, at most/ }).waitFor();
  await page.getByRole("img", { name: /^Chart of INFO.*over bin\(1s\)/ }).waitFor();
  await page.getByText(/^[\d,]+ of [\d,]+ events? matched · /).waitFor();

  const saved = async (button) => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: button }).click()]);
    return readFile(await download.path(), "utf8");
  };
  assert.match(await saved("Export CSV"), /^severity,bin\(1s\),n\r\n(\w+,20[^,]+,\d+\r\n)+$/);
  const objects = JSON.parse(await saved("Export JSON"));
  assert.ok(objects.length > 0 && objects.every((one) => Number(one.n) > 0 && one.severity));

  await query.fill("fields body, missing | limit 3");
  await page.getByRole("button", { name: "Run query" }).click();
  await rows.getByRole("row", { name: /–/ }).first().waitFor();
  assert.equal(await rows.getByRole("button", { name: "The whole event" }).count(), 3);
  await rows.getByRole("button", { name: "The whole event" }).first().click();
  await page.getByRole("row", { name: /^@logStream / }).waitFor();
  await page.getByRole("link", { name: "Open in Logs" }).click();
  await page.locator(".log-line.aimed").first().waitFor();

  await page.goBack();
  await page.reload();
  const recent = page.getByRole("list", { name: "Recent queries" });
  await recent.getByRole("button", { name: /^filter ispresent/ }).click();
  await rows.getByRole("row", { name: /^INFO 20\d\d-/ }).first().waitFor();
});

onPage("a mistake in a query is shown where it is", `#/logs/insights?${web}`, async (page) => {
  const query = page.getByRole("textbox", { name: "Query" });
  await query.fill("fields body\n| pattern body");
  await page.getByRole("alert").filter({ hasText: "localaws does not support the command pattern at line 2 and position 3" }).waitFor();
  assert.equal(await page.locator("u.mistake").innerText(), "pattern");
  await query.press("Control+Enter");
  await page.waitForURL(/pattern/);
  assert.equal(await page.getByRole("alert").count(), 1); // said once
  await query.fill("fields body");
  await page.locator("u.mistake").waitFor({ state: "detached" });
}, { refused: true });

onPage("a bar of the histogram is a time range", `#/logs/insights?${web}&query=fields+%40timestamp`, async (page) => {
  await page.locator(".histogram a").first().dispatchEvent("click");
  await page.waitForURL(/start=\d+&end=\d+/);
  await page.getByRole("combobox", { name: "Time range" }).waitFor();
  assert.equal(await page.getByRole("combobox", { name: "Time range" }).inputValue(), "custom");
  await page.locator(".histogram a").first().waitFor({ state: "attached" });
});
