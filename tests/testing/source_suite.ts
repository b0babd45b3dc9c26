// The behaviour that every kind of source owes, run on each against the real thing, through the server's
// front door. Each row has a place of its own in the source, with a proxy around it.
import assert from "node:assert/strict";
import type { Config } from "../../src/settings/table.ts";
import { createClock } from "./changing_origin.ts";
import { ESCAPES } from "./escapes.ts";
import { letters, look, picture, startEngine } from "./pictures.ts";
import { startProxy, type TestProxy, type TestProxyOptions } from "./proxy.ts";
import { requestRaw } from "./raw_request.ts";

/** A running store of pictures. */
export interface SourceSubject {
  /** The location of a place in the store, empty at first, as -source takes it. */
  locate(place: string): string;
  /** Puts an object of that name into a place, or in place of another. Rejects where it cannot be named so. */
  put(place: string, object: PutObject): Promise<void>;
  /** The location of a store that does not answer; undefined where there is nothing to fail. */
  down?: string;
  /** Locations of stores that refuse, and what the operator is told of each. */
  refusing: readonly (readonly [location: string, told: RegExp])[];
  env?: Readonly<Record<string, string>>;
  /** Whether an object keeps a Cache-Control. */
  keepsCacheControl: boolean;
  stop(): PromiseLike<void>;
}

export interface PutObject {
  name: string;
  bytes: Uint8Array;
  cacheControl?: string;
}

await startEngine();
const PICTURE = picture(["rg", "by"], { scale: 20, format: "PNG" });
const OTHER = picture(["yb", "gr"], { scale: 20, format: "PNG" });

/** Registers one test of all rows; `missing` says what is not installed, and skips it. */
export function testSource(
  kind: string,
  { start, missing }: { start(): Promise<SourceSubject>; missing?: string | undefined },
): void {
  const title = missing ? `${kind} source (skipped: ${missing})` : `${kind} source`;
  Deno.test({ name: title, ignore: missing !== undefined }, async (t) => {
    const subject = await start();
    try {
      for (const [index, row] of ROWS.entries()) {
        await t.step({
          name: row.name,
          ignore: row.needs !== undefined && !subject[row.needs],
          fn: () => row.run(subject, `p${index}`),
        });
      }
    } finally {
      await subject.stop();
    }
  });
}

interface Row {
  name: string;
  needs?: "down" | "keepsCacheControl";
  run(subject: SourceSubject, place: string): Promise<void>;
}

interface Setup extends AsyncDisposable {
  proxy: TestProxy;
  clock: ReturnType<typeof createClock>;
  get(target: string, init?: RequestInit): Promise<Got>;
}

interface Got {
  status: number;
  headers: Headers;
  body: Uint8Array<ArrayBuffer>;
  text: string;
}

async function setUp(
  subject: SourceSubject,
  location: string,
  { config, ...options }: TestProxyOptions = {},
): Promise<Setup> {
  const clock = createClock();
  const proxy = await startProxy({
    env: (name) => subject.env?.[name],
    now: clock.now,
    ...options,
    config: { source: [`photos=${location}`], xCache: true, workers: 1, ...config },
  });
  return {
    proxy,
    clock,
    async get(target, init) {
      const response = await proxy.get(target, init);
      const body = new Uint8Array(await response.arrayBuffer());
      const { status, headers } = response;
      return { status, headers, body, text: new TextDecoder().decode(body) };
    },
    [Symbol.asyncDispose]: proxy[Symbol.asyncDispose],
  };
}

function withQuery(location: string, query: string): string {
  return `${location}${location.includes("?") ? "&" : "?"}${query}`;
}

function base64url(text: string): string {
  return new TextEncoder().encode(text).toBase64({ alphabet: "base64url", omitPadding: true });
}

const NAMES = [
  ..."+&=;@,'()!~*$",
  ...["%", "#", "?", "ü", "日本", "🙂", " ", '"', "[x]", "a b+c%20d"],
];

