import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import type { Config } from "../../src/settings/table.ts";
import { createClock } from "../testing/changing_origin.ts";
import { eventually } from "../testing/eventually.ts";
import { assertBody, bitmap } from "../testing/large_bodies.ts";
import { type PacedOrigin, startPacedOrigin } from "../testing/paced_origin.ts";
import { startProxy, type TestProxy } from "../testing/proxy.ts";

const BEGINNING = 400_000;
const BODY = bitmap({ width: 600, height: 500 });

interface Setup extends AsyncDisposable {
  clock: ReturnType<typeof createClock>;
  origin: PacedOrigin;
  proxy: TestProxy;
  ask(options?: string, init?: RequestInit): Promise<Response>;
}

async function setUp(
  config: Partial<Config> = {},
  { body = BODY, beginning = BEGINNING }: { body?: Uint8Array; beginning?: number } = {},
): Promise<Setup> {
  const clock = createClock();
  const origin = startPacedOrigin(body, { beginning });
  const proxy = await startProxy({ config: { stopTimeout: 300, ...config }, now: clock.now });
  return {
    clock,
    origin,
    proxy,
    ask: (options = "", init) => proxy.get(`/${options}/${origin.url}/a.bmp`, init),
    async [Symbol.asyncDispose]() {
      origin.goOn();
      await proxy[Symbol.asyncDispose]();
      await origin[Symbol.asyncDispose]();
    },
  };
}

/** The part of a body that there is while the origin waits. */
async function readBeginning(reader: ReadableStreamDefaultReader<Uint8Array>, bytes: number) {
  let length = 0;
  while (length < bytes) {
    const { value, done } = await reader.read();
    assert.ok(!done, `the body ends after ${length} bytes`);
    length += value.length;
  }
  return length;
}

const waitFor = (condition: () => boolean | Promise<boolean>) =>
  eventually(async () => assert.ok(await condition()));

const isPending = async (promise: PromiseLike<unknown>) =>
  await Promise.race([
    promise.then(() => false, () => false),
    new Promise((resolve) => setTimeout(resolve, 100, true)),
  ]);

const bytesOf = async (response: Response) => new Uint8Array(await response.arrayBuffer());

for (const framing of ["length", "chunked", "close"] as const) {
  Deno.test(`an original is sent on while it arrives, and then from the cache (${framing})`, async () => {
    await using it = await setUp();
    it.origin.framing = framing;
    const response = await it.ask();
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "image/bmp");
    assert.equal(response.headers.get("cache-control"), "max-age=60");
    const length = framing === "length" ? String(BODY.length) : null;
    assert.equal(response.headers.get("content-length"), length);
    const [mine, copy] = response.body!.tee();
    await readBeginning(copy.getReader(), BEGINNING);
    it.origin.goOn();
    await assertBody(new Response(mine), BODY);

    await waitFor(async () => {
      const again = await it.ask();
      await assertBody(again, BODY);
      return it.proxy.log.at(-1)!.cache!.original === "hit";
    });
    assert.equal(it.origin.targets.length, 1);
    const { bytes, cache, stages } = it.proxy.log[0]!;
    assert.equal(bytes, framing === "length" ? BODY.length : 0);
    assert.deepEqual(cache, { original: "miss" });
    assert.ok(stages!.fetch !== undefined);
  });
}

Deno.test("there are no parts of what is still to come", async () => {
  await using it = await setUp();
  const response = await it.ask("", { headers: { range: "bytes=0-9" } });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("accept-ranges"), null);
  it.origin.goOn();
  await assertBody(response, BODY);
});

Deno.test("an original that is here soon is answered whole", async () => {
  await using it = await setUp({}, { body: BODY.subarray(0, 200_000), beginning: 199_999 });
  it.origin.framing = "chunked";
  const asked = it.ask();
  assert.ok(await isPending(asked));
  it.origin.goOn();
  assert.equal((await bytesOf(await asked)).length, 200_000);
});

