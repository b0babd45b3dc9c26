import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import * as engine from "@imagemagick/magick-wasm";
import type { ProxyError } from "../../src/errors.ts";
import type { Errand, Help, PricedErrand } from "../../src/image/errands.ts";
import { writeGif } from "../../src/image/formats/gif/write_gif.ts";
import { createPool, type Pool, type PoolOptions } from "../../src/image/engine/pool.ts";
import { createTransformer } from "../../src/image/transform.ts";
import { eventually } from "../testing/eventually.ts";
import { picture, startEngine } from "../testing/pictures.ts";
import { jobOf, LIMITS } from "../testing/transforming.ts";

interface MovieOptions {
  /** Whether the background is transparent in every third frame. */
  holes?: boolean;
  /** Whether frames have colours of their own. */
  colourful?: boolean;
  width?: number;
  height?: number;
}

/** A square that moves over a background, so that frames paint little and lean on those before them. */
function movie(
  count: number,
  { holes = false, colourful = false, width = 344, height = 248 }: MovieOptions = {},
): Uint8Array<ArrayBuffer> {
  const frames = Array.from({ length: count }, (_, index) => {
    const pixels = new Uint32Array(width * height);
    const tint = colourful ? index * 37 : 128;
    for (let y = 0, at = 0; y < height; y++) {
      for (let x = 0; x < width; x++, at++) {
        const inside = Math.abs(x - 9 * index) < 60 && Math.abs(y - 120) < 60;
        const red = inside ? 255 - y : x + tint, green = inside ? x + index * 8 : y ^ tint;
        const isHole = holes && index % 3 === 2 && !inside;
        pixels[at] = isHole ? 0 : red & 255 | (green & 255) << 8 | (tint & 255) << 16 | 0xff000000;
      }
    }
    return pixels;
  });
  const delays = frames.map((_, index) => 40 + 10 * (index % 5));
  return writeGif({ width, height, frames, delays, loopCount: 3 });
}

/** The same with other disposals, one after another: left, to background, to previous. */
function withDisposals(gif: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const bytes = gif.slice();
  for (let at = 0, index = 0; at < bytes.length - 7; at++) {
    const isControl = bytes[at] === 0x21 && bytes[at + 1] === 0xf9 && bytes[at + 2] === 4;
    if (isControl && bytes[at + 7] === 0) {
      bytes[at + 3] = bytes[at + 3]! & 1 | (1 + index++ % 3) << 2;
    }
  }
  return bytes;
}

await startEngine();
const PLAIN = movie(24);
const COLOURFUL = movie(24, { colourful: true });
// What is left of it is large enough to be shared.
const LONGER = movie(32, { colourful: true });
const MOVIES = {
  plain: PLAIN,
  "full of colours": COLOURFUL,
  transparent: movie(24, { holes: true }),
  "with every disposal": withDisposals(movie(24, { holes: true, colourful: true })),
  "cut short": LONGER.slice(0, LONGER.length * 0.8),
};

async function withPool(
  options: Partial<PoolOptions>,
  use: (pool: Pool) => Promise<void>,
) {
  const pool = createPool({
    limits: LIMITS,
    workers: 4,
    minWorkers: 4,
    maxWaiting: 10,
    timeoutMs: 30_000,
    maxWorkerMemory: 1e9,
    ...options,
  });
  try {
    await pool.ready();
    await use(pool);
  } finally {
    await pool.close();
  }
}

const alone = (bytes: Uint8Array, options: string) =>
  createTransformer(engine).transform(jobOf(bytes, options));

for (const [name, bytes] of Object.entries(MOVIES)) {
  Deno.test(`idle workers change nothing about a movie that is ${name}`, async () => {
    await withPool({}, async (pool) => {
      // The painted ones are shaped by several workers, and those that become a GIF or PNG written.
      for (
        const options of [
          "150x",
          "blur:2,160x",
          "rotate:10,webp,99x",
          "blur:1,apng,160x",
          "140x140,fit,pad,r90",
        ]
      ) {
        const one = await alone(bytes, options);
        const many = await pool.transform(jobOf(bytes, options));
        assert.ok(Buffer.compare(many.bytes, one.bytes) === 0, options);
        assert.equal(many.frames, one.frames);
      }
      // Two helpers, four painted movies.
      assert.ok(pool.stats().errands >= 8);
    });
  });
}

Deno.test("idle workers lay over their frames what lies over all", async () => {
  const overlays = [picture(["r."], { scale: 40 })];
  await withPool({}, async (pool) => {
    const job = { ...jobOf(COLOURFUL, "overlay:logo:tile:10:10:0.2:0.7,webp,320x"), overlays };
    const one = await createTransformer(engine).transform(job);
    const many = await pool.transform(job);
    assert.ok(Buffer.compare(many.bytes, one.bytes) === 0);
    assert.ok(pool.stats().errands >= 2);
  });
});

