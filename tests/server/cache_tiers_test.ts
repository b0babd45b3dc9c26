import assert from "node:assert/strict";
import { startPermissions } from "../../scripts/start_permissions.ts";
import { eventually, inTime } from "../testing/eventually.ts";
import { createFailingStore, type Failure } from "../testing/failing_store.ts";
import { picture, startEngine } from "../testing/pictures.ts";
import { startOrigin, startProxy } from "../testing/proxy.ts";
import { freePort, missing, S3_BUCKET, startRedis, startS3rver } from "../testing/servers.ts";
import { untilWritten } from "../testing/written.ts";

await startEngine();
const PICTURE = picture(["rg", "by"], { scale: 20, format: "PNG" });
const FRESH = () => new Response(PICTURE, { headers: { "cache-control": "max-age=3600" } });

const CREDENTIALS: Readonly<Record<string, string>> = {
  AWS_ACCESS_KEY_ID: "S3RVER",
  AWS_SECRET_ACCESS_KEY: "S3RVER",
};

const s3Spec = (port: number) =>
  `s3://us-east-1/${S3_BUCKET}/pictures?endpoint=127.0.0.1:${port}&disableSSL=1&s3ForcePathStyle=1`;

for (const failure of ["reject", "throw", "hang", "rubbish", "read-only"] as const) {
  Deno.test(`a tier that does this fails no request and is reported once: ${failure}`, async () => {
    const broken = createFailingStore("broken");
    broken.fail(failure);
    await using origin = startOrigin({ "/a.png": FRESH });
    await using proxy = await startProxy({
      config: { cache: ["memory", "broken:"], cacheTimeout: 50 },
      openStore: () => Promise.resolve(broken.store),
    });
    for (let width = 1; width <= 15; width++) {
      const response = await proxy.get(`/${width}x/${origin.url}/a.png`);
      assert.equal(response.status, 200);
      await response.body?.cancel();
    }
    assert.equal(origin.requests.length, 1);
    await new Promise((resolve) => setTimeout(resolve, 600));
    const writes = proxy.warnings.filter((warning) => /\(write\)/.test(warning));
    const reads = proxy.warnings.filter((warning) => /\(read\)/.test(warning));
    assert.ok(writes.length <= 1 && reads.length <= 1, proxy.warnings.join("\n"));
    assert.ok(writes.length + reads.length >= 1);
    broken.fail(undefined satisfies Failure);
    broken.release();
  });
}

Deno.test("the start says of a cache directory what it holds, or that nothing can be kept there", async () => {
  const directory = await Deno.makeTempDir();
  await Deno.writeTextFile(`${directory}/file`, "");
  {
    await using proxy = await startProxy({
      config: { cache: [`${directory}/new`, `${directory}/file`] },
    });
    await eventually(() => {
      const told = (start: RegExp) => proxy.events.some((event) => start.test(event));
      assert.ok(told(/^info: The cache directory .*\/new holds 0 entries, 0 bytes of/));
      assert.ok(told(/^warning: Cannot write .*\/file, so nothing is kept there: /));
    });
  }
  await Deno.remove(directory, { recursive: true });
});

Deno.test("a tier that is given up is a warning, and one that is in use again information", async () => {
  const broken = createFailingStore("broken");
  broken.fail("reject");
  await using origin = startOrigin({ "/a.png": FRESH });
  await using proxy = await startProxy({
    config: { cache: ["broken:"] },
    openStore: () => Promise.resolve(broken.store),
  });
  const ask = async () => await (await proxy.get(`/x/${origin.url}/a.png`)).body?.cancel();
  for (let i = 0; i < 4; i++) await ask();
  assert.ok(proxy.events.some((event) => /^warning: .* left alone .*\(read\)/.test(event)));
  broken.fail(undefined);
  await eventually(async () => {
    await ask();
    assert.ok(proxy.events.includes("info: The broken cache is in use again (read)"));
  });
});

