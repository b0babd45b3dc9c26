import assert from "node:assert/strict";
import * as engine from "@imagemagick/magick-wasm";
import { ProxyError } from "../../../src/errors.ts";
import type { Codec } from "../../../src/image/formats/coding/codec.ts";
import { createEncoder } from "../../../src/image/formats/encode.ts";
import { DEFAULT_ENCODING } from "../../../src/image/formats/encoding.ts";
import { formatOf, OUTPUT_FORMATS } from "../../../src/image/formats/table.ts";
import type { YccPlanes } from "../../../src/image/pixels/ycc_planes.ts";
import { picture, startEngine } from "../../testing/pictures.ts";

await startEngine();
const PICTURE = picture(["rg", "by"], { scale: 20 });
const CAUSE = new RangeError("Array buffer allocation failed");

/** An encoder whose formats have this for code of their own. */
function encoderWith(codec: Codec): ReturnType<typeof createEncoder> {
  return createEncoder(engine, { of: () => Promise.resolve(codec) });
}

function readFrames(): engine.IMagickImageCollection & Disposable {
  const frames = engine.MagickImageCollection.create();
  frames.read(PICTURE);
  return Object.assign(frames, { [Symbol.dispose]: () => frames.dispose() });
}

function fail(): never {
  throw CAUSE;
}

/** That a failure says which step it was, and names the format. */
function assertUnwritten(error: unknown, name: string): true {
  assert.ok(error instanceof ProxyError);
  assert.equal(error.status, 413);
  assert.equal(
    error.message,
    `The picture of 40×40 pixels cannot be written as ${name}. Ask for a smaller size or another format`,
  );
  assert.equal(error.cause, CAUSE);
  return true;
}

for (const format of OUTPUT_FORMATS) {
  const { name } = formatOf(format);
  for (const options of [{}, { maxBytes: 1000 }]) {
    const how = "maxBytes" in options ? " into so many bytes" : "";
    Deno.test(`encode() says that a picture cannot be written as ${name}${how}, and not that it cannot be decoded`, async () => {
      using frames = readFrames();
      const job = { format, options, settings: DEFAULT_ENCODING };
      for (
        const codec of [
          { encode: fail },
          { encode: () => Promise.reject(CAUSE) },
          // By the engine, and mended afterwards.
          ...(formatOf(format).encoding?.coder ? [{ mend: fail }] : []),
        ]
      ) {
        await assert.rejects(
          encoderWith(codec).encode(frames, job),
          (error) => assertUnwritten(error, name),
        );
      }
    });
  }
}

Deno.test("the straight way says as well that a picture cannot be written", async () => {
  const encoder = encoderWith({ planar: { spanFor: () => 1, encode: fail } });
  const job = { format: "jpeg", options: {}, settings: DEFAULT_ENCODING } as const;
  const way = await encoder.straight(job, { width: 40, height: 40 });
  assert.throws(() => way!.encode({} as YccPlanes), (error) => assertUnwritten(error, "JPEG"));
});

Deno.test("encode() passes on what is a sentence for clients already", async () => {
  using frames = readFrames();
  const refusal = new ProxyError("malformed", "No");
  const encoder = encoderWith({ encode: () => Promise.reject(refusal) });
  await assert.rejects(
    encoder.encode(frames, { format: "png", options: {}, settings: DEFAULT_ENCODING }),
    (error) => error === refusal,
  );
});
