import assert from "node:assert/strict";
import { type ErrorCode, ProxyError } from "../../../src/errors.ts";
import {
  createOriginFetcher,
  type OriginFetcherOptions,
} from "../../../src/http/origin/original.ts";
import { answer, type Respond, startRawOrigin } from "../../testing/raw_origin.ts";

/** Answers `/{n}` with a redirect to `/{n - 1}`, `/0` with an image, and `/to/{url}` with one to there. */
const respond: Respond = (target, socket) => {
  if (target.startsWith("/to/")) {
    return socket.write(answer(302, { Location: decodeURIComponent(target.slice(4)) }));
  }
  const left = Number(target.slice(1));
  return socket.write(
    left === 0 ? answer(200, {}, "image") : answer(302, { Location: `/${left - 1}` }),
  );
};

async function fetchFrom(
  target: string,
  options: OriginFetcherOptions,
  { host = "a.test", signed = false, headers = {} } = {},
) {
  await using origin = startRawOrigin(respond);
  const fetcher = createOriginFetcher({
    lookup: (name) => Promise.resolve([name === "private.test" ? "127.0.0.2" : "127.0.0.1"]),
    ...options,
  });
  try {
    const url = `http://${host}:${origin.port}${target.replaceAll("PORT", String(origin.port))}`;
    const original = await fetcher.fetchOriginal(url, { signed, headers });
    return { original, heads: origin.heads };
  } catch (error) {
    return { error, heads: origin.heads };
  } finally {
    await fetcher.close();
  }
}

function assertFails(error: unknown, code: ErrorCode, message: string, row?: string) {
  assert.ok(error instanceof ProxyError, `${row}: ${error}`);
  assert.deepEqual([error.code, error.message], [code, message], row);
}

const LOCAL = { allowPrivateNetworks: true };
const to = (url: string) => `/to/${encodeURIComponent(url)}`;

Deno.test("a redirect is followed, and the answer says where to", async () => {
  for (const status of [301, 302, 303, 307, 308]) {
    await using origin = startRawOrigin((target, socket) =>
      socket.write(
        target === "/" ? answer(status, { Location: "x/../y?z" }) : answer(200, {}, "image"),
      )
    );
    const fetcher = createOriginFetcher(LOCAL);
    const { url, body } = await fetcher.fetchOriginal(`${origin.url}/`, { signed: false });
    assert.deepEqual([url, body.length], [`${origin.url}/y?z`, 5], String(status));
    await fetcher.close();
  }
});

Deno.test("ten redirects are followed and the eleventh is not", async () => {
  assert.equal((await fetchFrom("/10", LOCAL)).original?.status, 200);
  const { error, heads } = await fetchFrom("/11", LOCAL);
  assertFails(error, "bad_origin", "The origin redirects more than 10 times");
  assert.equal(heads.length, 11);
});

Deno.test("a circle of redirects ends", async () => {
  const { error, heads } = await fetchFrom("/-1", { ...LOCAL, maxRedirects: 3 });
  assertFails(error, "bad_origin", "The origin redirects more than 3 times");
  assert.equal(heads.length, 4);
});

Deno.test("a redirect is an error where redirects are not followed", async () => {
  const { error, heads } = await fetchFrom("/1", { ...LOCAL, followRedirects: false });
  assertFails(error, "bad_origin", "The origin redirects, and redirects are not followed");
  assert.equal(heads.length, 1);
});