Deno.test("whoever asks while an original arrives gets it from its start, and it is fetched once", async () => {
  await using it = await setUp();
  const first = await it.ask();
  const followers = await Promise.all(Array.from({ length: 20 }, () => it.ask()));
  const head = it.ask("", { method: "HEAD" });
  const transforms = [it.ask("60x"), it.ask("50x"), it.ask("50x")];
  assert.ok(await isPending(Promise.any([head, ...transforms])), "these wait for the whole");
  it.origin.goOn();
  for (const response of [first, ...followers]) await assertBody(response, BODY);
  assert.equal((await head).headers.get("content-length"), String(BODY.length));
  for (const transform of transforms) {
    const response = await transform;
    assert.equal(response.status, 200);
    assert.ok((await bytesOf(response)).length < BODY.length);
  }
  assert.equal(it.origin.targets.length, 1);
  assert.equal(it.proxy.poolStats().begun, 2);
  const states = it.proxy.log.map(({ cache }) => cache?.original);
  assert.equal(states.filter((state) => state === "miss").length, 1);
});

Deno.test("a client that has what arrives is told so before it is all here", async () => {
  await using it = await setUp();
  it.origin.headers.push('ETag: "a"');
  const response = await it.ask("", { headers: { "if-none-match": '"a"' } });
  assert.equal(response.status, 304);
  assert.equal(response.headers.get("etag"), '"a"');
  const other = await it.ask("", { headers: { "if-none-match": '"b"' } });
  assert.equal(other.status, 200);
  it.origin.goOn();
  await assertBody(other, BODY);
  assert.equal(it.origin.targets.length, 1);
});

Deno.test("a coding is undone on the way, and no length is sent that would be the coded one's", async () => {
  const body = new Uint8Array(BODY);
  for (let at = 54; at < body.length; at += 65_536) {
    crypto.getRandomValues(body.subarray(at, Math.min(at + 65_536, body.length)));
  }
  const coded = gzipSync(body);
  await using it = await setUp({}, { body: coded, beginning: coded.length - 1000 });
  it.origin.headers.push("Content-Encoding: gzip");
  const response = await it.ask();
  assert.equal(response.headers.get("content-length"), null);
  assert.equal(response.headers.get("content-encoding"), null);
  it.origin.goOn();
  await assertBody(response, body);
});

Deno.test("a content type that is not served is refused before all of it is here", async () => {
  const page = new TextEncoder().encode(`<html>${"x".repeat(600_000)}`);
  await using it = await setUp({}, { body: page });
  it.origin.headers = ["Content-Type: image/png"];
  const response = await it.ask();
  assert.equal(response.status, 403);
  await response.body?.cancel();
});

Deno.test("what arrives for one client's credentials goes to nobody else", async () => {
  await using it = await setUp({ passRequestHeaders: ["Authorization"] });
  const mine = { headers: { authorization: "Bearer mine" } };
  const responses = [await it.ask("", mine), await it.ask("", mine), await it.ask()];
  assert.equal(it.origin.targets.length, 2);
  it.origin.goOn();
  for (const response of responses) await assertBody(response, BODY);
  const control = responses.map(({ headers }) => headers.get("cache-control"));
  assert.deepEqual(control, ["private, no-store", "private, no-store", "max-age=60"]);
  assert.deepEqual(it.proxy.log.map(({ cache }) => cache?.original), [
    "bypass",
    "coalesced",
    "miss",
  ]);
});

Deno.test("where a stale copy can stand in for a broken one, the end is waited for", async () => {
  await using it = await setUp({ staleIfError: 3_600_000 });
  it.origin.goOn();
  await assertBody(await it.ask(), BODY);
  await waitFor(async () => {
    await bytesOf(await it.ask());
    return it.proxy.log.at(-1)!.cache!.original === "hit";
  });
  it.clock.pass(100);
  it.origin.hold();
  const asked = it.ask();
  assert.ok(await isPending(asked));
  it.origin.breakOff();
  const response = await asked;
  assert.equal(response.status, 200);
  await assertBody(response, BODY);
  assert.equal(it.proxy.log.at(-1)!.cache!.original, "stale");
});

