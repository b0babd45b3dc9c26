import assert from "node:assert/strict";
import { boldHebrew, fontFolder, renamed } from "../testing/fonts.ts";
import { encoded, type Ink, inkOf } from "../testing/lettering.ts";
import { look, picture, startEngine } from "../testing/pictures.ts";
import { startOrigin, startProxy, type TestProxy } from "../testing/proxy.ts";

await startEngine();
const BLUE = picture(["bbbb", "bbbb"], { scale: 40 });
const BOLD = await boldHebrew();
const svg = (family: string) =>
  new TextEncoder().encode(
    `<svg xmlns="http://www.w3.org/2000/svg" width="160" height="80"><rect width="160" height="80" fill="blue"/>` +
      `<text x="10" y="60" font-size="50" fill="white" font-family="${family}">&#x5e9;\u05dc</text></svg>`,
  );

async function inkOfTarget(proxy: TestProxy, target: string): Promise<Ink> {
  const response = await proxy.get(target);
  const bytes = new Uint8Array(await response.arrayBuffer());
  assert.equal(response.status, 200, new TextDecoder().decode(bytes));
  return inkOf(look(bytes))!;
}

async function sentence(proxy: TestProxy, target: string): Promise<string> {
  const response = await proxy.get(target);
  return `${response.status} ${(await response.text()).trim()}`;
}

Deno.test("text is written in the fonts of fontDir, and those of SVGs are drawn in them", async () => {
  await using origin = startOrigin({
    "/a.png": BLUE,
    "/seal.svg": svg("Seal Sans Hebrew"),
    "/other.svg": svg("Comic Sans"),
  });
  await using folder = await fontFolder({ "Seal.ttf": renamed(BOLD, "Seal Sans Hebrew") });
  await using proxy = await startProxy({ config: { fontDir: folder.path } });
  const text = `text:${encoded("של")}:c:0:0:50:white`;
  const regular = await inkOfTarget(proxy, `/${text},png/${origin.url}/a.png`);
  const bold = await inkOfTarget(proxy, `/${text},font:Seal,png/${origin.url}/a.png`);
  assert.ok(bold.pixels > 1.2 * regular.pixels, `${bold.pixels} ${regular.pixels}`);
  // What it has not comes from another one.
  await inkOfTarget(
    proxy,
    `/text:${encoded("abc של")}:c:0:0:30:white,font:Seal,png/${origin.url}/a.png`,
  );
  const [seal, other] = [
    await inkOfTarget(proxy, `/png/${origin.url}/seal.svg`),
    await inkOfTarget(proxy, `/png/${origin.url}/other.svg`),
  ];
  assert.ok(seal.pixels > 1.2 * other.pixels, `${seal.pixels} ${other.pixels}`);
});

Deno.test("a font of the operator's may be called as one that is built in, and is of its family", async () => {
  await using origin = startOrigin({ "/a.png": BLUE });
  await using folder = await fontFolder({ "NotoSansHebrew.ttf": BOLD });
  const text = `text:${encoded("של")}:c:0:0:50:white,font:NotoSansHebrew`;
  const inks: number[] = [];
  for (const fontDir of ["", folder.path]) {
    await using proxy = await startProxy({ config: { fontDir } });
    inks.push((await inkOfTarget(proxy, `/${text},png/${origin.url}/a.png`)).pixels);
  }
  assert.ok(inks[1]! > 1.2 * inks[0]!, inks.join());
});

Deno.test("what cannot be written is answered 400 with the fonts that there are", async () => {
  await using origin = startOrigin({ "/a.png": BLUE });
  await using folder = await fontFolder({ "Seal.ttf": BOLD });
  await using proxy = await startProxy({ config: { fontDir: folder.path } });
  const rows = [
    [
      "text:SGk,font:Seel",
      '400 There is no font "Seel": this server has Seal, DejaVuSans, NotoSansHebrew, NotoNaskhArabic; did you mean Seal?',
    ],
    [
      `text:${encoded("a😀")}`,
      '400 Cannot write "😀" (U+1F600): no font of this server has it',
    ],
    ["text:SGk:x", /^400 Cannot parse option "text:SGk:x": the gravity is one of/],
    ["text:_w", '400 Cannot parse option "text:_w": the text is not UTF-8'],
  ] as const;
  for (const [options, says] of rows) {
    const answer = await sentence(proxy, `/${options}/${origin.url}/a.png`);
    if (typeof says === "string") assert.equal(answer, says);
    else assert.match(answer, says);
  }
});