Deno.test("a cold tier that hangs costs its time-out, then nothing", async () => {
  const broken = createFailingStore("broken");
  broken.fail("hang");
  await using origin = startOrigin({ "/a.png": FRESH });
  await using proxy = await startProxy({
    config: { cache: ["broken:"], cacheTimeout: 100 },
    openStore: () => Promise.resolve(broken.store),
  });
  const ask = async (width: number) => {
    const response = await inTime(proxy.get(`/${width}x/${origin.url}/a.png`));
    assert.equal(response.status, 200);
    await response.body?.cancel();
  };
  for (let width = 1; width <= 10; width++) await ask(width);
  // Three in a row, what had begun by then, and one each five seconds; it would be asked 25 times.
  assert.ok(broken.calls() < 20, `${broken.calls()} calls`);
  broken.fail(undefined);
  broken.release();
});

Deno.test("tiers hold originals, results or both, as told", async () => {
  const stores = { originals: createFailingStore("a"), results: createFailingStore("b") };
  await using origin = startOrigin({ "/a.png": FRESH });
  const config = { cache: ["originals=a:", "results=b:"] };
  const openStore = (spec: string) =>
    Promise.resolve(spec === "a:" ? stores.originals.store : stores.results.store);
  {
    await using proxy = await startProxy({ config, openStore });
    for (const options of ["10x", "20x", ""]) {
      await (await proxy.get(`/${options}/${origin.url}/a.png`)).arrayBuffer();
    }
  }
  assert.equal(stores.originals.held.size, 1);
  assert.equal(stores.results.held.size, 2);
  // Another server finds all of it.
  await using second = await startProxy({ config, openStore });
  for (const options of ["10x", "20x", ""]) {
    await (await second.get(`/${options}/${origin.url}/a.png`)).arrayBuffer();
  }
  assert.equal(origin.requests.length, 1);
  assert.equal(second.poolStats().begun, 0);
});

for (
  const shared of [
    { name: "Redis", tier: "redis", variable: "REDIS_SERVER", start: startRedis, spec: redisSpec },
    { name: "S3", tier: "s3", variable: "S3RVER", start: startS3rver, spec: s3Spec },
  ]
) {
  Deno.test({
    name: `two servers that share ${shared.name} serve each other's results`,
    ignore: missing(shared.variable) !== undefined,
    async fn() {
      const server = await shared.start();
      await using origin = startOrigin({ "/a.png": FRESH });
      const spec = shared.spec(server.port);
      {
        await using one = await spawnProxy(["-cache", "memory", "-cache", spec]);
        await using two = await spawnProxy(["-cache", "memory", "-cache", spec]);
        const target = `20x,r90/${origin.url}/a.png`;
        const first = await read(`${one.url}/${target}`);
        await untilWritten(one.url, { tier: shared.tier, writes: 2 });
        assert.deepEqual(await read(`${two.url}/${target}`), first);
        assert.deepEqual(await read(`${two.url}/${origin.url}/a.png`), PICTURE);
        assert.equal(origin.requests.length, 1);
      }
      await server.stop();
    },
  });
}

Deno.test({
  name: "S3 killed and started again under load costs no request and is used again",
  ignore: missing("S3RVER") !== undefined,
  async fn() {
    const port = freePort();
    let server = await startS3rver(port);
    await using origin = startOrigin({}, FRESH);
    {
      await using proxy = await startProxy({
        config: { cache: ["memory:1", s3Spec(port)], cacheTimeout: 500 },
        env: (name) => CREDENTIALS[name],
      });
      let done = false;
      let served = 0;
      const failed: number[] = [];
      const load = Array.from({ length: 4 }, async (_, client) => {
        for (let i = 0; !done; i++) {
          const { status, body } = await proxy.get(`/10x/${origin.url}/${client}-${i}.png`);
          await body?.cancel();
          if (status === 200) served++;
          else failed.push(status);
        }
      });
      const serveMore = async () => {
        const before = served;
        await eventually(() => assert.ok(served > before + 20, `${served} served`));
      };
      const isSaid = (words: RegExp) => () => assert.match(proxy.warnings.join("\n"), words);
      try {
        await serveMore();
        await server.stop();
        await eventually(isSaid(/left alone/));
        await serveMore();
        server = await startS3rver(port);
        await eventually(isSaid(/in use again/));
        await serveMore();
      } finally {
        done = true;
        await Promise.all(load);
      }
      assert.deepEqual(failed, []);
    }
    await server.stop();
  },
});

