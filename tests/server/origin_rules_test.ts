import assert from "node:assert/strict";
import { createClock } from "../testing/changing_origin.ts";
import { eventually } from "../testing/eventually.ts";
import { picture, startEngine } from "../testing/pictures.ts";
import { startHttpProxy } from "../testing/http_proxy.ts";
import { startOrigin, startProxy, type TestOrigin } from "../testing/proxy.ts";
import { type OriginRules, originRules } from "../../src/settings/origin_rules.ts";

await startEngine();
const PICTURE = picture(["rg", "by"], { scale: 20, format: "PNG" });

/** Both are this machine; as names of a host they are two. */
const HERE = "127.0.0.1";
const THERE = "localhost";

function rules(given: Record<string, unknown>): OriginRules {
  return originRules.parse(JSON.stringify(given));
}

function at(host: string, { url }: TestOrigin): string {
  return url.replace("127.0.0.1", host);
}

/** An origin that answers everything with the picture, and notes the headers it was asked with. */
function startNotingOrigin(
  answers: (origin: () => TestOrigin) => Parameters<typeof startOrigin>[0] = () => ({}),
) {
  const seen: Headers[] = [];
  const origin: TestOrigin = startOrigin(
    Object.fromEntries(
      Object.entries(answers(() => origin)).map(([path, answer]) => [path, (request: Request) => {
        seen.push(new Headers(request.headers));
        return answer instanceof Uint8Array ? new Response(answer) : answer(request);
      }]),
    ),
    (request) => {
      seen.push(new Headers(request.headers));
      return new Response(PICTURE);
    },
  );
  return Object.assign(origin, { seen });
}

const lookup = () => Promise.resolve(["127.0.0.1"]);

Deno.test("headers and user agent of a rule go to its hosts, and by no redirect to others", async () => {
  await using origin = startNotingOrigin((origin) => ({
    "/same": () => Response.redirect(`${at(HERE, origin())}/a.png?same`),
    "/away": () => Response.redirect(`${at(THERE, origin())}/a.png?away`),
    "/back": () => Response.redirect(`${at(HERE, origin())}/a.png?back`),
    "/away-and-back": () => Response.redirect(`${at(THERE, origin())}/back`),
  }));
  await using proxy = await startProxy({
    lookup,
    config: {
      workers: 1,
      passRequestHeaders: ["Authorization"],
      origins: rules({
        [HERE]: {
          headers: { Authorization: "Bearer ours", "X-Key": "k" },
          userAgent: "ours",
        },
      }),
    },
  });
  const rows = [
    ["/a.png", "Bearer ours", "k", "ours"],
    ["/same", "Bearer ours", "k", "ours"],
    ["/away", null, null, "imageproxy"],
    ["/away-and-back", null, null, "ours"],
  ] as const;
  for (const [path, authorization, key, agent] of rows) {
    const response = await proxy.get(`/x/${at(HERE, origin)}${path}`, {
      headers: { authorization: "Bearer theirs" },
    });
    assert.equal(response.status, 200, path);
    await response.body?.cancel();
    const headers = origin.seen.at(-1)!;
    assert.equal(headers.get("authorization"), authorization, path);
    assert.equal(headers.get("x-key"), key, path);
    assert.equal(headers.get("user-agent"), agent, path);
  }
  await (await proxy.get(`/x/${at(THERE, origin)}/back`)).body?.cancel();
  const headers = origin.seen.at(-1)!;
  assert.equal(headers.get("authorization"), null, "a stranger's redirect used our credentials");
  await (await proxy.get(`/x/${at(THERE, origin)}/a.png`)).body?.cancel();
  assert.equal(origin.seen.at(-1)!.get("x-key"), null);
});

Deno.test("what was fetched with a rule's Authorization is cached for all", async () => {
  await using origin = startOrigin({ "/a.png": PICTURE });
  await using proxy = await startProxy({
    config: {
      workers: 1,
      xCache: true,
      origins: rules({ [HERE]: { headers: { authorization: "Bearer ours" } } }),
    },
  });
  await (await proxy.get(`/20x/${origin.url}/a.png`)).body?.cancel();
  const again = await proxy.get(`/20x/${origin.url}/a.png`);
  assert.equal(again.headers.get("x-cache"), "hit");
  await again.body?.cancel();
});

