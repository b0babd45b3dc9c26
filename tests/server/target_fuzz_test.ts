// Request targets and Host headers as bytes over raw TCP: whatever they are, the server does not fail, and
// goes nowhere but to the host that it may go to.
import assert from "node:assert/strict";
import fc from "fast-check";
import { picture, startEngine } from "../testing/pictures.ts";
import { startProxy } from "../testing/proxy.ts";
import { startRawOrigin } from "../testing/raw_origin.ts";
import { requestRaw } from "../testing/raw_request.ts";

const RUNS = 10_000;
const AT_ONCE = 20;
const NAMED = "named.test";

await startEngine();
const PICTURE = picture(["rg", "by"]);

Deno.test("no request target and no Host header makes the server fail, or go to a host that is not allowed", async () => {
  await using origin = startRawOrigin(async (_, socket) => {
    await socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${PICTURE.length}\r\n\r\n`);
    await socket.write(PICTURE);
  }, { refusesTls: true });
  const lookups = new Set<string>();
  await using proxy = await startProxy({
    config: { allowHosts: [NAMED], ports: [String(origin.port)], cache: [] },
    lookup(hostname) {
      lookups.add(hostname);
      return Promise.resolve(["127.0.0.1"]);
    },
  });
  let served = 0;
  const check = fc.asyncProperty(target(origin.port), host(), async (target, host) => {
    const status = (await requestRaw(proxy.url, { target, host })).slice(9, 12);
    if (status === "200") served++;
    // The origin speaks no TLS: where the target asks for it, it fails and not the server.
    const isTls = status === "502" && /https/i.test(target);
    assert.ok(status === "" || status < "500" || isTls, status);
  });
  await Promise.all(
    Array.from({ length: AT_ONCE }, () => fc.assert(check, { numRuns: RUNS / AT_ONCE })),
  );
  assert.ok(served > RUNS / 20, `${served} were served`);
  assert.deepEqual([...lookups].filter((name) => name !== NAMED), []);
  for (const head of origin.heads) {
    assert.match(head, new RegExp(`\r\nhost: ${NAMED}:${origin.port}(?:\r\n|$)`, "i"));
    assert.equal(head.match(/\r\nhost:/gi)?.length, 1);
    assert.doesNotMatch(head, /^injected/im);
  }
});

/** Bytes, one character each. */
function bytes(): fc.Arbitrary<string> {
  return fc.uint8Array({ maxLength: 40 }).map((array) => String.fromCharCode(...array));
}

function target(port: number): fc.Arbitrary<string> {
  const at = `${NAMED}:${port}`;
  const piece = fc.oneof(
    fc.constantFrom(
      ...["/", "//", "x", "20x", "q50,", "http://", "https://", "http:/", "HTTP%3A%2F%2F", at, "@"],
      ...[
        "evil.test",
        `${at}@evil.test`,
        `evil.test:${port}`,
        `evil.test#@${at}`,
        `evil.test\\@${at}`,
      ],
      ...[
        "127.0.0.1",
        "[::1]",
        "%00",
        "%0d%0aInjected: 1",
        "%2e%2e",
        "..",
        "\\",
        "?",
        "#",
        "%",
        ":",
      ],
      ...[
        "\r\nInjected: 1",
        "\n",
        "\0",
        "\t",
        " ",
        "\xff",
        "\xc3\xa9",
        "%ff",
        "s",
        "vu1",
        "preset:",
      ],
    ),
    bytes(),
  );
  const soup = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));
  return fc.oneof(
    bytes(),
    soup.map((text) => `/${text}`),
    fc.tuple(soup, soup).map(([before, after]) => `/${before}/http://${at}${after}`),
    soup.map((text) => `/20x/http://${at}/${text}`),
    fc.tuple(soup, soup).map(([host, path]) => `/x/http://${host}/${path}`),
    soup.map((text) => `/x/${btoa(`http://${at}/${text}`).replace(/[+/=]/g, "_")}`),
    soup.map((text) => `/x/${encodeURIComponent(`http://${at}${text}`)}`),
  );
}

function host(): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant("localhost") },
    fc.constantFrom("", "evil.test", "a@b", "a/../b", "a?b", "a#b", "[::1]", "[", "a:b:c", "\xff"),
    bytes().map((text) => text.replaceAll(/[\r\n]/g, "")),
  );
}
