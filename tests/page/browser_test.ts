import assert from "node:assert/strict";
import axe from "axe-core";
import type { Config } from "../../src/settings/table.ts";
import { type Browser, chromiumPath, startBrowser, type Tab } from "../testing/browser.ts";
import { startProxy, type TestProxy } from "../testing/proxy.ts";

const path = chromiumPath();
const name = path ? "" : " (skipped: no Chromium)";

interface Rules {
  config?: Partial<Config>;
  keys?: readonly string[];
}

/** Gives each test a page of its own, and checks that it kept the policy and asked nobody else. */
function browserTest(
  title: string,
  test: (tab: Tab, proxy: TestProxy) => Promise<void>,
  rules: Rules = {},
): void {
  Deno.test({
    name: `${title}${name}`,
    ignore: !path,
    async fn() {
      await using proxy = await startProxy(rules);
      await using browser: Browser = await startBrowser(path!);
      await browser.tab.open(`${proxy.url}/`);
      await test(browser.tab, proxy);
      const refused = browser.tab.problems.filter((text) => !/status of 4\d\d/.test(text));
      assert.deepEqual(refused, []);
      for (const url of browser.tab.requests) assert.ok(url.startsWith(proxy.url), url);
    },
  });
}

const FACTS =
  "[...document.querySelectorAll('#facts-result td')].map(({ textContent }) => textContent)";
const SETTLED = "document.querySelector('#facts-original td').textContent !== '–' && " +
  "document.querySelector('#facts-result td').textContent !== '–' && !document.querySelector('.pending')";
const ADDRESS = "document.querySelector('#address').value";
const TROUBLE = "document.querySelector('#trouble').textContent";
const pick = (sample: number) => `document.querySelectorAll('[data-sample]')[${sample}].click()`;
const click = (selector: string) => `document.querySelector(${JSON.stringify(selector)}).click()`;

/** Fills a control found by its accessible name, as typing would. */
function fill(label: string, value: string): string {
  return `(() => {
    const field = document.querySelector('.token [aria-label="${label}"]');
    field.type === "checkbox" ? field.click() : field.value = "${value}";
    field.dispatchEvent(new Event("input", { bubbles: true }));
  })()`;
}

/** Puts a text into the field of the image's URL, and has it shown. */
function enter(text: string): string {
  return `(() => {
    document.querySelector("#remote").value = ${JSON.stringify(text)};
    document.querySelector("#source").requestSubmit();
  })()`;
}

browserTest("the page shows a sample and what the options make of it", async (tab, proxy) => {
  await tab.until(`${SETTLED} && ${FACTS}[0] === "480 × 320"`);
  await tab.evaluate(fill("Size width", "240"));
  await tab.evaluate(fill("Flip horizontal", ""));
  await tab.until(`${SETTLED} && ${FACTS}[0] === "240 × 160"`);
  const [, format, bytes, time] = await tab.evaluate<string[]>(FACTS);
  assert.equal(format, "webp");
  assert.match(bytes!, /^[\d.]+ kB$/);
  assert.match(time!, /^\d+ ms/);
  assert.match(
    await tab.evaluate("document.querySelector('#share').textContent"),
    /^\d+ % smaller$/,
  );
  assert.equal(
    await tab.evaluate(ADDRESS),
    `${proxy.url}/240x,webp,fh/http://sample.invalid/landscape.png`,
  );
  await tab.evaluate(click("#reset"));
  await tab.until(`${SETTLED} && ${FACTS}[0] === "960 × 640"`);
  // With nothing chosen, a sample shows what it is good for.
  await tab.evaluate(pick(1));
  await tab.until(`${SETTLED} && ${FACTS}[0].startsWith("280 ×")`);
});

browserTest("the page says what is wrong with an option, marks it, and recovers", async (tab) => {
  await tab.until(SETTLED);
  await tab.evaluate(fill("Quality value", "500"));
  await tab.until("!document.querySelector('#trouble').hidden");
  assert.match(await tab.evaluate(TROUBLE), /^400: .*"q500"/);
  const marked = "[...document.querySelectorAll('[aria-invalid]')].map(({ name }) => name)";
  assert.deepEqual(await tab.evaluate(marked), ["quality.0"]);
  await tab.evaluate(fill("Quality value", "50"));
  await tab.until(`${SETTLED} && document.querySelector('#trouble').hidden`);
  assert.deepEqual(await tab.evaluate(marked), []);
});

