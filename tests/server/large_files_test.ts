import assert from "node:assert/strict";
import { openStore } from "../../src/cache/backends.ts";
import type { Config } from "../../src/settings/table.ts";
import {
  type ChangingOrigin,
  createClock,
  startChangingOrigin,
} from "../testing/changing_origin.ts";
import { findCommand } from "../testing/command.ts";
import { eventually } from "../testing/eventually.ts";
import { assertBody, bitmap } from "../testing/large_bodies.ts";
import { startProxy, type TestProxy } from "../testing/proxy.ts";

const BODY = bitmap({ width: 1500, height: 1000 });

interface Setup extends AsyncDisposable {
  clock: ReturnType<typeof createClock>;
  origin: ChangingOrigin;
  directory: string;
  proxy: TestProxy;
  /** Starts a proxy that has nothing but what is in the directory. */
  restart(config?: Partial<Config>): Promise<void>;
  ask(options?: string, init?: RequestInit): Promise<Response>;
  /** How the original, or the result, of the last request was found. */
  state(): string | undefined;
  /** The files of entries, largest first. */
  files(): Promise<string[]>;
}

/** A proxy on a directory that holds the original. */
async function setUp(headers: Record<string, string> = {}): Promise<Setup> {
  const clock = createClock();
  const origin = startChangingOrigin(clock, BODY);
  origin.headers = { "cache-control": "max-age=60", etag: '"a"', ...headers };
  const directory = await Deno.makeTempDir();
  const start = (config: Partial<Config>) =>
    startProxy({ config: { cache: [directory], stopTimeout: 300, ...config }, now: clock.now });
  const it: Setup = {
    clock,
    origin,
    directory,
    proxy: await start({}),
    async restart(config = {}) {
      await it.proxy[Symbol.asyncDispose]();
      it.proxy = await start(config);
    },
    ask: (options = "", init) => it.proxy.get(`/${options}/${origin.url}/a.bmp`, init),
    state() {
      const { result, original } = it.proxy.log.at(-1)!.cache!;
      return result ?? original;
    },
    async files() {
      const found: [string, number][] = [];
      for await (const folder of Deno.readDir(directory)) {
        if (folder.name === "tmp") continue;
        for await (const { name } of Deno.readDir(`${directory}/${folder.name}`)) {
          const path = `${directory}/${folder.name}/${name}`;
          found.push([path, (await Deno.stat(path)).size]);
        }
      }
      return found.sort((a, b) => b[1] - a[1]).map(([path]) => path);
    },
    async [Symbol.asyncDispose]() {
      await it.proxy[Symbol.asyncDispose]();
      await origin[Symbol.asyncDispose]();
      await Deno.remove(directory, { recursive: true });
    },
  };
  await bytesOf(await it.ask());
  await it.restart();
  return it;
}

const bytesOf = async (response: Response) => new Uint8Array(await response.arrayBuffer());

async function changeByte(path: string, at: number): Promise<void> {
  const bytes = await Deno.readFile(path);
  const place = at < 0 ? bytes.length + at : at;
  bytes[place] = bytes[place]! ^ 1;
  await Deno.writeFile(path, bytes);
}

Deno.test("a large file is sent as what was fetched, to all who ask at once", async () => {
  await using it = await setUp();
  const responses = await Promise.all(Array.from({ length: 10 }, () => it.ask()));
  for (const response of responses) {
    assert.equal(response.headers.get("content-type"), "image/bmp");
    assert.equal(response.headers.get("content-length"), String(BODY.length));
    assert.equal(response.headers.get("etag"), '"a"');
    await assertBody(response, BODY);
  }
  const head = await it.ask("", { method: "HEAD" });
  assert.equal(head.headers.get("content-length"), String(BODY.length));
  const unchanged = await it.ask("", { headers: { "if-none-match": '"a"' } });
  assert.equal(unchanged.status, 304);
  assert.equal(it.origin.count(), 1);
  assert.equal(it.proxy.log[0]!.bytes, BODY.length);
});

Deno.test("HEAD reads no more of a large file than its beginning", async () => {
  await using it = await setUp();
  const [path] = await it.files();
  await changeByte(path!, 3_000_000);
  const head = await it.ask("", { method: "HEAD" });
  assert.equal(head.headers.get("content-length"), String(BODY.length));
  assert.equal(it.state(), "hit");
  assert.deepEqual(await it.files(), [path], "who reads it all finds it spoilt and removes it");
  assert.equal(it.origin.count(), 1);
});

for (const [place, at] of [["beginning", 2000], ["middle", 3_000_000], ["end", -1]] as const) {
  Deno.test(`a file that is spoilt at its ${place} breaks off, and is fetched anew`, async () => {
    await using it = await setUp();
    const [path] = await it.files();
    await changeByte(path!, at);
    await assert.rejects(async () => await bytesOf(await it.ask()));
    assert.match(it.proxy.warnings.join(), /broke off.*spoilt/);
    assert.deepEqual(await it.files(), []);
    await assertBody(await it.ask(), BODY);
    assert.equal(it.state(), "miss");
    assert.equal(it.origin.count(), 2);
  });
}

Deno.test("a file that is torn or has a spoilt header is missing", async () => {
  await using it = await setUp();
  for (
    const spoil of [
      (path: string) => Deno.truncate(path, BODY.length - 10),
      (path: string) => changeByte(path, 30),
      (path: string) => changeByte(path, 0),
    ]
  ) {
    await spoil((await it.files())[0]!);
    await assertBody(await it.ask(), BODY);
    assert.equal(it.state(), "miss");
    await it.restart();
  }
  assert.equal(it.origin.count(), 4);
});