Deno.test("a directory keeps its bound under traffic, and what was asked for last", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const noise = (path: string) => {
      const bytes = new Uint8Array(100_000);
      crypto.getRandomValues(bytes.subarray(PICTURE.length, 60_000));
      bytes.set(PICTURE);
      return new Response(bytes, { headers: { "cache-control": "max-age=3600", "x-path": path } });
    };
    await using origin = startOrigin({}, (request) => noise(request.url));
    await using proxy = await startProxy({ config: { cache: [`${directory}?max=5MB`] } });
    let most = 0;
    for (let i = 0; i < 200; i++) {
      await (await proxy.get(`/${origin.url}/${i}.png`)).arrayBuffer();
      await (await proxy.get(`/${origin.url}/0.png`)).arrayBuffer();
      if (i % 40 === 39) most = Math.max(most, await bytesIn(directory));
    }
    assert.ok(most < 5.5e6, `${most} bytes`);
    assert.ok(most > 3e6, `${most} bytes`);
    const asked = origin.requests.filter(({ url }) => url.endsWith("/0.png")).length;
    assert.equal(asked, 1, "what is used stays");
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("imageproxy cache shows and empties a directory", async () => {
  const directory = await Deno.makeTempDir();
  try {
    await using origin = startOrigin({ "/a.png": FRESH, "/b.png": FRESH });
    {
      await using proxy = await startProxy({ config: { cache: [directory] } });
      for (const path of ["10x/$/a.png", "20x/$/a.png", "$/b.png"]) {
        await (await proxy.get(`/${path.replace("$", origin.url)}`)).arrayBuffer();
      }
    }
    const rows: readonly (readonly [string[], number, RegExp])[] = [
      [["stats"], 0, /^file: 4 entries, \d+ bytes\n$/],
      [["purge", `${origin.url}/a.png`], 0, /^3 entries removed\n$/],
      [["stats"], 0, /^file: 1 entries/],
      [["clear"], 0, /^1 entries removed/],
      [["stats"], 0, /^file: 0 entries, 0 bytes/],
      [["purge"], 1, /^$/],
    ];
    for (const [words, code, said] of rows) {
      const { code: ended, stdout } = await new Deno.Command(Deno.execPath(), {
        args: ["run", ...startPermissions(), "main.ts", "cache", ...words, "-cache", directory],
        cwd: new URL("../../", import.meta.url),
        stderr: "null",
      }).output();
      assert.equal(ended, code, words.join(" "));
      assert.match(new TextDecoder().decode(stdout), said, words.join(" "));
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

/** The program in a process of its own, with the permissions that it is started with. */
async function spawnProxy(flags: readonly string[]): Promise<AsyncDisposable & { url: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      ...startPermissions(),
      "main.ts",
      "-addr",
      "127.0.0.1:0",
      "-allowPrivateNetworks",
      ...flags,
    ],
    cwd: new URL("../../", import.meta.url),
    env: CREDENTIALS,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!/listening on \S+\n/.test(text)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`The proxy ended: ${text}`);
    text += value;
  }
  return {
    url: /listening on (\S+)\n/.exec(text)![1]!,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
      await reader.cancel();
    },
  };
}

function redisSpec(port: number): string {
  return `redis://127.0.0.1:${port}`;
}

async function read(url: string): Promise<Uint8Array> {
  const response = await fetch(url);
  assert.equal(response.status, 200);
  return new Uint8Array(await response.arrayBuffer());
}

async function bytesIn(directory: string): Promise<number> {
  let bytes = 0;
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    const path = `${directory}/${name}`;
    bytes += isDirectory
      ? await bytesIn(path)
      : (await Deno.stat(path).catch(() => undefined))?.size ?? 0;
  }
  return bytes;
}