browserTest(
  "the page shows samples without permission, and says how others get it",
  async (tab) => {
    await tab.until(`${SETTLED} && document.querySelector('#trouble').hidden`);
    await tab.evaluate(enter("https://other.example/a.jpg"));
    await tab.until("document.querySelectorAll('#trouble code').length === 2");
    const text = await tab.evaluate<string>(TROUBLE);
    assert.match(text, /^403: /);
    assert.match(text, /shows pictures of images\.example\.com, \*\.example\.org\./);
    assert.match(text, /-allowHosts 'images\.example\.com,\*\.example\.org,other\.example'/);
    assert.match(text, /imageproxy sign -key '@key' 'http:\S+\/https:\/\/other\.example\/a\.jpg'/);
  },
  { keys: ["key"], config: { allowHosts: ["images.example.com", "*.example.org"] } },
);

browserTest("the page encodes an image URL that a browser would change", async (tab, proxy) => {
  const rows = [
    ["http://sample.invalid/a.png", "http://sample.invalid/a.png"],
    ["http://sample.invalid/a/../b.png", "http%3A%2F%2Fsample.invalid%2Fa%2F..%2Fb.png"],
    ["http://sample.invalid/a?b=c#d", "http%3A%2F%2Fsample.invalid%2Fa%3Fb%3Dc%23d"],
    ["http://sample.invalid/a%2Fb", "http%3A%2F%2Fsample.invalid%2Fa%252Fb"],
  ] as const;
  await tab.until(SETTLED);
  await tab.evaluate(click("#reset"));
  for (const [remote, written] of rows) {
    await tab.evaluate(enter(remote));
    assert.equal(await tab.evaluate(ADDRESS), `${proxy.url}/${written}`);
    // The next would call it off, while a name that is being looked up is looked up to its end.
    await tab.until("!document.querySelector('.pending')");
  }
  tab.problems.length = 0;
});

browserTest("the page can be used by keyboard alone", async (tab) => {
  await tab.until(SETTLED);
  await tab.press("Tab");
  await tab.evaluate("document.activeElement.select()");
  await tab.type("http://sample.invalid/badge.png");
  await tab.press("Enter");
  await tab.until(`${SETTLED} && ${FACTS}[0] === "480 × 480"`);
  const seen = new Set<string>();
  for (let presses = 0; presses < 60 && !seen.has("Fit"); presses++) {
    await tab.press("Tab");
    seen.add(
      await tab.evaluate<string>(
        "(({ id, ariaLabel, textContent }) => id || ariaLabel || textContent.trim())(document.activeElement)",
      ),
    );
    if (seen.has("Size width") && !seen.has("typed")) {
      await tab.evaluate("document.activeElement.select()");
      await tab.type("90");
      seen.add("typed");
    }
  }
  for (const stop of ["cut", "address", "copy", "formats", "Size width slider", "Size width"]) {
    assert.ok(seen.has(stop), `${stop} among ${[...seen].join(" | ")}`);
  }
  await tab.until(`${SETTLED} && ${FACTS}[0] === "90 × 90"`);
});

browserTest(
  "nothing on the page is found wanting by axe, and no screen has to scroll sideways",
  async (tab) => {
    await tab.until(SETTLED);
    await tab.evaluate(axe.source);
    const finding = (text: string) =>
      `(() => { const field = document.querySelector("#find");
        field.value = "${text}"; field.dispatchEvent(new Event("input", { bubbles: true })); })()`;
    const states = [
      "0",
      `${click("#formats")}; ${click('[name="form"][value="srcset"]')}`,
      `${fill("Text words", "Words over it")}; ${click("#pin")}`,
      `${click("#undo")}; ${click("#pin")}`,
      finding("no option is called so"),
      `${finding("")}; ${enter("https://other.example/a.jpg")}`,
      `${pick(0)}; ${dropped('dropped.items.add(new File(["x"], "a.jpg"))')}`,
      click("[data-option=crop] [data-tool]"),
      click("[data-option=focus] [data-tool]"),
      `${click("[data-option=focus] [data-tool]")}; ${fill("Info", "")}`,
      `${fill("Info", "")}; ${fill("Quality value", "500")}`,
    ];
    for (const state of states) {
      await tab.evaluate(state);
      // Everything is looked at, what is folded too.
      await tab.evaluate("document.querySelectorAll('details').forEach((it) => it.open = true)");
      await new Promise((resolve) => setTimeout(resolve, 400));
      await tab.until(
        "!document.querySelector('.pending') && !document.querySelector('#formats').disabled",
      );
      for (const dark of [false, true]) {
        for (const width of [320, 390, 1280]) {
          const where = `${state}, ${width} pixels, ${dark ? "dark" : "light"}`;
          await tab.look({ width, height: 844, dark, mobile: width < 600 });
          const scrolled = await tab.evaluate<number>("document.documentElement.scrollWidth");
          assert.ok(scrolled <= width, `${where}: ${scrolled}`);
          if (width === 320) continue;
          const found = await tab.evaluate<string[]>(
            "axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) => " +
              "nodes.slice(0, 3).map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`)))",
          );
          assert.deepEqual(found, [], where);
        }
      }
    }
    tab.problems.length = 0;
  },
  { config: { allowHosts: ["images.example.com"] } },
);

