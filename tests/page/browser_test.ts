import assert from "node:assert/strict";
import { type Browser, chromiumPath, startBrowser, type Tab } from "../testing/browser.ts";
import { startProxy, type TestProxy } from "../testing/proxy.ts";

const path = chromiumPath();
const name = path ? "" : " (skipped: no Chromium)";

/** Gives each test a page of its own, and checks that it kept the policy and asked nobody else. */
function browserTest(
  title: string,
  test: (tab: Tab, proxy: TestProxy) => Promise<void>,
  keys: readonly string[] = [],
): void {
  Deno.test({
    name: `${title}${name}`,
    ignore: !path,
    async fn() {
      await using proxy = await startProxy({ keys });
      await using browser: Browser = await startBrowser(path!);
      await browser.tab.open(`${proxy.url}/`);
      await test(browser.tab, proxy);
      const refused = browser.tab.problems.filter((text) => !/status of 40[03]/.test(text));
      assert.deepEqual(refused, []);
      for (const url of browser.tab.requests) assert.ok(url.startsWith(proxy.url), url);
    },
  });
}

const FACTS = "[...document.querySelectorAll('#result dd')].map(({ textContent }) => textContent)";
const SETTLED =
  "document.querySelectorAll('dd').length >= 8 && !document.querySelector('.pending')";
const pick = (sample: number) => `document.querySelectorAll('[data-sample]')[${sample}].click()`;

/** Fills a control found by its accessible name, as typing would. */
function fill(label: string, value: string): string {
  return `(() => {
    const field = document.querySelector('.token [aria-label="${label}"]');
    field.type === "checkbox" ? field.click() : field.value = "${value}";
    field.dispatchEvent(new Event("input", { bubbles: true }));
  })()`;
}

browserTest("the page shows a sample and what the options make of it", async (tab, proxy) => {
  await tab.evaluate(pick(0));
  await tab.evaluate(fill("Size width", "240"));
  await tab.evaluate(fill("Format", "webp"));
  await tab.evaluate(fill("Flip horizontal", ""));
  await tab.until(`${SETTLED} && ${FACTS}[3] === "webp"`);
  const [size, bytes, time] = await tab.evaluate<string[]>(FACTS);
  assert.equal(size, "240 × 160 px");
  assert.match(bytes!, /^[\d.]+ kB \([\d.]+ %\)$/);
  assert.match(time!, /^\d+ ms$/);
  assert.equal(
    await tab.evaluate("document.querySelector('#address').value"),
    `${proxy.url}/240x,webp,fh/http://sample.invalid/landscape.png`,
  );
  await tab.evaluate("document.querySelector('#reset').click()");
  await tab.until(`${SETTLED} && ${FACTS}[0] === "960 × 640 px"`);
});

browserTest("the page says what is wrong with an option, and recovers", async (tab) => {
  await tab.evaluate(pick(1));
  await tab.evaluate(fill("Quality value", "500"));
  await tab.until("document.querySelector('#message.wrong')");
  assert.match(
    await tab.evaluate("document.querySelector('#message').textContent"),
    /^400: .*"q500"/,
  );
  await tab.evaluate(fill("Quality value", "50"));
  await tab.until(`${SETTLED} && !document.querySelector('#message.wrong')`);
});

browserTest("the page says that signed URLs come from the command line", async (tab) => {
  await tab.evaluate(pick(0));
  await tab.until("document.querySelector('#message.wrong')");
  assert.match(
    await tab.evaluate("document.querySelector('#message').textContent"),
    /^403: .*imageproxy sign$/,
  );
}, ["key"]);

browserTest("the page encodes an image URL that a browser would change", async (tab, proxy) => {
  const rows = [
    ["http://sample.invalid/a.png", "http://sample.invalid/a.png"],
    ["http://sample.invalid/a/../b.png", "http%3A%2F%2Fsample.invalid%2Fa%2F..%2Fb.png"],
    ["http://sample.invalid/a?b=c#d", "http%3A%2F%2Fsample.invalid%2Fa%3Fb%3Dc%23d"],
    ["http://sample.invalid/a%2Fb", "http%3A%2F%2Fsample.invalid%2Fa%252Fb"],
  ] as const;
  await tab.evaluate("document.querySelector('#reset').click()");
  for (const [remote, written] of rows) {
    await tab.evaluate(`document.querySelector("#remote").value = ${JSON.stringify(remote)}`);
    await tab.evaluate("document.querySelector('#source').requestSubmit()");
    const address = await tab.evaluate("document.querySelector('#address').value");
    assert.equal(address, `${proxy.url}/${written}`);
    // The next would call it off, while a name that is being looked up is looked up to its end.
    await tab.until("!document.querySelector('.pending')");
  }
  tab.problems.length = 0;
});

