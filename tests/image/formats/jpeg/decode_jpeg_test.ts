import assert from "node:assert/strict";
import { createJpegDecoder } from "../../../../src/image/formats/jpeg/decode_jpeg.ts";
import { createJpegEncoder } from "../../../../src/image/formats/jpeg/encode_jpeg.ts";
import { createResampler } from "../../../../src/image/pixels/resample.ts";
import { photo, psnr, readByEngine, writeByEngine } from "../../../testing/photo.ts";
import { startEngine } from "../../../testing/pictures.ts";

await startEngine();
const decoder = createJpegDecoder();
const SAMPLINGS = ["4:4:4", "4:2:2", "4:2:0"];
/** Sizes with and without a rest in the last block and MCU, and the smallest ones. */
const SIZES = [[160, 96], [161, 97], [33, 250], [17, 9], [8, 1], [1, 1]] as const;

Deno.test("decode() makes what the engine makes, at full size, of every sampling and size", () => {
  for (const [width, height] of SIZES) {
    for (const sampling of SAMPLINGS) {
      const file = writeByEngine(photo(width, height), "JPEG", {
        defines: { "jpeg:sampling-factor": sampling },
      });
      const decoded = decoder.decode(file, 8);
      assert.ok(decoded, `${width}x${height} ${sampling}`);
      const quality = psnr(decoded, readByEngine(file, "JPEG"));
      assert.ok(quality > 48, `${width}x${height} ${sampling}: ${quality} dB`);
    }
    const grey = writeByEngine(photo(width, height, { channels: 1 }), "JPEG");
    const quality = psnr(decoder.decode(grey, 8)!, readByEngine(grey, "JPEG"));
    assert.ok(quality > 48, `${width}x${height} grey: ${quality} dB`);
  }
});

Deno.test("decode() enlarges the colours of the smallest pictures as the engine does", () => {
  for (const sampling of SAMPLINGS) {
    for (
      const [width, height] of [1, 2, 3, 4, 5, 6, 17].flatMap((w) =>
        [1, 3, 4, 18].map((h) => [w, h])
      )
    ) {
      const colours = photo(width!, height!);
      for (let at = 0; at < colours.data.length; at++) {
        colours.data[at] = Math.imul(at + 3, 2654435761) >>> 24;
      }
      const file = writeByEngine(colours, "JPEG", {
        defines: { "jpeg:sampling-factor": sampling },
      });
      const wanted = readByEngine(file, "JPEG").data;
      const { data } = decoder.decode(file, 8)!;
      const most = Math.max(...data.map((sample, at) => Math.abs(sample - wanted[at]!)));
      assert.ok(most <= 3, `${width}x${height} ${sampling}: ${most} levels`);
    }
  }
});

Deno.test("decode() makes pictures of half, quarter and eighth size that are the picture", () => {
  const { resample } = createResampler();
  for (const sampling of [...SAMPLINGS, "grey"]) {
    const source = photo(323, 211, { channels: sampling === "grey" ? 1 : 3, grain: 0 });
    const defines = sampling === "grey" ? {} : { "jpeg:sampling-factor": sampling };
    const file = writeByEngine(source, "JPEG", { defines });
    for (const [eighths, side] of [[1, 1], [2, 2], [3, 4], [4, 4]] as const) {
      const decoded = decoder.decode(file, eighths)!;
      const [width, height] = [Math.ceil(323 * side / 8), Math.ceil(211 * side / 8)];
      assert.deepEqual([decoded.width, decoded.height], [width, height]);
      const target = { width, height };
      const quality = psnr(decoded, { ...decoded, data: resample(source, { target }) });
      assert.ok(quality > 24, `${sampling} at ${eighths}/8: ${quality} dB`);
    }
  }
});

Deno.test("decodePlanes() gives what is resampled to the same picture", () => {
  const { resample } = createResampler();
  const steps = [[8, 300, 196], [8, 200, 131], [4, 90, 59], [2, 50, 33], [1, 20, 13]] as const;
  for (const sampling of SAMPLINGS) {
    const source = photo(323, 211, { grain: 0 });
    const file = writeByEngine(source, "JPEG", { defines: { "jpeg:sampling-factor": sampling } });
    for (const [eighths, width, height] of steps) {
      const target = { width, height };
      const result = { ...target, channels: 3, hasAlpha: false } as const;
      const wanted = resample(decoder.decode(file, eighths)!, { target });
      const planes = decoder.decodePlanes(file, eighths, width / 323)!;
      const quality = psnr(
        { ...result, data: resample(planes, { target }) },
        { ...result, data: wanted },
      );
      assert.ok(quality > 32, `${sampling} at ${eighths}/8 to ${width}: ${quality} dB`);
    }
  }
  const grey = writeByEngine(photo(33, 20, { channels: 1 }), "JPEG");
  assert.deepEqual(decoder.decodePlanes(grey, 4, 0.3), decoder.decode(grey, 4));
});

/** Where the data of the scan begins. */
function scanOf(file: Uint8Array): number {
  const at = file.findIndex((byte, at) => byte === 0xff && file[at + 1] === 0xda);
  return at + 2 + (file[at + 2]! << 8 | file[at + 3]!);
}