const FAILURES: readonly [
  what: string,
  config: Partial<Config>,
  cause: (it: Setup) => void,
  next: number,
][] = [
  ["an origin that breaks off", {}, ({ origin }) => origin.breakOff(), 502],
  ["an origin that stops sending", { idleTimeout: 300 }, () => {}, 504],
  ["an origin that takes too long", { fetchTimeout: 400 }, () => {}, 504],
  ["an original beyond the limit", { maxSourceBytes: 500_000 }, ({ origin }) => origin.goOn(), 413],
];
for (const [what, config, cause, next] of FAILURES) {
  for (const framing of ["length", "chunked"] as const) {
    // Where the length is said, one beyond the limit is refused before anything of it comes.
    if (next === 413 && framing === "length") continue;
    Deno.test(`${what} half-way breaks the connections, and nothing is kept (${framing})`, async () => {
      await using it = await setUp(config);
      it.origin.framing = framing;
      const [first, second] = [await it.ask(), await it.ask()];
      const waiting = it.ask("50x");
      cause(it);
      await assert.rejects(bytesOf(first));
      await assert.rejects(bytesOf(second));
      const failed = await waiting;
      assert.equal(failed.status, next);
      const told = it.proxy.warnings.filter((message) => message.includes("broke off"));
      assert.equal(told.length, 1, told.join());
      await failed.body?.cancel();
      assert.equal(it.origin.targets.length, 1);

      const remembered = await it.ask();
      assert.equal(remembered.status, next, "for a while the origin is not asked again");
      await remembered.body?.cancel();
      it.clock.pass(11);
      it.origin.hold();
      const again = it.ask("", { method: "HEAD" });
      await waitFor(() => it.origin.targets.length === 2);
      it.origin.breakOff();
      assert.equal((await again).status, 502, "nothing was kept");
    });
  }
}

Deno.test("an original that must make room for others breaks off too", async () => {
  await using it = await setUp({ maxBytesInFlight: 600_000 });
  const large = await it.ask();
  const other = startPacedOrigin(BODY, { beginning: 300_000 });
  try {
    const second = await it.proxy.get(`//${other.url}/b.bmp`);
    await assert.rejects(bytesOf(large));
    other.goOn();
    await assertBody(second, BODY);
  } finally {
    await other[Symbol.asyncDispose]();
  }
});

Deno.test("a client that goes away ends nothing for the others, nor the last one the fetch", async () => {
  await using it = await setUp();
  const [first, second] = [await it.ask(), await it.ask()].map(({ body }) => body!.getReader());
  await readBeginning(first!, BEGINNING);
  await readBeginning(second!, BEGINNING);
  await first!.cancel();
  const follower = (await it.ask()).body!.getReader();
  await second!.cancel();
  await readBeginning(follower, BEGINNING);
  await follower.cancel();
  it.origin.goOn();
  await waitFor(async () => {
    await assertBody(await it.ask(), BODY);
    return it.proxy.log.at(-1)!.cache!.original === "hit";
  });
  assert.equal(it.origin.targets.length, 1);
});

Deno.test("a client that does not read slows down neither the fetch nor the others", async () => {
  const body = bitmap({ width: 2000, height: 1500 });
  await using it = await setUp({}, { body });
  using slow = await Deno.connect({
    hostname: "127.0.0.1",
    port: Number(new URL(it.proxy.url).port),
  });
  const target = `//${it.origin.url}/a.bmp`;
  await slow.write(new TextEncoder().encode(`GET ${target} HTTP/1.1\r\nHost: a.test\r\n\r\n`));
  await waitFor(() => it.origin.targets.length === 1);
  const quick = await it.ask();
  it.origin.goOn();
  await assertBody(quick, body);
  await waitFor(async () => {
    await bytesOf(await it.ask());
    return it.proxy.log.at(-1)!.cache!.original === "hit";
  });
  let received = 0;
  const buffer = new Uint8Array(1 << 20);
  while (received < body.length) received += await slow.read(buffer) ?? assert.fail("cut off");
});

Deno.test("a server that stops sends what arrives to its end, if that comes in time", async () => {
  await using it = await setUp({ stopTimeout: 5000 });
  const response = await it.ask();
  const stopped = it.proxy[Symbol.asyncDispose]();
  assert.ok(await isPending(stopped));
  it.origin.goOn();
  await assertBody(response, BODY);
  await stopped;
});

Deno.test("a server that has to stop breaks off what does not arrive in time", async () => {
  await using it = await setUp({ stopTimeout: 200 });
  const response = await it.ask();
  const stopped = it.proxy[Symbol.asyncDispose]();
  await assert.rejects(bytesOf(response));
  await stopped;
});
