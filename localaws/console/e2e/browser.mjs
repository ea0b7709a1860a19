// A Chromium that fails a test for what a page must not do: report an error,
// break the content security policy, or ask another host for anything.
// CHROMIUM names another binary.
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const patience = 30_000; // the demo needs some seconds until a signal has arrived

export async function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ],
  });
}

// visit runs a test on a page of its own and then asks what went wrong on it.
// colorScheme is the system's; refused allows
// the server to answer 400, which Chromium reports.
export async function visit(browser, address, { colorScheme, refused = false }, test) {
  const context = await browser.newContext({ viewport: { width: 1360, height: 820 }, colorScheme });
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  const wrong = [];
  page.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "warning") return;
    if (refused && /status of 400/.test(message.text())) return;
    wrong.push(message.text());
  });
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol !== "data:" && url.origin !== new URL(address).origin) wrong.push("asked " + url.href);
  });
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => console.error("policy:", event.violatedDirective, event.blockedURI));
  });
  try {
    await page.goto(address);
    await test(page);
  } catch (error) {
    if (wrong.length > 0) error.message += "\nthe page reported " + JSON.stringify(wrong);
    throw error;
  } finally {
    await context.close();
  }
  assert.deepEqual(wrong, []);
}