Deno.test("there are no more shares than frames", async () => {
  await withPool({}, async (pool) => {
    for (const [count, errands] of [[2, 2], [1, 0]] as const) {
      const before = pool.stats().errands;
      const bytes = movie(count, { width: 1200, height: 1000, colourful: true });
      const image = await pool.transform(jobOf(bytes, "blur:1,1000x"));
      assert.deepEqual(image.bytes, (await alone(bytes, "blur:1,1000x")).bytes);
      assert.equal(pool.stats().errands - before, errands);
    }
    assert.deepEqual([pool.stats().begun, pool.stats().running], [2, 0]);
  });
});

for (const options of ["trim,webp,50x", "normalize,webp,50x", "sc,webp,50x50", "frame:3,50x"]) {
  Deno.test(`what looks at several frames, or wants one, is not shared: ${options}`, async () => {
    await withPool({}, async (pool) => {
      const image = await pool.transform(jobOf(PLAIN, `blur:1,${options}`));
      assert.equal(pool.stats().errands, 0);
      assert.deepEqual(image.bytes, (await alone(PLAIN, `blur:1,${options}`)).bytes);
    });
  });
}

Deno.test("nothing is shared where there is one worker, or no memory is left for others", async () => {
  for (const options of [{ workers: 1 }, { memory: 1e6 }]) {
    await withPool(options, async (pool) => {
      const image = await pool.transform(jobOf(COLOURFUL, "blur:1,300x"));
      assert.equal(image.frames, 24);
      assert.equal(pool.stats().errands, 0);
    });
  }
});

Deno.test("of several idle workers one stays for who comes next", async () => {
  await withPool({ workers: 3 }, async (pool) => {
    const shared = pool.transform(jobOf(COLOURFUL, "blur:5,390x"));
    await eventually(() => assert.equal(pool.stats().errands, 1));
    const next = await pool.transform(jobOf(movie(1, { width: 20, height: 20 }), "9x"));
    assert.ok(next.timings.queue < 20, `it waited for ${next.timings.queue} ms`);
    assert.equal(pool.stats().running, 1, "the movie takes longer");
    await shared;
  });
});

Deno.test("workers that have jobs of their own, or are waited for, do nothing for others", async () => {
  await withPool({ workers: 2 }, async (pool) => {
    const jobs = [1, 2, 3].map((n) => pool.transform(jobOf(COLOURFUL, `blur:1,${300 + n}x`)));
    await Promise.all(jobs.slice(0, 1));
    const { errands, begun } = pool.stats();
    assert.deepEqual({ errands, begun }, { errands: 0, begun: 3 });
    const images = await Promise.all(jobs);
    assert.deepEqual(images.map(({ width }) => width), [301, 302, 303]);
  });
});

Deno.test("what nobody else did is done by the one who asked", async () => {
  const asked: Errand[] = [];
  const help: Help = {
    helpers: 3,
    ask(errands: readonly PricedErrand[]) {
      asked.push(...errands.map(({ errand }) => errand));
      return errands.map(() => Promise.resolve(undefined));
    },
  };
  const transformer = createTransformer(engine);
  const image = await transformer.transform(jobOf(COLOURFUL, "blur:1,300x"), help);
  assert.deepEqual(
    asked.map(({ kind }) => kind),
    Array(3).fill("shape").concat(Array(3).fill("write")),
  );
  assert.deepEqual(image.bytes, (await alone(COLOURFUL, "blur:1,300x")).bytes);
});

Deno.test("a shared job that takes too long is a timeout once, and the pool goes on", async () => {
  // A busy machine may need more time until it shares anything, and has more to do in it.
  for (const timeoutMs of [400, 1600, 6400, 25_600]) {
    let isOver = false;
    await withPool({ workers: 2, timeoutMs }, async (pool) => {
      await assert.rejects(
        pool.transform(jobOf(movie(60), "blur:100,399x")),
        (error) => (error as ProxyError).status === 504,
      );
      await eventually(() => assert.equal(pool.stats().ready, 2));
      const { errands, begun } = pool.stats();
      assert.ok(errands <= 1);
      assert.equal(begun, 1);
      const next = await pool.transform(jobOf(movie(1), "9x")).catch(() => undefined);
      isOver = errands === 1 && next?.width === 9;
    });
    if (isOver) return;
  }
  assert.fail("It was never shared, or nothing came after it");
});

Deno.test("a helper that has grown too large is replaced, and its frames are kept", async () => {
  const one = await alone(PLAIN, "blur:1,webp,50x");
  await withPool({ workers: 2, maxWorkerMemory: 1 }, async (pool) => {
    const image = await pool.transform(jobOf(PLAIN, "blur:1,webp,50x"));
    assert.deepEqual(image.bytes, one.bytes);
    assert.deepEqual([pool.stats().errands, pool.stats().replaced.memory], [1, 2]);
  });
});

Deno.test("a pool that closes rejects a job that others help with", async () => {
  await withPool({}, async (pool) => {
    const image = pool.transform(jobOf(PLAIN, "blur:5,300x"));
    const rejected = assert.rejects(image, /stopping/);
    await eventually(() => assert.ok(pool.stats().errands > 0));
    await pool.close();
    await rejected;
  });
});