browserTest(
  "the page takes words as people write them, and draws its drawing",
  async (tab, proxy) => {
    await tab.evaluate(pick(3));
    await tab.until(`${SETTLED} && ${FACTS}[0] === "480 × 320" && ${FACTS}[1] === "webp"`);
    await tab.evaluate(fill("Text words", "© שלום,\\nJ. Doe"));
    await tab.evaluate(fill("Text gravity", "se"));
    await tab.evaluate(fill("Text colour", "white"));
    const expected =
      `${proxy.url}/480x,webp,text:wqkg16nXnNeV150sCkouIERvZQ:se::::white/http://sample.invalid/sign.svg`;
    await tab.until(`${SETTLED} && ${ADDRESS} === ${JSON.stringify(expected)}`);
    assert.equal(await tab.evaluate(TROUBLE), "");
    // It is in the page's own URL as it was written, and comes back from there.
    const hash = await tab.evaluate<string>("location.hash");
    assert.equal(new URLSearchParams(hash.slice(1)).get("text.0"), "© שלום,\nJ. Doe");
    await tab.evaluate(click("[data-option=text] .try"));
    await tab.until(`${SETTLED} && /text:wqkgSi4gRG9lLCAyMDI2:se:8:8:0.12:white/.test(${ADDRESS})`);
    assert.equal(
      await tab.evaluate("document.querySelector('.token [aria-label=\"Text words\"]').value"),
      "© J. Doe, 2026",
    );
  },
);

browserTest("the page copies the URL of the result", async (tab) => {
  await tab.evaluate(pick(2));
  await tab.until(SETTLED);
  await tab.evaluate(click("#copy"));
  await tab.until("document.querySelector('#message').textContent === 'Copied'");
});