const ROWS: Row[] = [
  {
    name: "serves a picture by its name, in all three encodings and below a base",
    async run(subject, place) {
      await subject.put(place, { name: "a/b c.png", bytes: PICTURE });
      await using it = await setUp(subject, subject.locate(place), {
        config: { baseURL: "photos:" },
      });
      const paths = [
        "photos:a/b%20c.png",
        "photos:/a/b%20c.png",
        "photos://a/b%20c.png",
        "photos:a%2Fb%20c.png",
        "photos:a/b%20c.png?v=2",
        "photos%3Aa%2Fb%2520c.png",
        "photos%3aa/b%20c.png?v=3",
        base64url("photos:a/b c.png"),
        base64url("photos:a/b%20c.png"),
        "a/b%20c.png",
        "/a/b%20c.png",
        base64url("a/b%20c.png"),
      ];
      for (const path of paths) {
        const response = await it.get(`/20x,png/${path}`);
        assert.equal(response.status, 200, `${path}: ${response.text}`);
        assert.equal(letters(look(response.body), { scale: 10 }).join("/"), "rg/by", path);
      }
      assert.deepEqual((await it.get("/photos:a/b%20c.png")).body, PICTURE);
      assert.deepEqual((await it.get("//photos:a/b%20c.png")).body, PICTURE);
      const name = (await it.get("/x/photos:a/b%20c.png")).headers.get("content-disposition");
      assert.equal(name, `inline; filename="b c.png"`);
    },
  },
  {
    name: "serves below a base that is a folder of the source",
    async run(subject, place) {
      await subject.put(place, { name: "2026/a.png", bytes: PICTURE });
      for (const baseURL of ["photos:2026", "photos:2026/"]) {
        await using it = await setUp(subject, subject.locate(place), { config: { baseURL } });
        assert.equal((await it.get("/20x/a.png")).status, 200, baseURL);
        assert.equal((await it.get("/20x/photos:2026/a.png")).status, 200, baseURL);
        assert.equal((await it.get("/20x/2026/a.png")).status, 404, baseURL);
      }
    },
  },
  {
    name: "finds names of unusual characters",
    async run(subject, place) {
      await using it = await setUp(subject, subject.locate(place));
      for (const characters of NAMES) {
        const name = `x${characters}y.png`;
        await subject.put(place, { name, bytes: PICTURE });
        const response = await it.get(`/x/photos:${encodeURIComponent(name)}`);
        assert.equal(response.status, 200, `${name}: ${response.text}`);
      }
    },
  },
  {
    name: "keeps a picture while it is fresh, and asks whether it has changed once it is stale",
    async run(subject, place) {
      await subject.put(place, { name: "a.png", bytes: PICTURE });
      await using it = await setUp(subject, withQuery(subject.locate(place), "cache=60s"));
      const first = await it.get("/20x/photos:a.png");
      assert.equal(first.headers.get("x-cache"), "miss; original=miss");
      assert.match(first.headers.get("cache-control")!, /max-age=60\b/);
      assert.equal((await it.get("/20x/photos:a.png")).headers.get("x-cache"), "hit");
      it.clock.pass(61);
      const unchanged = await it.get("/20x/photos:a.png");
      assert.equal(unchanged.headers.get("x-cache"), "revalidated; original=revalidated");
      assert.deepEqual(unchanged.body, first.body);
      await subject.put(place, { name: "a.png", bytes: OTHER });
      it.clock.pass(61);
      const changed = await it.get("/20x/photos:a.png");
      assert.equal(changed.headers.get("x-cache"), "miss; original=miss");
      assert.equal(letters(look(changed.body), { scale: 10 }).join("/"), "yb/gr");
    },
  },
  {
    name: "passes validators on, and answers 304 to who has the picture",
    async run(subject, place) {
      await subject.put(place, { name: "a.png", bytes: PICTURE });
      await using it = await setUp(subject, subject.locate(place));
      const { headers } = await it.get("/photos:a.png");
      const etag = headers.get("etag")!;
      assert.match(etag, /^(?:W\/)?".+"$/);
      assert.ok(Date.parse(headers.get("last-modified")!) <= Date.now() + 2000);
      for (const target of ["/photos:a.png", "/20x/photos:a.png"]) {
        const { headers } = await it.get(target);
        const again = await it.get(target, { headers: { "if-none-match": headers.get("etag")! } });
        assert.equal(again.status, 304, target);
      }
    },
  },
  {
    name: "obeys the Cache-Control of an object",
    needs: "keepsCacheControl",
    async run(subject, place) {
      const objects = { "a.png": "public, max-age=7", "b.png": "no-store" };
      for (const [name, cacheControl] of Object.entries(objects)) {
        await subject.put(place, { name, bytes: PICTURE, cacheControl });
      }
      await using it = await setUp(subject, withQuery(subject.locate(place), "cache=60s"));
      const short = await it.get("/photos:a.png");
      assert.equal(short.headers.get("cache-control"), "public, max-age=7");
      await it.get("/photos:b.png");
      assert.equal((await it.get("/photos:b.png")).headers.get("x-cache"), "bypass");
    },
  },
  {
    name: "answers 404 for what is not there, and keeps that in mind",
    async run(subject, place) {
      await subject.put(place, { name: "folder/a.png", bytes: PICTURE });
      await using it = await setUp(subject, subject.locate(place));
      for (const path of ["missing.png", "folder", "folder/", "folder/a.png/", "folder/a.png/b"]) {
        assert.equal((await it.get(`/20x/photos:${path}`)).status, 404, path);
      }
      await subject.put(place, { name: "missing.png", bytes: PICTURE });
      assert.equal((await it.get("/20x/photos:missing.png")).status, 404);
      it.clock.pass(61);
      assert.equal((await it.get("/20x/photos:missing.png")).status, 200);
      assert.deepEqual(it.proxy.warnings, []);
    },
  },
  {
    name: "reads nothing outside its place, however that is written",
    async run(subject, place) {
      for (const outside of ["", `${place}-private`, `${place}/inside/..%2f`]) {
        await subject.put(outside, { name: "secret.png", bytes: OTHER }).catch(() => {});
      }
      await subject.put(`${place}/inside`, { name: "a.png", bytes: PICTURE });
      await using it = await setUp(subject, subject.locate(`${place}/inside`), {
        config: { baseURL: "photos:", notFoundCacheDuration: 0 },
      });
      assert.equal((await it.get("/x/photos:a.png")).status, 200);
      for (const escape of ESCAPES) {
        for (const target of [`/x/photos:${escape}`, `/x/photos%3A${escape}`, `/x/${escape}`]) {
          const bytes = new TextEncoder().encode(target);
          const line = await requestRaw(it.proxy.url, { target: String.fromCharCode(...bytes) });
          assert.match(line, / (?:400|404) /, target);
        }
        const encoded = await it.get(`/x/${base64url(`photos:${escape}`)}`);
        assert.ok([400, 404].includes(encoded.status), `${escape}: ${encoded.status}`);
      }
      assert.deepEqual(it.proxy.warnings, []);
      assert.equal((await it.get("/x/photos:a.png")).status, 200);
    },
  },
  {
    name: "serves a large picture piece by piece, and refuses one that is too large",
    async run(subject, place) {
      const large = new Uint8Array(3_000_000);
      large.set(PICTURE);
      await subject.put(place, { name: "large.png", bytes: large });
      await using it = await setUp(subject, subject.locate(place));
      const served = await it.get("/photos:large.png");
      assert.equal(served.headers.get("content-length"), String(large.length));
      assert.deepEqual(served.body, large);
      await using strict = await setUp(subject, subject.locate(place), {
        config: { maxSourceBytes: 2_999_999 },
      });
      assert.equal((await strict.get("/photos:large.png")).status, 413);
    },
  },
  {
    name: "lets those in whom hosts and keys let in",
    async run(subject, place) {
      await subject.put(place, { name: "a.png", bytes: PICTURE });
      const location = subject.locate(place);
      const rows: readonly (readonly [Partial<Config>, readonly string[], number])[] = [
        [{}, [], 200],
        [{ allowHosts: ["example.com"] }, [], 403],
        [{ allowHosts: ["example.com", "photos:"] }, [], 200],
        [{ allowHosts: ["photos:"] }, ["key"], 200],
        [{}, ["key"], 403],
        [{ denyHosts: ["photos:"] }, [], 403],
        [{ allowHosts: ["photos:"], denyHosts: ["photos:"] }, [], 403],
      ];
      for (const [config, keys, status] of rows) {
        await using it = await setUp(subject, location, { config, keys });
        assert.equal((await it.get("/x/photos:a.png")).status, status, JSON.stringify(config));
      }
    },
  },
  {
    name: "tells log and metrics its name",
    async run(subject, place) {
      await subject.put(place, { name: "a.png", bytes: PICTURE });
      await using it = await setUp(subject, subject.locate(place));
      await it.get("/x/photos:a.png");
      assert.equal(it.proxy.log.at(-1)!.host, "photos:");
      const metrics = await it.get("/metrics");
      assert.match(
        metrics.text,
        /imageproxy_origin_fetches_total\{host="photos:",outcome="ok"\} 1/,
      );
    },
  },
  {
    name: "answers 502 where the store refuses the proxy itself, and tells the operator why",
    async run(subject) {
      for (const [location, told] of subject.refusing) {
        await using it = await setUp(subject, location);
        for (const name of ["a.png", "b.png"]) {
          const { status, text } = await it.get(`/x/photos:${name}`);
          assert.equal(status, 502, `${location}: ${text}`);
          assert.equal(text, "The source of the picture cannot be read\n");
        }
        assert.equal(it.proxy.warnings.length, 1, it.proxy.warnings.join("\n"));
        assert.match(it.proxy.warnings[0]!, told);
        assert.match(it.proxy.warnings[0]!, /^The source photos: \(/);
      }
    },
  },
  {
    name: "answers 502 while the store is down, serves what it has, and tells the operator",
    needs: "down",
    async run(subject) {
      await using it = await setUp(subject, subject.down!);
      const { status, text } = await it.get("/x/photos:a.png");
      assert.equal(status, 502, text);
      assert.equal(it.proxy.warnings.length, 1);
      assert.match(it.proxy.warnings[0]!, /^The source photos: \(.*cannot be read/);
    },
  },
];
