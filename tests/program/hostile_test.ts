// What strangers ask of the program as users start it: pictures that cost more than they look, transforms
// without end, clients that take more than their turn or do not read.
import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import { writeChunks, writeIhdr } from "../../src/image/formats/png/chunks.ts";
import { pixelData } from "../testing/apng_file.ts";
import { enginesOf, ticks } from "../testing/engines.ts";
import { eventually, withinTwoSeconds } from "../testing/eventually.ts";
import { gifOf } from "../testing/hostile_origin.ts";
import { avifWith } from "../testing/heif_files.ts";
import { box } from "../testing/heif_boxes.ts";
import { withScans } from "../testing/jpeg_scans.ts";
import { layeredJxl } from "../testing/layered_jxl.ts";
import { photo, writeByEngine } from "../testing/photo.ts";
import { startEngine } from "../testing/pictures.ts";
import { pngChunk } from "../testing/png_file.ts";
import { COMPILED, programTest, SOURCE, startProgram } from "../testing/program.ts";
import { answerOf, figureOf, isReady, linuxTest } from "../testing/program_answers.ts";
import { startOrigin } from "../testing/proxy.ts";
import { failingImage, hasFailingImages } from "../testing/shared_images.ts";
import { SVG_BOMBS } from "../testing/svg_bombs.ts";
import { tiffOfTags } from "../testing/tiff_files.ts";

await startEngine();
const PHOTO = writeByEngine(photo(2000, 1500), "JPEG");
const TEN_MEGAPIXELS = writeByEngine(photo(4000, 2500), "JPEG");
const SMALL = writeByEngine(photo(40, 30), "PNG");
const PROGRESSIVE = writeByEngine(photo(64, 48), "JPEG", { defines: { interlace: "1" } });
const AVIF = writeByEngine(photo(64, 48), "AVIF");
const BOMB = SVG_BOMBS["noise of many octaves in many steps"]!;
/** More than any buffer of the system's takes. */
const LARGE = new TextEncoder().encode(
  `<svg xmlns="http://www.w3.org/2000/svg"><!--${"x".repeat(30e6)}--></svg>`,
);
const ORIGIN = ["-allowHosts", "127.0.0.1"];

/** A PNG of 32×32 pixels with 300 MB of text in 300 KB. */
function textBomb(): Uint8Array {
  const text = deflateSync(new Uint8Array(30e6));
  const chunk = pngChunk("zTXt", ...new TextEncoder().encode("Comment\0\0"), ...text);
  const pixels = { type: "IDAT", data: pixelData(Array(8).fill("rgbyrgby"), 4) };
  const header = writeIhdr({ width: 32, height: 32, colourType: 6 });
  return writeChunks([header, ...Array(10).fill(chunk), pixels]);
}

const PROFILE = { tag: 34675, type: 7, count: 1e6, value: 8 };
const ALIASED = tiffOfTags(
  [{ tag: 256, value: 3000 }, { tag: 257, value: 3000 }, PROFILE],
  { pages: 70, spare: 1e6 },
);

// the picture, what is asked for, and the beginning of the answer
const COSTLY: readonly (readonly [string, Uint8Array, string, RegExp])[] = [
  ["texts that unpack to 300 MB", textBomb(), "20x", /^200 /],
  ["110 scans", withScans(PROGRESSIVE, 110), "20x", /^413 The image comes in 110 scans/],
  ["200 layers", layeredJxl(200), "20x,png", /^413 The image has \d+ pixels/],
  ["tags that stand on the same bytes", ALIASED, "20x", /^422 The TIFF file .* has tags of/],
  [
    "a picture that is turned nine times",
    avifWith(AVIF, { properties: Array(9).fill(box("irot", [1])) }),
    "20x",
    /^422 The HEIF file turns, mirrors and crops a picture more than 8 times/,
  ],
  [
    "100,000 properties of one picture",
    avifWith(AVIF, { associated: 400 }),
    "20x",
    /^422 The HEIF file is made of more than \d+ parts/,
  ],
  ["900 large frames", gifOf({ side: 4000, frames: 900 }), "20x", /^413 The image has \d+ pixels/],
  [
    "900 large frames of which one counts",
    gifOf({ side: 4000, frames: 900 }),
    "frame:0,20x",
    /^200 /,
  ],
  ["300 frames of 416×416", gifOf({ side: 416, frames: 300 }), "20x", /^200 /],
  [
    "what takes long to write",
    gifOf({ side: 416, frames: 300 }),
    "webp,lossless",
    /^413 The image would take some \d+ s/,
  ],
  ...hasFailingImages
    ? [["48 megapixels", failingImage("heic-413-48MP.heic"), "300x", /^200 /]] as const
    : [],
];

