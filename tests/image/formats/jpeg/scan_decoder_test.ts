import assert from "node:assert/strict";
import { createScanDecoder } from "../../../../src/image/formats/jpeg/scan_decoder.ts";
import { nextSegment } from "../../../../src/image/formats/jpeg/jpeg_segments.ts";
import { createResampler } from "../../../../src/image/pixels/resample.ts";
import type { PixelBuffer } from "../../../../src/image/pixels/pixel_buffer.ts";
import { findCommand } from "../../../testing/command.ts";
import { blocksWithRestarts, joined, partsOf } from "../../../testing/jpeg_parts.ts";
import { withScans } from "../../../testing/jpeg_scans.ts";
import { mutate, randomOf } from "../../../testing/mutants.ts";
import { photo, psnr, readByEngine, writeByEngine } from "../../../testing/photo.ts";
import { startEngine } from "../../../testing/pictures.ts";

await startEngine();
const decoder = createScanDecoder();
const SAMPLINGS = ["4:4:4", "4:2:2", "4:2:0", "4:4:0", "4:1:1", "4:1:0"];
const SIZES = [[160, 96], [161, 97], [33, 250], [17, 9], [8, 1], [1, 1]] as const;
const WHOLE = { eighths: 8, maxScans: 100 };

function written(pixels: PixelBuffer, sampling: string, isProgressive: boolean): Uint8Array {
  const interlace = isProgressive ? { interlace: "plane" } : {};
  const defines = { "jpeg:sampling-factor": sampling, ...interlace };
  return writeByEngine(pixels, "JPEG", { defines });
}

/** A copy: what is decoded next overwrites it. */
function decode(bytes: Uint8Array, wanted = WHOLE) {
  const decoded = decoder.decode(bytes, wanted);
  if (!decoded) return undefined;
  const { pixels, isDamaged } = decoded;
  return { pixels: { ...pixels, data: pixels.data.slice() }, isDamaged };
}

for (const isProgressive of [false, true]) {
  const kind = isProgressive ? "progressive" : "sequential";
  Deno.test(`decode() makes of ${kind} JPEGs of every sampling and size what the engine makes`, () => {
    for (const [width, height] of SIZES) {
      for (const sampling of [...SAMPLINGS, "grey"]) {
        const channels = sampling === "grey" ? 1 : 3;
        const file = written(
          photo(width, height, { channels }),
          sampling === "grey" ? "4:4:4" : sampling,
          isProgressive,
        );
        const { pixels, isDamaged } = decode(file)!;
        const quality = psnr(pixels, readByEngine(file, "JPEG"));
        assert.ok(quality > 48, `${width}x${height} ${sampling}: ${quality} dB`);
        assert.equal(isDamaged, false);
      }
    }
  });
}

Deno.test("decode() makes pictures of half, quarter and eighth size that are the picture", () => {
  const { resample } = createResampler();
  for (const sampling of ["4:4:4", "4:2:0", "4:4:0"]) {
    const source = photo(323, 211, { grain: 0 });
    const file = written(source, sampling, true);
    for (const [eighths, side] of [[1, 1], [2, 2], [3, 4], [4, 4]] as const) {
      const { pixels } = decode(file, { ...WHOLE, eighths })!;
      const target = { width: Math.ceil(323 * side / 8), height: Math.ceil(211 * side / 8) };
      const quality = psnr(pixels, { ...pixels, ...target, data: resample(source, { target }) });
      assert.ok(quality > 24, `${sampling} at ${eighths}/8: ${quality} dB`);
    }
  }
});

const SOURCE = photo(96, 64, { grain: 4 });
const SEQUENTIAL = written(SOURCE, "4:2:0", false);
const PROGRESSIVE = written(SOURCE, "4:2:0", true);

/** Not by deepEqual(): that takes minutes to say what differs. */
function assertSame(a: PixelBuffer, b: PixelBuffer, what?: string): void {
  assert.equal(psnr(a, b), Infinity, what);
}

/** With another value in the first segment of this marker, so many bytes behind the marker. */
function changed(file: Uint8Array, marker: number, at: number, value: number): Uint8Array {
  const copy = file.slice();
  for (let from = 2;;) {
    const segment = nextSegment(file, from)!;
    if (segment.marker === marker) {
      copy[segment.at + at] = value;
      return copy;
    }
    from = segment.end;
  }
}

