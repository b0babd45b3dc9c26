import assert from "node:assert/strict";
import { createHttpProxy } from "../../../src/http/origin/http_proxy.ts";
import {
  createOriginFetcher,
  type OriginFetcherOptions,
} from "../../../src/http/origin/original.ts";
import { certificate, privateKey } from "../../testing/certificate.ts";
import { inTime } from "../../testing/eventually.ts";
import { fails, UNSIGNED } from "../../testing/fetching.ts";
import { startHttpProxy, type TestHttpProxyOptions } from "../../testing/http_proxy.ts";
import { freePort } from "../../testing/servers.ts";

/** An origin of http and one of https, a proxy that knows where origin.test is, and a fetcher behind it. */
async function withProxy(
  { proxy: proxyOptions, fetcher: fetcherOptions, user = "" }: {
    proxy?: TestHttpProxyOptions;
    fetcher?: OriginFetcherOptions;
    user?: string;
  },
  run: (it: {
    fetch(url: string): Promise<string>;
    http: number;
    https: number;
    asked: string[];
  }) => Promise<void>,
): Promise<void> {
  const answer = (request: Request) =>
    new Response(`${new URL(request.url).pathname} ${request.headers.get("proxy-authorization")}`);
  const listening = { hostname: "127.0.0.1", port: 0, onListen() {} };
  const plain = Deno.serve(listening, answer);
  const secure = Deno.serve({ ...listening, cert: certificate, key: privateKey }, answer);
  const resolve = (place: string) => place.replace("origin.test", "127.0.0.1");
  const proxy = startHttpProxy({ resolve, ...proxyOptions });
  const fetcher = createOriginFetcher({
    ca: [certificate],
    // Whatever is resolved here is not what the proxy resolves.
    lookup: () => Promise.reject(new Error("not by us")),
    proxy: createHttpProxy(`http://${user}127.0.0.1:${proxy.port}`, { direct: ["direct.test"] }),
    ports: ["1-65535"],
    ...fetcherOptions,
  });
  try {
    await run({
      fetch: async (url) => {
        const { body } = await fetcher.fetchOriginal(url, UNSIGNED);
        return new TextDecoder().decode(body);
      },
      http: plain.addr.port,
      https: secure.addr.port,
      asked: proxy.asked,
    });
  } finally {
    await fetcher.close();
    await proxy[Symbol.asyncDispose]();
    await plain.shutdown();
    await secure.shutdown();
  }
}

Deno.test("a proxy passes http on and tunnels https, and no origin hears of its password", async () => {
  await withProxy({ user: "me:se%3Acret@" }, async ({ fetch, http, https, asked }) => {
    const basic = `Basic ${btoa("me:se:cret")}`;
    assert.equal(await fetch(`http://origin.test:${http}/a/../b`), "/b null");
    assert.equal(await fetch(`https://origin.test:${https}/c`), "/c null");
    // Over the same connection.
    assert.equal(await fetch(`https://origin.test:${https}/d`), "/d null");
    assert.deepEqual(asked, [
      `GET http://origin.test:${http}/a/../b HTTP/1.1 ${basic}`,
      `CONNECT origin.test:${https} HTTP/1.1 ${basic}`,
    ]);
  });
});

Deno.test("behind a proxy the certificate is the origin's, and checked against its name", async () => {
  const resolve = (place: string) => place.replace(/^[^:]+/, "127.0.0.1");
  await withProxy({ proxy: { resolve } }, async ({ fetch, https }) => {
    await assert.rejects(
      fetch(`https://other.test:${https}/`),
      fails("bad_origin", /certificate is for another name/),
    );
  });
});

Deno.test("behind a proxy addresses in URLs are judged, and hosts by their names", async () => {
  const rows = [
    ["http://127.0.0.1/", "forbidden", /no public address/],
    ["https://10.1.2.3/", "forbidden", /no public address/],
    ["http://[::ffff:169.254.169.254]/", "forbidden", /no public address/],
    ["http://2130706433/", "forbidden", /no public address/],
    ["http://localhost/", "forbidden", /no public address/],
    ["http://a.localhost/", "forbidden", /no public address/],
    ["http://denied.test/", "forbidden", /its host is denied/],
  ] as const;
  await withProxy({ fetcher: { denyHosts: ["denied.test"] } }, async ({ fetch, asked }) => {
    for (const [url, code, sentence] of rows) {
      await assert.rejects(fetch(url), fails(code, sentence, url));
    }
    assert.deepEqual(asked, []);
  });
});

Deno.test("hosts that are asked directly are asked without the proxy", async () => {
  const lookup = () => Promise.resolve(["127.0.0.1"]);
  const fetcher = { lookup, allowPrivateNetworks: true };
  await withProxy({ fetcher }, async ({ fetch, http, asked }) => {
    assert.equal(await fetch(`http://direct.test:${http}/a`), "/a null");
    assert.deepEqual(asked, []);
  });
});

const REFUSALS: readonly (readonly [answer: string, sentence: RegExp])[] = [
  ["HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", /refuses to connect/],
  ["HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n\r\n", /refuses to connect/],
  ["HTTP/1.1 502 Bad Gateway\r\n\r\n", /refuses to connect/],
  ["HTTP/1.1 200 OK\r\n\r\nforged", /does not answer as one/],
  ["SSH-2.0-OpenSSH\r\n\r\n", /not valid HTTP|does not answer as one/],
  [`HTTP/1.1 200 OK\r\nX: ${"x".repeat(20_000)}\r\n\r\n`, /does not answer as one/],
];

for (const [answer, sentence] of REFUSALS) {
  Deno.test(`a proxy that answers CONNECT with ${JSON.stringify(answer.slice(0, 40))} is an error`, async () => {
    await withProxy({ proxy: { answer } }, async ({ fetch, https }) => {
      await assert.rejects(
        fetch(`https://origin.test:${https}/`),
        fails("bad_origin", sentence),
      );
    });
  });
}

Deno.test("a proxy that does not answer, or is not there, costs no longer than connecting may", async () => {
  const fetcher = { connectTimeout: 200 };
  await withProxy({ proxy: { isSilent: true }, fetcher }, async ({ fetch, https }) => {
    await inTime(assert.rejects(
      fetch(`https://origin.test:${https}/`),
      fails("timeout", "Connecting to the origin took too long"),
    ));
  });
  const proxy = createHttpProxy(`http://127.0.0.1:${freePort()}`, { direct: [] });
  const nowhere = createOriginFetcher({ proxy });
  await assert.rejects(
    nowhere.fetchOriginal("http://origin.test/", UNSIGNED),
    fails("bad_origin", "Cannot connect to the proxy on the way to the origin"),
  );
  await nowhere.close();
});

Deno.test("createHttpProxy() refuses what is no proxy of http, and repeats no password", () => {
  const wrong = [
    ...["proxy:3128", "https://proxy:3128", "socks5://proxy", "http://", "http://me:secret@"],
    ...["http://proxy/path", "http://proxy?secret", "http://proxy#x", ""],
  ];
  for (const text of wrong) {
    assert.throws(() => createHttpProxy(text, { direct: [] }), (error: Error) => {
      assert.match(error.message, /^must be http:\/\/host:port/, text);
      return true;
    }, text);
  }
});