browserTest(
  "the page opens with a sample and a result, and keeps its state in its URL",
  async (tab) => {
    await tab.until(`${SETTLED} && ${FACTS}[0] === "480 × 320"`);
    await tab.evaluate(fill("Flip vertical", ""));
    await tab.until(`${SETTLED} && /480x,webp,fv/.test(${ADDRESS})`);
    const hash = await tab.evaluate<string>("location.hash");
    assert.match(hash, /^#url=.*&size\.0=480&format\.0=webp&flipVertical\.0=on$/);
    await tab.evaluate(`void (location.hash = ${JSON.stringify(hash.replace("480", "120"))})`);
    await tab.until(`${SETTLED} && ${FACTS}[0] === "120 × 80"`);
    assert.match(await tab.evaluate(ADDRESS), /\/120x,webp,fv\//);
  },
);

browserTest("the page undoes and does again, and takes away what is in use", async (tab) => {
  await tab.until(SETTLED);
  await tab.evaluate(fill("Size width", "120"));
  await tab.until(`${SETTLED} && ${FACTS}[0] === "120 × 80"`);
  await tab.evaluate(click("#undo"));
  await tab.until(`${SETTLED} && ${FACTS}[0] === "480 × 320"`);
  assert.equal(await tab.evaluate("document.querySelector('#undo').disabled"), true);
  await tab.evaluate(click("#redo"));
  await tab.until(`${SETTLED} && ${FACTS}[0] === "120 × 80"`);
  await tab.evaluate(click('[aria-label="Remove 120x"]'));
  await tab.until(`${SETTLED} && ${FACTS}[0] === "960 × 640"`);
  await tab.evaluate(click("[data-option=gamma] .try"));
  await tab.until(`${SETTLED} && /gamma:1.5/.test(${ADDRESS})`);
});

browserTest(
  "the page has sliders and colour wells for what is a number or a colour",
  async (tab) => {
    await tab.until(SETTLED);
    const slide = (label: string, place: number) =>
      `(() => { const slider = document.querySelector('[aria-label="${label} slider"]');
      slider.value = ${place}; slider.dispatchEvent(new Event("input", { bubbles: true })); })()`;
    await tab.evaluate(slide("Size width", 500));
    await tab.evaluate(slide("Quality", 0));
    await tab.evaluate(slide("Brightness", 750));
    await tab.evaluate(`(() => { const well = document.querySelector('[data-colours="tint.0"]');
    well.value = "#4682b4"; well.dispatchEvent(new Event("input", { bubbles: true })); })()`);
    await tab.until(
      `${SETTLED} && /\\/481x,webp,q1,brightness:50,tint:4682b4\\//.test(${ADDRESS})`,
    );
    // The other way round: what is typed moves the slider.
    await tab.evaluate(fill("Brightness value", "-100"));
    assert.equal(
      await tab.evaluate("document.querySelector('[aria-label=\"Brightness slider\"]').value"),
      "0",
    );
  },
);

browserTest(
  "the page sets a crop and a focus on the picture, by pointer and by keys",
  async (tab) => {
    await tab.look({ width: 1280, height: 900, dark: false });
    await tab.until(SETTLED);
    await tab.evaluate(click("#reset"));
    await tab.until(`${SETTLED} && ${FACTS}[0] === "960 × 640"`);
    await tab.evaluate(click("[data-option=crop] [data-tool]"));
    await tab.until(`${SETTLED} && /\\/cx144,cy96,cw672,ch448\\//.test(${ADDRESS})`);
    await tab.press("ArrowRight");
    await tab.until(`${SETTLED} && /\\/cx154,cy96,cw672,ch448\\//.test(${ADDRESS})`);
    const corner = await tab.evaluate<{ x: number; y: number; width: number }>(
      `(({ x, y, width, height }) => ({ x: x + width / 2, y: y + height / 2,
      width: document.querySelector("#overlay").getBoundingClientRect().width }))(
      document.querySelector('[data-edges="rb"]').getBoundingClientRect())`,
    );
    await tab.drag(corner, { x: corner.x - corner.width / 4, y: corner.y });
    await tab.until(`${SETTLED} && /\\/cx154,cy96,cw4[23]\\d,ch44\\d\\//.test(${ADDRESS})`);
    await tab.evaluate(click("#reset"));
    await tab.evaluate(fill("Size width", "200"));
    await tab.evaluate(fill("Size height", "400"));
    await tab.evaluate(click("[data-option=focus] [data-tool]"));
    await tab.until(`${SETTLED} && ${FACTS}[0] === "200 × 400" && /focus:/.test(${ADDRESS})`);
    // The result is the taller one: what is set is set on the picture, and not on the room beside it.
    const edges = (selector: string) =>
      tab.evaluate<number[]>(
        `(({ x, y, width, height }) => [x, y, width, height].map(Math.round))(document.querySelector(
          "${selector}").getBoundingClientRect())`,
      );
    const [overlay, image] = [await edges("#overlay"), await edges("#original img")];
    const isOver = overlay.every((length, at) => Math.abs(length - image[at]!) <= 1);
    assert.ok(isOver, `${overlay} over ${image}`);
    const box = await tab.evaluate<{ x: number; y: number; width: number; height: number }>(
      "(({ x, y, width, height }) => ({ x, y, width, height }))(document.querySelector('#overlay').getBoundingClientRect())",
    );
    const at = { x: box.x + box.width / 4, y: box.y + box.height * 3 / 4 };
    await tab.drag(at, at);
    await tab.until(`/,focus:0\\.2[45]\\d*:0\\.7[45]\\d*\\//.test(${ADDRESS})`);
  },
);

browserTest(
  "the page shows what is told of a picture, and both pictures in two views",
  async (tab) => {
    await tab.until(SETTLED);
    await tab.evaluate(fill("Info", ""));
    await tab.until('/"format": "png"/.test(document.querySelector(\'#result pre\').textContent)');
    assert.equal(await tab.evaluate("document.querySelector('#result img').hidden"), true);
    await tab.evaluate(fill("Info", ""));
    await tab.until(`${SETTLED} && !document.querySelector('#result img').hidden`);
    const clip = "getComputedStyle(document.querySelector('#result')).clipPath";
    assert.equal(await tab.evaluate(clip), "inset(0px 0px 0px 50%)");
    await tab.evaluate(`(() => { const cut = document.querySelector("#cut");
      cut.value = 250; cut.dispatchEvent(new Event("input")); })()`);
    assert.equal(await tab.evaluate(clip), "inset(0px 0px 0px 25%)");
    const zoom = (value: string) =>
      tab.evaluate(`(() => { const zoom = document.querySelector("#zoom");
        zoom.value = "${value}"; zoom.dispatchEvent(new Event("change")); })()`);
    await zoom("1");
    const width = "document.querySelector('#result img').getBoundingClientRect().width";
    assert.equal(await tab.evaluate(width), 480);
    await zoom("4");
    assert.equal(await tab.evaluate(width), 1920);
    await zoom("");
    await tab.evaluate(click('[name="view"][value="sides"]'));
    assert.equal(await tab.evaluate(clip), "none");
  },
);

browserTest("the page keeps a result to compare others with", async (tab) => {
  await tab.until(SETTLED);
  await tab.evaluate(click("#pin"));
  await tab.until("document.querySelector('#facts-pinned td').textContent === '480 × 320'");
  await tab.evaluate(fill("Quality value", "5"));
  await tab.until(`${SETTLED} && /,q5\\//.test(${ADDRESS})`);
  const shown = (id: string) =>
    tab.evaluate<boolean>(`document.querySelector("#${id}").checkVisibility()`);
  const visible = async () =>
    [await shown("original"), await shown("pinned"), await shown("result")].join();
  assert.equal(await visible(), "false,true,true");
  const bytes = (row: string) =>
    tab.evaluate<string>(`document.querySelector("#facts-${row} td:nth-of-type(3)").textContent`);
  assert.notEqual(await bytes("pinned"), await bytes("result"));
  // What is set on the picture is set on the original.
  await tab.evaluate(click("[data-option=focus] [data-tool]"));
  assert.equal(await visible(), "true,false,true");
  await tab.evaluate(click("[data-option=focus] [data-tool]"));
  await tab.evaluate(click("#pin"));
  assert.equal(await visible(), "true,false,true");
});

browserTest("the page compares all formats, and takes one up", async (tab) => {
  await tab.until(SETTLED);
  await tab.evaluate(click("#formats"));
  await tab.until("document.querySelector('#cards .best')");
  const cards = await tab.evaluate<string[]>(
    "[...document.querySelectorAll('#cards li')].map(({ textContent }) => textContent)",
  );
  assert.ok(cards.length >= 7);
  for (const card of cards) assert.match(card, /[\d.]+ k?B, \d+\s%, \d+\sms/, card);
  // What does not move is no animated PNG.
  const apng = `document.querySelector('[aria-label="Use apng"]')`;
  assert.equal(await tab.evaluate(`Boolean(${apng})`), false);
  await tab.evaluate(pick(2));
  await tab.until(`${SETTLED} && document.querySelector('#cards').hidden`);
  await tab.evaluate(click("#formats"));
  await tab.until("document.querySelector('#cards .best')");
  assert.equal(await tab.evaluate(`Boolean(${apng})`), true);
  await tab.evaluate(click('[aria-label="Use png"]'));
  await tab.until(`${SETTLED} && ${FACTS}[1] === "png" && document.querySelector('#cards').hidden`);
});

browserTest(
  "the page writes URLs within options as those want them, and takes what no choice offers",
  async (tab) => {
    await tab.until(SETTLED);
    await tab.evaluate(fill("Overlay picture", "http://sample.invalid/badge.png"));
    await tab.evaluate(fill("Overlay width", "0.2"));
    const badge = btoa("http://sample.invalid/badge.png").replaceAll("=", "");
    await tab.until(`${SETTLED} && ${ADDRESS}.includes("/480x,webp,overlay:${badge}::::0.2/")`);
    const hash = await tab.evaluate<string>("location.hash");
    await tab.evaluate(
      `void (location.hash = ${JSON.stringify(`${hash}&quality.1-0=auto:0.985`)})`,
    );
    await tab.until(`/quality:auto:0.985/.test(${ADDRESS})`);
  },
);

/** Drops something on the page, and says whether the browser was kept from leaving for it. */
function dropped(adding: string, on = "#stage"): string {
  return `(() => {
    const dropped = new DataTransfer();
    ${adding};
    const event = (name) =>
      new DragEvent(name, { dataTransfer: dropped, bubbles: true, cancelable: true });
    const target = document.querySelector("${on}");
    return [!target.dispatchEvent(event("dragover")), !target.dispatchEvent(event("drop"))].join();
  })()`;
}

browserTest("the page takes dropped addresses, and says that it takes no files", async (tab) => {
  await tab.until(SETTLED);
  const link = "http://sample.invalid/badge.png";
  const list = `dropped.setData("text/uri-list", "# a picture\\r\\n${link}")`;
  assert.equal(await tab.evaluate(dropped(list)), "true,true");
  await tab.until(`${SETTLED} && ${ADDRESS}.endsWith("${link}")`);
  const file = 'dropped.items.add(new File(["x"], "a.jpg", { type: "image/jpeg" }))';
  assert.equal(await tab.evaluate(dropped(file, "#remote")), "true,true");
  assert.match(
    await tab.evaluate("document.querySelector('#notice:not([hidden])').textContent"),
    /takes no files.*imageproxy transform/,
  );
  // Text that is dropped into a field is the field's.
  const text = 'dropped.setData("text/plain", "cat")';
  assert.equal(await tab.evaluate(dropped(text, "#find")), "false,false");
});

browserTest("the page copies in several forms", async (tab, proxy) => {
  await tab.until(SETTLED);
  const form = async (name: string) => {
    await tab.evaluate(click(`[name="form"][value="${name}"]`));
    return await tab.evaluate<string>(ADDRESS);
  };
  const url = `${proxy.url}/480x,webp/http://sample.invalid/landscape.png`;
  assert.equal(await form("url"), url);
  assert.equal(await form("html"), `<img src="${url}" width="480" height="320" alt="">`);
  assert.equal(await form("markdown"), `![](<${url}>)`);
  assert.equal(await form("curl"), `curl --output picture '${url}'`);
  assert.match(await form("srcset"), /srcset="\s[^"]*\/320x,webp\/[^"]* 320w,[^"]* 1280w\s*"/);
});

browserTest("the page takes URLs of other servers apart", async (tab, proxy) => {
  await tab.until(SETTLED);
  const NOTICE = "document.querySelector('#notice').textContent";
  const sample = "http://sample.invalid/landscape.png";
  const rows = [
    [
      `https://site.example/cdn-cgi/image/width=200,quality=60/${sample}`,
      /Cloudflare/,
      /200x.*q60/,
    ],
    [`https://i.example/insecure/rs:fill:300:200/plain/${sample}@webp`, /imgproxy/, /webp/],
    [`https://wsrv.nl/?url=${sample}&w=300&output=png`, /weserv/, /300/],
    [`/_next/image?url=${encodeURIComponent(sample)}&w=640&q=75`, /Next\.js/, /640x,.*q75/],
    [`https://p.example/120x,gray/${sample}`, /like this one/, /120x,gray/],
  ] as const;
  for (const [text, server, options] of rows) {
    await tab.evaluate(enter(text));
    await tab.until(`${server}.test(${NOTICE}) && !document.querySelector('.pending')`);
    assert.equal(await tab.evaluate("document.querySelector('#remote').value"), sample);
    assert.match(
      await tab.evaluate<string>(ADDRESS).then((it) => it.slice(proxy.url.length)),
      options,
    );
    await tab.until(`${SETTLED} && document.querySelector('#trouble').hidden`);
  }
  await tab.evaluate(enter(`https://site.example/cdn-cgi/image/width=200,draw=x/${sample}`));
  await tab.until(`/nothing like the option "draw=x"/.test(${NOTICE})`);
  // A picture's own URL is what it is.
  await tab.evaluate(enter("http://sample.invalid/badge.png"));
  await tab.until("document.querySelector('#notice').hidden");
});