function without(file: Uint8Array, marker: number): Uint8Array {
  const { head, scans } = partsOf(file);
  return joined({ head: head.filter((segment) => segment.marker !== marker), scans });
}

const { head: HEAD, scans: SCANS } = partsOf(PROGRESSIVE);
const COMMENT_OF_LENGTH = (length: number) => [0xff, 0xfe, 0, length, 0x41, 0x42];
const QUANTITIES_OF_1 = [0xff, 0xdb, 0, 67, 0, ...Array(64).fill(1)];

/** Files that are whole but for what nobody needs. */
const WHOLE_FILES: Record<string, Uint8Array> = {
  "bytes between scans that are none": joined(partsOf(PROGRESSIVE), [1, 2, 3, 0xff, 0]),
  "fill bytes between scans": joined(partsOf(PROGRESSIVE), [0xff, 0xff, 0xff]),
  "restart markers between scans": joined(partsOf(PROGRESSIVE), [0xff, 0xd0, 0xff, 0xd5]),
  "a comment between scans": joined(partsOf(PROGRESSIVE), COMMENT_OF_LENGTH(4)),
  "a comment of length 0": joined(partsOf(PROGRESSIVE), COMMENT_OF_LENGTH(0)),
  "a comment of length 1": joined(partsOf(PROGRESSIVE), COMMENT_OF_LENGTH(1)),
  "a comment that is longer than it says": joined(partsOf(PROGRESSIVE), COMMENT_OF_LENGTH(3)),
  "a height that follows": joined(partsOf(PROGRESSIVE), [0xff, 0xdc, 0, 4, 0, 64]),
  "quantities that come too late": joined(partsOf(PROGRESSIVE), QUANTITIES_OF_1),
  "no codes, which are those of the standard": joined({
    head: partsOf(standardCoded()).head.filter(({ marker }) => marker !== 0xc4),
    scans: partsOf(standardCoded()).scans,
  }),
  "bytes behind its end": Uint8Array.from([...SEQUENTIAL, 1, 2, 0xff, 0xd8, 0xff]),
  "nothing where its end should be": SEQUENTIAL.subarray(0, -2),
};

/** Written with the codes of the standard, not with those that serve it best. */
function standardCoded(): Uint8Array {
  return writeByEngine(SOURCE, "JPEG", {
    defines: { "jpeg:optimize-coding": "false", "jpeg:sampling-factor": "4:2:0" },
  });
}

for (const [name, file] of Object.entries(WHOLE_FILES)) {
  Deno.test(`decode() shows the whole picture of a file with ${name}`, () => {
    const { pixels, isDamaged } = decode(file)!;
    assert.ok(psnr(pixels, readByEngine(SEQUENTIAL, "JPEG")) > 45);
    assert.equal(isDamaged, false);
  });
}

/** What stops everybody, in front of the fourth scan. */
const STOPS: Record<string, number[]> = {
  "a scan of a component that is not there": [0xff, 0xda, 0, 8, 1, 9, 0, 1, 5, 2],
  "a scan of no component": [0xff, 0xda, 0, 6, 0, 1, 5, 2],
  "a scan header of the wrong length": [0xff, 0xda, 0, 9, 1, 1, 0, 1, 5, 2, 0],
  "a scan of a band that ends before it begins": [0xff, 0xda, 0, 8, 1, 1, 0, 9, 5, 2],
  "a scan of a bit that does not follow": [0xff, 0xda, 0, 8, 1, 1, 0, 1, 5, 0x31],
  "a scan with codes that are not there": [0xff, 0xda, 0, 8, 1, 1, 3, 1, 5, 2],
  "a scan with more codes than there are": [
    ...[0xff, 0xc4, 0, 22, 0x13, 3, ...Array(15).fill(0), 1, 2, 3],
    ...[0xff, 0xda, 0, 8, 1, 1, 3, 1, 5, 2],
  ],
  "codes that are cut": [0xff, 0xc4, 0, 5, 0x10, 1, 1],
  "a ninth set of quantities": [0xff, 0xdb, 0, 67, 8, ...Array(64).fill(1)],
  "a restart interval of three bytes": [0xff, 0xdd, 0, 5, 0, 0, 1],
  "a second frame": [...HEAD.find(({ marker }) => marker === 0xc2)!.bytes],
  "a second start": [0xff, 0xd8],
  "a marker that means nothing": [0xff, 0x50, 0, 2],
};