/** The picture again and again, below or beside itself, with a restart marker before each but the first. */
function withRestarts(
  file: Uint8Array,
  restarts: readonly number[],
  interval: number,
  where: "down" | "across" = "down",
): Uint8Array {
  const scanAt = scanOf(file);
  const bytes = [...file.subarray(0, scanAt)], scan = [...file.subarray(scanAt, -2)];
  const frameAt = bytes.findIndex((byte, at) => byte === 0xff && bytes[at + 1] === 0xc0);
  const lengthAt = frameAt + (where === "down" ? 5 : 7);
  const length = (bytes[lengthAt]! << 8 | bytes[lengthAt + 1]!) * (restarts.length + 1);
  bytes.splice(lengthAt, 2, length >> 8, length & 255);
  bytes.splice(frameAt, 0, 0xff, 0xdd, 0, 4, interval >> 8, interval & 255);
  const data = restarts.flatMap((marker) => [...scan, 0xff, marker]);
  return Uint8Array.from([...bytes, ...data, ...scan, 0xff, 0xd9]);
}

Deno.test("decode() starts anew at restart markers, and only at the right ones", () => {
  const flat = { ...photo(8, 8, { channels: 1 }), data: new Uint8Array(64).fill(200) };
  const one = createJpegEncoder().encode(flat, { quality: 90, fullChroma: true })!;
  const file = (restarts: number[]) => withRestarts(one, restarts, 1, "across");
  const markers = [0xd0, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd0, 0xd1];
  const decoded = decoder.decode(file(markers), 8)!;
  assert.deepEqual([decoded.width, decoded.height], [88, 8]);
  assert.ok(decoded.data.every((sample) => Math.abs(sample - 200) <= 2));
  assert.equal(decoder.decode(file([0xd0, 0xd2]), 8), undefined);
});

Deno.test("decode() reads scans that are longer than what it has before it at a time", () => {
  for (const grain of [64, 255]) {
    const pixels = photo(500, 400, { channels: 1, grain });
    const file = writeByEngine(pixels, "JPEG", { quality: 98 });
    const scan = file.subarray(scanOf(file), -2);
    assert.ok(scan.length > 70_000, `${scan.length} bytes`);
    assert.ok(scan.filter((byte) => byte === 0xff).length > 100);
    const wanted = readByEngine(file, "JPEG");
    assert.ok(psnr(decoder.decode(file, 8)!, wanted) > 48);
    // Once more below itself, behind a restart marker.
    const twice = withRestarts(file, [0xd0], 63 * 50);
    const { data } = decoder.decode(twice, 8)!;
    assert.ok(psnr({ ...wanted, data: data.subarray(0, 500 * 400) }, wanted) > 48);
    assert.ok(psnr({ ...wanted, data: data.subarray(500 * 400) }, wanted) > 48);
    for (const eighths of [1, 2, 4]) assert.ok(decoder.decode(twice, eighths));
    // What the first half has too much, or too little, is missing from nowhere.
    assert.equal(decoder.decode(withRestarts(file, [0xd0], 63 * 50 - 1), 8), undefined);
    assert.equal(decoder.decode(withRestarts(file, [0xd0], 63 * 50 + 1), 8), undefined);
  }
});

Deno.test("decode() makes nothing of what other pictures have left in its memory", () => {
  const noise = writeByEngine(photo(600, 500, { grain: 255 }), "JPEG", { quality: 98 });
  const used = createJpegDecoder();
  const file = writeByEngine(photo(90, 70), "JPEG");
  for (let length = scanOf(file); length <= file.length; length += 97) {
    for (const eighths of [1, 2, 4, 8]) {
      used.decode(noise, eighths);
      const cut = file.subarray(0, length);
      assert.equal(used.decode(cut, eighths), undefined);
      assert.deepEqual(used.decode(file, eighths), createJpegDecoder().decode(file, eighths));
    }
  }
});

Deno.test("decode() leaves to the engine what is of another kind", () => {
  const pixels = photo(40, 40);
  const baseline = writeByEngine(pixels, "JPEG");
  const frameAt = baseline.findIndex((byte, at) => byte === 0xff && baseline[at + 1] === 0xc0);
  const changed = (at: number, value: number) => {
    const bytes = baseline.slice();
    bytes[at] = value;
    return bytes;
  };
  const others = {
    progressive: writeByEngine(pixels, "JPEG", { defines: { interlace: "plane" } }),
    arithmetic: changed(frameAt + 1, 0xc9),
    "12 bits": changed(frameAt + 4, 12),
    "sampled vertically": changed(frameAt + 11, 0x12),
    "without a table": changed(frameAt + 12, 3),
    "no JPEG": writeByEngine(pixels, "PNG"),
    "a header alone": baseline.subarray(0, frameAt + 4),
    nothing: new Uint8Array(),
  };
  assert.ok(decoder.decode(baseline, 8));
  for (const [name, bytes] of Object.entries(others)) {
    assert.equal(decoder.decode(bytes, 8), undefined, name);
  }
});

Deno.test("decode() gives up on a scan that ends too early", () => {
  const file = writeByEngine(photo(200, 200), "JPEG");
  for (const share of [0.4, 0.7, 0.95]) {
    assert.equal(decoder.decode(file.subarray(0, file.length * share), 8), undefined);
    assert.equal(decoder.decode(file.subarray(0, file.length * share), 1), undefined);
    assert.equal(decoder.decodePlanes(file.subarray(0, file.length * share), 4, 0.2), undefined);
  }
});

Deno.test("decode() survives any damage, and the next picture comes out whole", () => {
  const file = writeByEngine(photo(64, 64), "JPEG");
  const whole = decoder.decode(file, 8)!.data.slice();
  for (let at = 2, noise = 7; at < file.length; at += 3) {
    noise = Math.imul(noise, 1103515245) + 12345;
    const bytes = file.slice();
    bytes[at] = noise >>> 24;
    for (const eighths of [1, 2, 4, 8]) {
      decoder.decode(bytes, eighths);
      decoder.decodePlanes(bytes, eighths, eighths / 16);
    }
  }
  assert.deepEqual(decoder.decode(file, 8)!.data, whole);
});