for (const edition of [SOURCE, COMPILED]) {
  programTest(edition, "counts what costs before it is decoded", async () => {
    const files = Object.fromEntries(
      COSTLY.map(([, bytes], index) => [`/${index}`, Uint8Array.from(bytes)]),
    );
    await using origin = startOrigin(files);
    await using program = await startProgram(edition, {
      args: [...ORIGIN, "-transformTimeout", "20s", "-workers", "1"],
    });
    for (const [index, [name, , options, answer]] of COSTLY.entries()) {
      assert.match(
        await answerOf(`${program.url}/${options}/${origin.url}/${index}`),
        answer,
        name,
      );
    }
    // One process has made, or refused, them all.
    assert.doesNotMatch(program.output(), /The image engine ended/);
  });

  linuxTest(
    edition,
    "ends a drawing without end, loses nothing else, and its processor is idle in two seconds",
    async () => {
      await using origin = startOrigin({ "/bomb.svg": BOMB, "/small.png": SMALL });
      await using program = await startProgram(edition, {
        args: [...ORIGIN, "-transformTimeout", "3s", "-workers", "2"],
      });
      await isReady(program);
      const [engine] = await enginesOf(program.pid);
      let isOver = false;
      const bomb = answerOf(`${program.url}/100x,png/${origin.url}/bomb.svg`)
        .finally(() => isOver = true);
      // What is made beside it, in the same process and the next, is not lost.
      for (let width = 1; !isOver || width < 5; width++) {
        const url = `${program.url}/${width}x/${origin.url}/small.png?${width}`;
        assert.match(await answerOf(url), /^200 /);
      }
      const answer = await bomb;
      assert.match(answer, /^504 The image took longer than 3 s to transform/);
      await withinTwoSeconds(async () => assert.equal(await ticks(engine!), 0));
      assert.match(await answerOf(`${program.url}/20x/${origin.url}/small.png`), /^200 /);
    },
  );

  programTest(edition, "gives a worker's engine no more memory than its ceiling", async () => {
    await using origin = startOrigin({
      ...{ "/photo": PHOTO, "/larger": TEN_MEGAPIXELS, "/small.png": SMALL },
    });
    await using program = await startProgram(edition, {
      args: [...ORIGIN, "-workerMemoryCeiling", "30MB"],
    });
    const urlOf = (options: string, path: string) =>
      `${program.url}/${options}/${origin.url}${path}`;
    const rows = [
      ["avif,1900x", "/photo", /^413 The picture of 1900×1425 pixels cannot be written as AVIF/],
      ["r90,png", "/larger", /^413 The image can be decoded, but not transformed as asked/],
    ] as const;
    for (const [options, path, answer] of rows) {
      assert.match(await answerOf(urlOf(options, path)), answer);
    }
    assert.match(await answerOf(`${program.url}/20x/${origin.url}/small.png`), /^200 /);
  });

  programTest(
    edition,
    "makes a small picture while another client's long ones are in work",
    async () => {
      await using origin = startOrigin({ "/photo": PHOTO, "/small": SMALL });
      await using program = await startProgram(edition, {
        args: [
          ...[...ORIGIN, "-trustedProxies", "127.0.0.1", "-effort", "3", "-stopTimeout", "0s"],
          ...["-workers", "2", "-minWorkers", "2"],
        ],
      });
      await isReady(program);
      await eventually(async () => assert.equal(await figureOf(program, "imageproxy_workers"), 2));
      const gone = new AbortController();
      const from = (client: string) => ({ headers: { "x-forwarded-for": client } });
      const bully = [1, 2].map((n) =>
        fetch(`${program.url}/avif,q9${n}/${origin.url}/photo`, {
          ...{ ...from("192.0.2.1"), signal: gone.signal },
        }).catch(() => {})
      );
      const figures = () =>
        Promise.all(
          ["busy", "length"].map((what) =>
            figureOf(
              program,
              what === "busy" ? "imageproxy_workers_busy" : "imageproxy_queue_length",
            )
          ),
        );
      // The second waits, though a worker stands idle.
      await eventually(async () => assert.deepEqual(await figures(), [1, 1]));
      for (let n = 1; n <= 3; n++) {
        const answer = await answerOf(
          `${program.url}/${n}x/${origin.url}/small`,
          from("198.51.100.7"),
        );
        assert.match(answer, /^200 /);
      }
      assert.deepEqual(await figures(), [1, 1], "the long ones are still there");
      gone.abort();
      await Promise.all(bully);
    },
  );

  programTest(edition, "lets a client go that does not read", async () => {
    await using origin = startOrigin({ "/large.svg": LARGE });
    await using program = await startProgram(edition, {
      args: [...ORIGIN, "-sendTimeout", "500ms", "-stopTimeout", "0s"],
    });
    const { hostname, port } = new URL(program.url);
    using connection = await Deno.connect({ hostname, port: Number(port) });
    const target = `/x/${origin.url}/large.svg`;
    await connection.write(
      new TextEncoder().encode(`GET ${target} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`),
    );
    await eventually(async () => {
      assert.equal(await figureOf(program, "imageproxy_clients_let_go_total"), 1);
    });
    assert.match(program.output(), /A client took nothing for 0\.5 s and was let go/);
  });
}