for (const [name, stop] of Object.entries(STOPS)) {
  Deno.test(`decode() shows what the scans before ${name} gave`, () => {
    const before = decode(joined({ head: HEAD, scans: SCANS.slice(0, 3) }))!;
    const scans = [...SCANS.slice(0, 3), [...stop, ...SCANS[3]!], ...SCANS.slice(4)];
    const { pixels, isDamaged } = decode(joined({ head: HEAD, scans }))!;
    assertSame(pixels, before.pixels);
    assert.deepEqual([isDamaged, before.isDamaged], [true, false]);
  });
}

Deno.test("decode() shows more of a progressive JPEG the later it is cut", () => {
  const whole = readByEngine(PROGRESSIVE, "JPEG");
  let last = 0;
  for (let count = 1; count <= SCANS.length; count++) {
    const scans = SCANS.slice(0, count);
    const { pixels } = decode(joined({ head: HEAD, scans }))!;
    const quality = psnr(pixels, whole);
    assert.ok(quality >= last - 0.5, `${count} scans: ${quality} dB, ${last} with one less`);
    last = quality;
    // In the middle of the last of them.
    const half = scans.at(-1)!.slice(0, Math.floor(scans.at(-1)!.length * 0.7));
    const cut = decode(joined({ head: HEAD, scans: [...scans.slice(0, -1), half] }))!;
    assert.equal(cut.isDamaged, true, `${count} scans`);
    assert.ok(psnr(cut.pixels, whole) > (count > 1 ? 14 : 6), `${count} scans`);
  }
  assert.ok(last > 45);
});

Deno.test("decode() shows grey where a sequential JPEG is cut, and all above", () => {
  const whole = decode(SEQUENTIAL)!.pixels;
  const { pixels, isDamaged } = decode(SEQUENTIAL.subarray(0, SEQUENTIAL.length * 0.6))!;
  assert.equal(isDamaged, true);
  const row = (
    picture: PixelBuffer,
    y: number,
  ) => [...picture.data.subarray(y * 96 * 3, (y + 1) * 96 * 3)];
  for (const y of [0, 8, 14]) assert.deepEqual(row(pixels, y), row(whole, y));
  assert.deepEqual(new Set(row(pixels, 63)), new Set([128]));
});

/** Greys of the blocks: 200 where one is there; of what is not the first one is read as zeros, the others are 128. */
const RESTARTS: readonly (readonly [what: string, markers: number[], greys: number[]])[] = [
  ["in order", [0xd0, 0xd1, 0xd2, 0xd3], [200, 200, 200, 200, 200]],
  ["of which one is missing", [0xd0, 0xd2, 0xd3], [200, 200, 32, 200]],
  ["of which two are missing", [0xd0, 0xd3, 0xd4, 0xd5], [200, 200, 32, 128, 200]],
  ["of which one comes twice", [0xd0, 0xd0, 0xd1, 0xd2], [200, 200, 200, 200, 32]],
  ["of which one is far off", [0xd0, 0xd5, 0xd2, 0xd3], [200, 200, 200, 200, 200]],
  ["of which one is no marker of the kind", [0xd0, 0x50, 0xd1, 0xd2], [200, 200, 200, 200, 32]],
  ["of which one is another marker", [0xd0, 0xe5, 0xd1, 0xd2], [200, 200, 32, 128, 128]],
];

for (const [what, markers, greys] of RESTARTS) {
  Deno.test(`decode() finds its way with restart markers ${what}`, () => {
    const { pixels, isDamaged } = decode(blocksWithRestarts(200, markers))!;
    const seen = greys.map((_, block) => pixels.data[block * 8]!);
    for (const [block, grey] of greys.entries()) {
      assert.ok(Math.abs(seen[block]! - grey) <= 2, `${seen}, not ${greys}`);
    }
    assert.equal(isDamaged, what !== "in order");
  });
}

Deno.test("decode() tells of codes that are none", () => {
  const scanAt = SEQUENTIAL.length - 300;
  const file = SEQUENTIAL.slice();
  for (let at = 0; at < 40; at += 2) file.set([0xff, 0], scanAt + at);
  assert.equal(decode(file)!.isDamaged, true);
});