Deno.test("a font that is not there is refused before the picture is fetched, and to nobody who may not ask", async () => {
  await using origin = startOrigin({ "/a.png": BLUE });
  await using folder = await fontFolder({ "Seal.ttf": BOLD });
  await using proxy = await startProxy({
    config: { fontDir: folder.path },
    keys: ["key"],
  });
  const stranger = await sentence(proxy, `/text:SGk,font:Seel/${origin.url}/a.png`);
  assert.match(stranger, /^403 /);
  assert.doesNotMatch(stranger, /Seal/);
  await using open = await startProxy({ config: { fontDir: folder.path } });
  const refused = await sentence(open, `/text:SGk,font:Seel/${origin.url}/a.png`);
  assert.match(refused, /^400 There is no font "Seel"/);
  // Nor where nothing is written in it.
  assert.match(await sentence(open, `/font:Seel/${origin.url}/a.png`), /^400 /);
  assert.equal(origin.requests.length, 0);
});

Deno.test("results are made anew where the operator's fonts have changed", async () => {
  await using origin = startOrigin({ "/a.png": BLUE });
  await using folder = await fontFolder({ "Seal.ttf": BOLD });
  const tags: (string | null)[] = [];
  for (const fontDir of ["", folder.path, folder.path]) {
    if (tags.length === 2) {
      await Deno.writeFile(`${folder.path}/Seal.ttf`, renamed(BOLD, "Seal Sans Hebrew"));
    }
    await using proxy = await startProxy({ config: { fontDir } });
    const response = await proxy.get(`/20x,text:SGk/${origin.url}/a.png`);
    await response.body?.cancel();
    tags.push(response.headers.get("etag"));
  }
  assert.equal(new Set(tags).size, 3);
});

Deno.test("a font that is gone or broken when the engine reads it is missed alone", async () => {
  await using folder = await fontFolder({
    "Gone.ttf": BOLD,
    "Broken.ttf": BOLD,
    "Whole.ttf": BOLD,
  });
  const { readRules } = await import("../../src/serving/image_server.ts");
  const { resolveConfig } = await import("../../src/settings/resolve.ts");
  const { createPool } = await import("../../src/image/engine/pool.ts");
  const { parseOptions } = await import("../../src/options/parse.ts");
  const { LIMITS } = await import("../testing/transforming.ts");
  const { fonts } = await readRules(
    { ...resolveConfig({}, () => undefined).config, fontDir: folder.path },
    Deno,
  );
  await Deno.remove(`${folder.path}/Gone.ttf`);
  await Deno.writeFile(`${folder.path}/Broken.ttf`, BOLD.subarray(0, 3000));
  const pool = createPool({
    limits: LIMITS,
    workers: 1,
    maxWaiting: 9,
    timeoutMs: 30_000,
    maxWorkerMemory: 1e9,
    fonts: fonts.files,
  });
  const write = (font: string) =>
    pool.transform({
      bytes: BLUE.slice(),
      options: parseOptions(`text:SGk,font:${font},png`) as { format: "png" },
      scaleUp: false,
      limits: LIMITS,
    });
  try {
    for (const font of ["Gone", "Broken"]) {
      await assert.rejects(write(font), {
        code: "malformed",
        message: /this server has Whole, Deja/,
      });
    }
    await write("Whole");
  } finally {
    await pool.close();
  }
});

Deno.test("a server does not start with a preset in a font that there is not, or with a folder that holds none", async () => {
  await assert.rejects(
    startProxy({ config: { presets: ["mark=text:SGk,font:Seal"] } }),
    /-presets cannot have mark: there is no font Seal/,
  );
  await assert.rejects(
    startProxy({ config: { fontDir: "/nowhere" } }),
    /-fontDir cannot be \/nowhere/,
  );
});

Deno.test("text is covered by signatures of the options, and by presets", async () => {
  await using origin = startOrigin({ "/a.png": BLUE });
  await using proxy = await startProxy({
    config: { presets: [`mark=text:${encoded("© me")}:se:4:4:20:white`], presetsOnly: true },
  });
  const ink = await inkOfTarget(proxy, `/preset:mark/${origin.url}/a.png`);
  assert.ok(ink.left > 80 && ink.top > 40);
  assert.match(await sentence(proxy, `/text:SGk/${origin.url}/a.png`), /^40[03] /);
});