Deno.test("a file that is removed or replaced while it is sent goes out as it was", async () => {
  await using it = await setUp();
  for (
    const change of [
      (path: string) => Deno.remove(path),
      async (path: string) => {
        await Deno.writeFile(`${path}.new`, new Uint8Array(10));
        await Deno.rename(`${path}.new`, path);
      },
    ]
  ) {
    const target = `//${it.origin.url}/a.bmp`;
    using slow = await Deno.connect({
      hostname: "127.0.0.1",
      port: Number(new URL(it.proxy.url).port),
    });
    await slow.write(new TextEncoder().encode(
      `GET ${target} HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n`,
    ));
    const buffer = new Uint8Array(1 << 16);
    let received = await slow.read(buffer) ?? 0;
    await change((await it.files())[0]!);
    for (let count; (count = await slow.read(buffer)) !== null;) received += count;
    assert.ok(received > BODY.length);
    await assertBody(await it.ask(), BODY);
    assert.equal(it.state(), "miss");
    await it.restart();
  }
});

// Deno itself lets nobody look below /proc who may not do everything.
const ls = Deno.build.os === "linux" ? findCommand("ls") : undefined;

Deno.test({
  name: "a client that goes away leaves no file open" +
    (ls ? "" : " (skipped: ls cannot list the open files of a process here)"),
  ignore: !ls,
  fn: leavesNoFileOpen,
});

async function leavesNoFileOpen(): Promise<void> {
  await using it = await setUp();
  const open = async () => {
    const args = ["-l", `/proc/${Deno.pid}/fd`];
    const { stdout } = await new Deno.Command(ls!, { args }).output();
    return new TextDecoder().decode(stdout).split(it.directory).length - 1;
  };
  for (let round = 0; round < 20; round++) {
    const abort = new AbortController();
    const asked = it.ask("", { signal: abort.signal });
    const timer = round % 2 ? setTimeout(() => abort.abort(), round) : undefined;
    const reader = await asked.then((response) => response.body!.getReader(), () => undefined);
    await reader?.read().catch(() => {});
    abort.abort();
    clearTimeout(timer);
  }
  await eventually(async () => assert.equal(await open(), 0, "files are open"));
}

Deno.test("a large file that is asked for again is in memory from then on", async () => {
  await using it = await setUp();
  await it.restart({ cache: ["memory:20", it.directory] });
  for (let round = 0; round < 2; round++) await assertBody(await it.ask(), BODY);
  await Deno.remove((await it.files())[0]!);
  await assertBody(await it.ask(), BODY);
  assert.equal(it.state(), "hit");
  assert.equal(it.origin.count(), 1);
});

Deno.test("a large file is transformed, renewed and replaced as any other", async () => {
  await using it = await setUp();
  const large = await bytesOf(await it.ask("1200x,png,q100"));
  assert.equal(it.origin.count(), 1);
  it.clock.pass(100);
  await assertBody(await it.ask(), BODY);
  assert.equal(it.state(), "revalidated");
  assert.equal(it.origin.count(), 2);
  await assertBody(await it.ask("1200x,png,q100"), large);
  assert.equal(it.state(), "revalidated");
  await it.restart();
  it.clock.pass(100);
  await changeByte((await it.files())[0]!, -1);
  await assertBody(await it.ask(), BODY);
  assert.equal(it.state(), "miss");
});

Deno.test("a large result is sent from its file", async () => {
  await using it = await setUp();
  const made = await bytesOf(await it.ask("1400x,tiff"));
  assert.ok(made.length > 2_000_000);
  await it.restart();
  const response = await it.ask("1400x,tiff");
  assert.equal(response.headers.get("content-type"), "image/tiff");
  await assertBody(response, made);
  assert.equal(it.state(), "hit");
  assert.equal(it.proxy.poolStats().begun, 0);
});

Deno.test("a large file that goes between its header and its body is fetched again", async () => {
  await using it = await setUp();
  await it.proxy[Symbol.asyncDispose]();
  const path = (await it.files())[0]!;
  it.proxy = await startProxy({
    config: { cache: [it.directory], stopTimeout: 300 },
    now: it.clock.now,
    async openStore(spec) {
      const store = await openStore(spec, { env: () => undefined, log: () => {} });
      return {
        ...store,
        async open(key, options) {
          const found = await store.open!(key, options);
          if (found) await Deno.remove(path);
          return found;
        },
      };
    },
  });
  await assertBody(await it.ask(), BODY);
  assert.equal(it.state(), "miss");
  assert.equal(it.origin.count(), 2);
});

Deno.test("a range of a large file is cut out as it is read, and of a spoilt one breaks off", async () => {
  await using it = await setUp();
  const ask = (range: string) => it.ask("", { headers: { range } });
  const [start, end] = [1_000_000, 3_000_000];
  const part = await ask(`bytes=${start}-${end - 1}`);
  assert.equal(part.status, 206);
  assert.equal(part.headers.get("content-range"), `bytes ${start}-${end - 1}/${BODY.length}`);
  await assertBody(part, BODY.slice(start, end));
  await assertBody(await ask("bytes=-5"), BODY.slice(-5));
  assert.equal(it.state(), "hit");
  const none = await ask(`bytes=${BODY.length}-`);
  assert.equal(none.status, 416);
  await none.body?.cancel();

  const [file] = await it.files();
  await changeByte(file!, -1);
  const spoilt = await ask("bytes=0-99");
  assert.equal(spoilt.status, 206);
  await assert.rejects(spoilt.bytes());
  await assertBody(await it.ask(), BODY);
});