Deno.test("decode() leaves alone what everybody refuses, and what is coded in another way", () => {
  const [marker, precision, blueFactors, table] = [0xc2, 2, 12, 10];
  const others = {
    arithmetic: PROGRESSIVE.map((byte, at) =>
      at > 0 && PROGRESSIVE[at - 1] === 0xff && byte === 0xc2 ? 0xca : byte
    ),
    "12 bits": changed(PROGRESSIVE, marker, precision, 12),
    "a sampling of 3 to 2": changed(PROGRESSIVE, marker, blueFactors, 0x31),
    "no such quantities": changed(PROGRESSIVE, marker, table, 3),
    "no quantities": without(PROGRESSIVE, 0xdb),
    "no codes of a progressive picture": without(PROGRESSIVE, 0xc4),
    "no frame": without(PROGRESSIVE, 0xc2),
    "two starts": Uint8Array.from([0xff, 0xd8, ...PROGRESSIVE]),
    "no scan": joined({ head: HEAD, scans: [] }),
    nothing: new Uint8Array(),
  };
  assert.ok(decode(PROGRESSIVE));
  for (const [name, file] of Object.entries(others)) assert.ok(!decode(file), name);
});

Deno.test("decode() reads no more scans than it may", () => {
  const file = withScans(PROGRESSIVE, 400);
  const { isDamaged, pixels } = decode(file, { eighths: 8, maxScans: SCANS.length })!;
  assert.equal(isDamaged, true);
  assert.ok(psnr(pixels, readByEngine(PROGRESSIVE, "JPEG")) > 45);
  const three = decode(file, { eighths: 8, maxScans: 3 })!.pixels;
  assertSame(three, decode(joined({ head: HEAD, scans: SCANS.slice(0, 3) }))!.pixels);
});

Deno.test("decode() makes the same of a damaged file, whatever lay in its memory before", () => {
  const random = randomOf(15);
  for (let round = 0; round < 60; round++) {
    const source = round % 2 === 0 ? PROGRESSIVE : SEQUENTIAL;
    const mutant = mutate(source, { other: SEQUENTIAL, random });
    const fresh = createScanDecoder().decode(mutant, WHOLE);
    decoder.decode(written(photo(200, 150), "4:4:4", round % 3 === 0), WHOLE);
    const again = decoder.decode(mutant, WHOLE);
    assert.equal(again?.isDamaged, fresh?.isDamaged, `round ${round}`);
    if (again) assertSame(again.pixels, fresh!.pixels, `round ${round}`);
  }
});

const djpeg = findCommand("djpeg");

Deno.test({
  name: "decode() shows of damaged files what libjpeg-turbo shows (needs djpeg)",
  ignore: djpeg === undefined,
  async fn() {
    const random = randomOf(2026);
    const sources = [
      ...["4:4:4", "4:2:0", "4:4:0"].flatMap((sampling) =>
        [false, true].map((isProgressive) => written(SOURCE, sampling, isProgressive))
      ),
      blocksWithRestarts(200, [0xd0, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5]),
    ];
    let compared = 0;
    for (let round = 0; round < 100; round++) {
      const source = sources[round % sources.length]!;
      const mutant = mutate(source, { other: sources[0]!, random });
      const shown = await showByDjpeg(mutant);
      const decoded = decoder.decode(mutant, WHOLE);
      if (!shown) continue;
      assert.ok(decoded, `round ${round}`);
      const { data, channels } = decoded.pixels;
      let sum = 0;
      for (let at = 0; at < shown.length; at++) {
        sum += Math.abs(shown[at]! - data[channels === 1 ? Math.floor(at / 3) : at]!);
      }
      assert.ok(sum / shown.length < 0.5, `round ${round}: ${sum / shown.length} levels`);
      compared++;
    }
    assert.ok(compared > 30, `${compared}`);
  },
});

/** The samples, three for each pixel; undefined where it refuses. */
async function showByDjpeg(file: Uint8Array): Promise<Uint8Array | undefined> {
  const process = new Deno.Command(djpeg!, {
    args: ["-rgb", "-pnm"],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = process.stdin.getWriter();
  const sent = writer.write(Uint8Array.from(file)).then(() => writer.close()).catch(() => {});
  const { stdout } = await process.output();
  await sent;
  const header = /^P6\n\d+ \d+\n255\n/.exec(new TextDecoder("latin1").decode(stdout.slice(0, 40)));
  return header ? stdout.subarray(header[0].length) : undefined;
}
