import assert from "node:assert/strict";
import * as engine from "@imagemagick/magick-wasm";
import { engineModule } from "../../../src/image/engine/engine_module.js";
import { enginePolicy } from "../../../src/image/engine/engine_policy.ts";

const LIMITS = {
  maxPixels: 1_000_000,
  maxFrames: 5,
  maxTotalPixels: 2_000_000,
  maxOutputPixels: 1_000_000,
};
const MEMORY = 8 * 2_000_000 + 4 * 1_000_000 + 64e6;

// The policy is the engine's for as long as it lives: no other test of this file may want another.
engine.ConfigurationFiles.default.policy.data = enginePolicy(LIMITS);
await engine.initializeImageMagick(engineModule);

const READ = ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "HEIC", "JXL", "TIFF", "BMP", "ICO"];

Deno.test("the engine's policy denies every coder but those that the proxy names", () => {
  const others = Object.values(engine.MagickFormat).filter((format) => !READ.includes(format));
  assert.ok(others.length > 200);
  for (const format of others) {
    if (format === "UNKNOWN") continue;
    const settings = new engine.MagickReadSettings({ format, width: 2, height: 2, depth: 8 });
    assert.throws(
      () => engine.ImageMagick.read(new Uint8Array(64).fill(0x41), settings, () => {}),
      /NotAuthorized|NoDecodeDelegate|MissingDelegate/,
      format,
    );
  }
});

Deno.test("the engine's policy denies names that are files, addresses or programs", () => {
  const names = [
    ...["xc:red", "caption:text", "label:@/etc/passwd", "text:/etc/passwd", "@/etc/passwd"],
    ...["https://example.com/", "url:file:///etc/passwd", "msl:/a", "mvg:/a", "svg:/a", "|id"],
    ...[
      "inline:data:image/gif;base64,R0lGODlhAQABAAAAACw=",
      "ephemeral:/a",
      "clipboard:",
      "/etc/passwd",
    ],
  ];
  for (const name of names) {
    assert.throws(
      () => engine.ImageMagick.read(name, new engine.MagickReadSettings(), () => {}),
      /NotAuthorized|NoDecodeDelegate|UnableToOpen/,
      name,
    );
  }
});

Deno.test("the engine's own limits are what the policy says, and cannot be raised", () => {
  const { ResourceLimits } = engine;
  const rows = [
    ["width", 65_535],
    ["height", 65_535],
    ["area", 1_000_000],
    ["listLength", 5],
    ["memory", MEMORY],
    ["disk", 0],
    ["maxMemoryRequest", MEMORY],
    ["maxProfileSize", 4_000_000],
  ] as const;
  for (const [name, value] of rows) {
    assert.equal(ResourceLimits[name], BigInt(value), name);
    if (name === "maxMemoryRequest" || name === "maxProfileSize") continue;
    ResourceLimits[name] = 2n ** 40n;
    assert.equal(ResourceLimits[name], BigInt(value), name);
  }
});

Deno.test("the engine refuses more pixels than its limits, should a header have been misread", () => {
  // A BMP of 5,000 squared at one bit, which no header parser has seen.
  const bmp = new Uint8Array(62 + 5000 * 628);
  const view = new DataView(bmp.buffer);
  bmp.set([0x42, 0x4d]);
  for (const [at, value] of [[10, 62], [14, 40], [18, 5000], [22, 5000], [26, 0x10001], [46, 2]]) {
    view.setUint32(at!, value!, true);
  }
  const settings = new engine.MagickReadSettings({ format: "BMP" });
  assert.throws(
    () => engine.ImageMagick.read(bmp, settings, () => {}),
    /Exhausted|exceeds|Limit/i,
  );
});