Deno.test("a redirect passes the same gate as the first URL", async () => {
  const exempt = { exemptHosts: ["a.test"] };
  const noAddress = "The remote URL is refused: its host has no public address";
  const scheme = "The origin redirects to a URL that does not start with http:// or https://";
  const rows: [location: string, OriginFetcherOptions, signed: boolean, ErrorCode, string][] = [
    ["http://127.0.0.1:PORT/0", exempt, true, "forbidden", noAddress],
    ["http://private.test:PORT/0", exempt, true, "forbidden", noAddress],
    ["http://localhost:PORT/0", exempt, true, "forbidden", noAddress],
    ["http://[::1]:PORT/0", exempt, true, "forbidden", noAddress],
    ["http://2130706433:PORT/0", exempt, true, "forbidden", noAddress],
    ["http://169.254.169.254/latest/meta-data", exempt, true, "forbidden", noAddress],
    ["file:///etc/passwd", exempt, true, "forbidden", scheme],
    ["ftp://a.test/0", exempt, true, "forbidden", scheme],
    ["data:image/gif;base64,R0lGOD", exempt, true, "forbidden", scheme],
    [
      "http://u:p@a.test/0",
      exempt,
      true,
      "forbidden",
      "The origin redirects to a URL that holds a user name or password",
    ],
    [
      "http://a.test:25/",
      exempt,
      true,
      "forbidden",
      "The origin's redirect is refused: port 25 is not allowed",
    ],
    [
      "http://b.test:PORT/0",
      { ...LOCAL, denyHosts: ["b.test"] },
      true,
      "forbidden",
      "The origin's redirect is refused: its host is denied",
    ],
    [
      "http://b.test:PORT/0",
      { ...LOCAL, allowHosts: ["a.test"] },
      false,
      "forbidden",
      "The origin's redirect is refused: its host is not allowed",
    ],
    ["", exempt, true, "bad_origin", "The origin redirects to a URL that is empty"],
    [
      "http://:1/",
      exempt,
      true,
      "bad_origin",
      "The origin redirects to a URL that names no valid host",
    ],
  ];
  for (const [location, options, signed, code, message] of rows) {
    const { error, heads } = await fetchFrom(to(location), options, { signed });
    assertFails(error, code, message, location);
    assert.equal(heads.length, 1, location);
  }
});

Deno.test("a redirect leaves the allowed hosts if the request was signed", async () => {
  const options = { ...LOCAL, allowHosts: ["a.test"] };
  const { original } = await fetchFrom(to("http://b.test:PORT/0"), options, { signed: true });
  assert.equal(original?.status, 200);
});

Deno.test("what was passed on to one origin is not sent to another", async () => {
  const headers = {
    Authorization: "Basic YQ==",
    Cookie: "a=b",
    "X-Api-Key": "1",
    "Accept-Language": "de",
  };
  const { heads } = await fetchFrom(to("http://b.test:PORT/0"), LOCAL, { headers });
  assert.match(heads[0]!, /authorization: Basic YQ==[^]*cookie: a=b/i);
  assert.doesNotMatch(heads[1]!, /authorization|cookie|x-api-key/i);
  assert.match(heads[1]!, /accept-language: de/i);
  const same = await fetchFrom(to("/0"), LOCAL, { headers });
  assert.match(same.heads[1]!, /authorization: Basic YQ==/i);
});

Deno.test("a redirect without a Location is the origin's error", async () => {
  await using origin = startRawOrigin((_, socket) => socket.write(answer(302)));
  const fetcher = createOriginFetcher(LOCAL);
  await fetcher.fetchOriginal(origin.url, { signed: false }).then(
    () => assert.fail(),
    (error) => assertFails(error, "bad_origin", "The origin redirects without saying where to"),
  );
  await fetcher.close();
});

Deno.test("mayFetch() says of a URL that was redirected to what a redirect there would be told", async () => {
  const rows: [OriginFetcherOptions, signed: boolean, boolean][] = [
    [{}, false, true],
    [{ followRedirects: false }, true, false],
    [{ allowHosts: ["a.test"] }, false, false],
    [{ allowHosts: ["a.test"] }, true, true],
    [{ denyHosts: ["b.test"] }, true, false],
    [{ ports: ["80"] }, true, false],
  ];
  for (const [options, signed, expected] of rows) {
    const fetcher = createOriginFetcher({ ...LOCAL, ...options });
    assert.equal(fetcher.mayFetch("http://b.test:8080/0", { signed }), expected);
    await fetcher.close();
  }
});