browserTest("the page can be used by keyboard alone", async (tab) => {
  await tab.press("Tab");
  await tab.type("http://sample.invalid/badge.png");
  await tab.press("Enter");
  await tab.until(SETTLED);
  const seen = new Set<string>();
  for (let presses = 0; presses < 40 && !seen.has("Fit "); presses++) {
    await tab.press("Tab");
    seen.add(
      await tab.evaluate<string>(
        "(({ id, ariaLabel, textContent }) => id || ariaLabel || textContent)(document.activeElement)",
      ),
    );
    if (seen.has("Size width") && !seen.has("typed")) {
      await tab.type("90");
      seen.add("typed");
    }
    if (seen.has("Fit")) break;
  }
  for (const stop of ["Landscape", "copy", "find", "reset", "Size width", "Fit"]) {
    assert.ok(seen.has(stop), `${stop} among ${[...seen]}`);
  }
  await tab.press(" ");
  await tab.until(`${SETTLED} && ${FACTS}[0] === "90 × 90 px"`);
  assert.match(await tab.evaluate("document.querySelector('#address').value"), /\/90x,fit\//);
});

browserTest(
  "every control of the page has a name, and no screen has to scroll sideways",
  async (tab) => {
    assert.deepEqual(
      await tab.evaluate(`[...document.querySelectorAll("input, select, button")]
      .filter((field) => !field.ariaLabel && !field.labels?.length && !field.textContent.trim())
      .map(({ outerHTML }) => outerHTML)`),
      [],
    );
    for (const dark of [false, true]) {
      for (const width of [320, 390, 768, 1280]) {
        await tab.look({ width, height: 844, dark, mobile: width < 600 });
        assert.ok(await tab.evaluate<number>("document.documentElement.scrollWidth") <= width);
      }
    }
  },
);

browserTest("the page copies the URL of the result", async (tab) => {
  await tab.evaluate(pick(2));
  await tab.until(SETTLED);
  await tab.evaluate("document.querySelector('#copy').click()");
  await tab.until("document.querySelector('#message').textContent === 'Copied'");
});

browserTest(
  "the page opens with a sample and a result, and keeps its state in its URL",
  async (tab) => {
    await tab.until(`${SETTLED} && ${FACTS}[0] === "480 × 320 px"`);
    await tab.evaluate(fill("Flip vertical", ""));
    await tab.until(`${SETTLED} && /480x,fv/.test(document.querySelector('#address').value)`);
    const hash = await tab.evaluate<string>("location.hash");
    assert.match(hash, /^#url=.*&size\.0=480&flipVertical\.0=on$/);
    await tab.evaluate(`void (location.hash = ${JSON.stringify(hash.replace("480", "120"))})`);
    await tab.until(`${SETTLED} && ${FACTS}[0] === "120 × 80 px"`);
    assert.match(await tab.evaluate("document.querySelector('#address').value"), /\/120x,fv\//);
  },
);

browserTest(
  "the page shows what is told of a picture, and lays the two over each other",
  async (tab) => {
    await tab.until(SETTLED);
    await tab.evaluate(fill("Info", ""));
    await tab.until('/"format": "png"/.test(document.querySelector(\'#result pre\').textContent)');
    assert.equal(await tab.evaluate("document.querySelector('#result img').hidden"), true);
    await tab.evaluate(fill("Info", ""));
    await tab.until(`${SETTLED} && !document.querySelector('#result img').hidden`);
    await tab.evaluate("document.querySelector('#compare').click()");
    assert.equal(
      await tab.evaluate("getComputedStyle(document.querySelector('#result')).clipPath"),
      "inset(0px 0px 0px 50%)",
    );
    assert.equal(await tab.evaluate("document.querySelector('#cut').hidden"), false);
  },
);

browserTest("the page tries all formats, and copies in several forms", async (tab, proxy) => {
  await tab.until(SETTLED);
  await tab.evaluate("document.querySelector('#formats').click()");
  await tab.until(
    "!document.querySelector('#formats').disabled && document.querySelectorAll('#sizes tbody tr').length >= 7",
  );
  const rows = await tab.evaluate<string[]>(
    "[...document.querySelectorAll('#sizes tbody tr')].map(({ textContent }) => textContent)",
  );
  for (const row of rows) assert.match(row, /^[a-z]+[\d.]+ k?B\d+ ms$/, row);
  const form = (name: string) =>
    tab.evaluate<string>(`(() => { document.querySelector('#form').value = "${name}";
      let copied; navigator.clipboard.writeText = (text) => { copied = text; return Promise.resolve(); };
      document.querySelector('#copy').click(); return copied; })()`);
  const url = `${proxy.url}/480x/http://sample.invalid/landscape.png`;
  assert.equal(await form("url"), url);
  assert.equal(await form("html"), `<img src="${url}" width="480" height="320" alt="">`);
  assert.equal(await form("markdown"), `![](<${url}>)`);
  assert.match(await form("srcset"), /srcset="[^"]*\/320x\/[^"]* 320w, [^"]* 1280w"/);
});