Deno.test("a rule gives its hosts a default and a least lifetime", async () => {
  const clock = createClock();
  const old = new Date(clock.now() - 1_000_000_000).toUTCString();
  const answers: Record<string, HeadersInit> = {
    "/silent": {},
    "/modified": { "last-modified": old },
    "/short": { "cache-control": "max-age=5" },
    "/long": { "cache-control": "max-age=5000" },
    "/never": { "cache-control": "no-store" },
  };
  await using origin = startOrigin(Object.fromEntries(
    Object.entries(answers).map(([path, headers]) => [
      path,
      () =>
        new Response(PICTURE, {
          headers: { date: new Date(clock.now()).toUTCString(), ...headers },
        }),
    ]),
  ));
  await using proxy = await startProxy({
    lookup,
    now: clock.now,
    config: {
      workers: 1,
      defaultCacheDuration: 77_000,
      origins: rules({ [HERE]: { defaultCacheDuration: "600s", minCacheDuration: "60s" } }),
    },
  });
  const rows = [
    [HERE, "/silent", "max-age=600"],
    [HERE, "/modified", "max-age=600"],
    [HERE, "/short", "max-age=60"],
    [HERE, "/long", "max-age=5000"],
    [HERE, "/never", "no-store"],
    [THERE, "/silent", "max-age=77"],
    [THERE, "/modified", "max-age=86400"],
    [THERE, "/short", "max-age=5"],
  ] as const;
  for (const [host, path, control] of rows) {
    const response = await proxy.get(`/x/${at(host, origin)}${path}`);
    assert.equal(response.headers.get("cache-control"), control, host + path);
    await response.body?.cancel();
  }
});

Deno.test("a rule limits time, size and requests at once of its hosts alone", async () => {
  let asked = 0;
  let released = Promise.withResolvers<void>();
  await using origin = startOrigin({
    "/slow": () => new Promise((resolve) => setTimeout(() => resolve(new Response(PICTURE)), 400)),
    "/large": () => new Response(new Uint8Array(20_000)),
  }, async () => {
    asked++;
    await released.promise;
    return new Response(PICTURE);
  });
  const origins = rules({
    [HERE]: { maxSourceBytes: "10KB", maxRequestsPerHost: 2 },
    "hasty.test": { fetchTimeout: "150ms" },
  });
  await using proxy = await startProxy({
    lookup,
    config: { workers: 1, contentTypes: [], origins },
  });
  const statusOf = async (host: string, path: string) => {
    const response = await proxy.get(`/x/${at(host, origin)}${path}`);
    await response.body?.cancel();
    return response.status;
  };
  assert.equal(await statusOf("hasty.test", "/slow"), 504);
  assert.equal(await statusOf(THERE, "/slow"), 200);
  assert.equal(await statusOf(HERE, "/large"), 413);
  assert.equal(await statusOf(THERE, "/large"), 200);
  for (const [host, expected] of [[HERE, 2], [THERE, 4]] as const) {
    asked = 0;
    released = Promise.withResolvers();
    const answers = [1, 2, 3, 4].map((number) => statusOf(host, `/${number}`));
    await eventually(() => assert.equal(asked, expected, host));
    // For those that should not come, and would by now.
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(asked, expected, host);
    released.resolve();
    await Promise.all(answers);
  }
});

Deno.test("a rule of a source holds for the source, and for its host by no other way", async () => {
  await using origin = startNotingOrigin();
  await using proxy = await startProxy({
    env: (name) => ({ AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "secret" })[name],
    config: {
      workers: 1,
      source: [`shop=${origin.url}/in/`, `bucket=s3://local/in?endpoint=${origin.url}`],
      origins: rules({
        "shop:": { headers: { Authorization: "Bearer ours" }, defaultCacheDuration: "9m" },
        "bucket:": { headers: { "X-Amz-Request-Payer": "requester", Authorization: "not this" } },
      }),
    },
  });
  const shop = await proxy.get("/x/shop:a.png");
  assert.equal(shop.headers.get("cache-control"), "max-age=540");
  await shop.body?.cancel();
  assert.equal(origin.seen.at(-1)!.get("authorization"), "Bearer ours");
  await (await proxy.get(`/x/${origin.url}/in/a.png`)).body?.cancel();
  assert.equal(origin.seen.at(-1)!.get("authorization"), null);
  await (await proxy.get("/x/bucket:a.png")).body?.cancel();
  const headers = origin.seen.at(-1)!;
  assert.equal(headers.get("x-amz-request-payer"), "requester");
  assert.match(headers.get("authorization")!, /^AWS4.*SignedHeaders=[^,]*x-amz-request-payer/);
});

Deno.test("with -proxy origins, aliases and buckets are asked through it, and others are not", async () => {
  await using origin = startNotingOrigin();
  await using way = startHttpProxy({ resolve: () => new URL(origin.url).host });
  await using proxy = await startProxy({
    env: (name) => ({ AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "secret" })[name],
    config: {
      workers: 1,
      proxy: `http://me:secret@127.0.0.1:${way.port}`,
      noProxy: ["127.0.0.1"],
      source: [
        "shop=http://shop.test/in/",
        "bucket=s3://local/in?endpoint=http://s3.test&s3ForcePathStyle=1",
      ],
    },
  });
  for (
    const remote of [
      "http://web.test/a.png",
      "shop:a.png",
      "bucket:a.png",
      `${origin.url}/a.png`,
    ]
  ) {
    const response = await proxy.get(`/20x/${remote}`);
    assert.equal(response.status, 200, remote);
    await response.body?.cancel();
  }
  const targets = way.asked.map((line) => line.split(" ")[1]);
  assert.deepEqual(targets, [
    "http://web.test/a.png",
    "http://shop.test/in/a.png",
    "http://s3.test/in/a.png",
  ]);
  assert.equal(origin.seen.length, 4);
});
