import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { ErrorCode } from "../../../src/errors.ts";
import { readWhole } from "../../../src/http/origin/arriving_body.ts";
import {
  createOriginFetcher,
  type OriginFetcherOptions,
} from "../../../src/http/origin/original.ts";
import {
  authorised,
  authorisedKey,
  authority,
  certificate,
  expired,
  notYetValid,
  privateKey,
} from "../../testing/certificate.ts";
import { fails, UNSIGNED, withOrigin } from "../../testing/fetching.ts";
import { answer, type Respond, startRawOrigin } from "../../testing/raw_origin.ts";

const LOCAL: OriginFetcherOptions = { allowPrivateNetworks: true };
const text = (body: Uint8Array) => new TextDecoder().decode(body);

Deno.test("fetchOriginal() returns status, headers and body", async () => {
  const raw = "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nLink: <a>\r\nLINK: <b>\r\n" +
    "Connection: keep-alive, X-Private\r\nX-Private: 1\r\nKeep-Alive: timeout=9\r\n" +
    "Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 5\r\n\r\nimage";
  await withOrigin((_, socket) => socket.write(raw), {}, async (fetcher, origin) => {
    const original = await fetcher.fetchOriginal(`${origin.url}/a.png#x`, UNSIGNED);
    assert.deepEqual({ ...original, body: text(original.body) }, {
      status: 200,
      headers: { "content-type": "image/png", link: "<a>, <b>", "content-length": "5" },
      setCookies: ["a=1", "b=2"],
      body: "image",
      url: `${origin.url}/a.png`,
    });
  });
});

Deno.test("fetchOriginal() sends its own headers and passes the given ones on", async () => {
  await withOrigin(
    (_, socket) => socket.write(answer(200)),
    { userAgent: "proxy/1" },
    async (fetcher, origin) => {
      await fetcher.fetchOriginal(origin.url, UNSIGNED);
      await fetcher.fetchOriginal(origin.url, {
        signed: false,
        headers: {
          Accept: "image/webp",
          Referer: "https://a.test/",
          Host: "evil.test",
          Connection: "upgrade",
          Range: "bytes=0-1",
          "Accept-Encoding": "br",
          "Content-Length": "9",
          "X-Any": "1",
        },
      });
      const host = `host: 127.0.0.1:${origin.port}`;
      const common = [
        "GET / HTTP/1.1",
        host,
        "connection: keep-alive",
        "accept-encoding: identity",
      ];
      const lines = (head: string) =>
        head.split("\r\n").map((line, i) => i === 0 ? line : line.toLowerCase()).sort();
      assert.deepEqual(
        lines(origin.heads[0]!),
        [...common, "accept: image/*", "user-agent: proxy/1"].sort(),
      );
      assert.deepEqual(
        lines(origin.heads[1]!),
        [
          ...common,
          "accept: image/webp",
          "user-agent: proxy/1",
          "referer: https://a.test/",
          "x-any: 1",
        ].sort(),
      );
    },
  );
});

Deno.test("fetchOriginal() rejects a header that cannot be sent", async () => {
  await withOrigin(() => {}, {}, async (fetcher, origin) => {
    const request = { signed: false, headers: { "X-Any": "a\r\nHost: evil.test" } };
    await assert.rejects(fetcher.fetchOriginal(origin.url, request), fails("malformed", /header/));
    assert.equal(origin.connections, 0);
  });
});

Deno.test("fetchOriginal() sends path and query byte for byte", async () => {
  const targets = [
    "/",
    "/a/../b/./c",
    "/../../etc/passwd",
    "/%2e%2e/%2F%2f",
    "//a///b//",
    "/a\\b\\..\\c",
    "/a|b{c}d^e`f\"g<h>i'j",
    "/%zz%",
    "/a;b=c,d!$&()*+:@[]~",
    "/?",
    "/?a=b&&c=%20+?/../x#".slice(0, -1),
    "/http://other.test//x/../y",
    "/a?b=http://other.test/?c",
  ];
  await withOrigin((_, socket) => socket.write(answer(200)), {}, async (fetcher, origin) => {
    for (const target of targets) {
      const { url } = await fetcher.fetchOriginal(`${origin.url}${target}`, UNSIGNED);
      assert.equal(url, `${origin.url}${target}`);
    }
    assert.deepEqual(origin.targets, targets);
    await fetcher.fetchOriginal(`${origin.url}?a=/b`, UNSIGNED);
    await fetcher.fetchOriginal(`${origin.url}/bü€😀?ä`, UNSIGNED);
    assert.deepEqual(origin.targets.slice(-2), ["/?a=/b", "/b%C3%BC%E2%82%AC%F0%9F%98%80?%C3%A4"]);
  });
});

Deno.test("fetchOriginal() maps what the origin answers", async () => {
  const rows: [status: number, ErrorCode | undefined][] = [
    [200, undefined],
    [203, undefined],
    [201, "bad_origin"],
    [299, "bad_origin"],
    [204, "bad_origin"],
    [205, "bad_origin"],
    [206, "bad_origin"],
    [300, "bad_origin"],
    [304, "bad_origin"],
    [305, "bad_origin"],
    [400, "bad_origin"],
    [401, "bad_origin"],
    [403, "bad_origin"],
    [404, "not_found"],
    [410, "not_found"],
    [429, "bad_origin"],
    [500, "bad_origin"],
    [503, "bad_origin"],
  ];
  const respond: Respond = (target, socket) => socket.write(answer(Number(target.slice(1))));
  await withOrigin(respond, {}, async (fetcher, origin) => {
    for (const [status, code] of rows) {
      const fetched = fetcher.fetchOriginal(`${origin.url}/${status}`, UNSIGNED);
      if (code === undefined) assert.equal((await fetched).status, status);
      else await assert.rejects(fetched, fails(code, `The origin answered ${status}`));
    }
    assert.ok(origin.connections <= 2, `${origin.connections} connections`);
  });
});

Deno.test("fetchOriginal() returns a 304 to a conditional request", async () => {
  const raw = 'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nCache-Control: max-age=9\r\n\r\n';
  await withOrigin((_, socket) => socket.write(raw), {}, async (fetcher, origin) => {
    for (const name of ["If-None-Match", "if-modified-since"]) {
      const request = { signed: false, headers: { [name]: '"a"' } };
      const { status, headers, body } = await fetcher.fetchOriginal(origin.url, request);
      assert.deepEqual([status, headers["cache-control"], body.length], [304, "max-age=9", 0]);
    }
  });
});

Deno.test("fetchOriginal() refuses URLs that are no address of an original", async () => {
  const rows: [string, ErrorCode, RegExp][] = [
    ["", "malformed", /http:\/\/ or https:\/\//],
    ["/relative.png", "malformed", /http:\/\/ or https:\/\//],
    ["file:///etc/passwd", "malformed", /http:\/\/ or https:\/\//],
    ["ftp://a.test/", "malformed", /http:\/\/ or https:\/\//],
    ["data:image/png,x", "malformed", /http:\/\/ or https:\/\//],
    ["javascript:alert(1)", "malformed", /http:\/\/ or https:\/\//],
    ["http:a.test", "malformed", /names no host/],
    ["http:a//127.0.0.1/", "malformed", /names no host/],
    ["http:///a.test", "malformed", /names no host/],
    ["http://user@a.test/", "malformed", /user name/],
    ["http://a.test:80@127.0.0.1/", "malformed", /user name/],
    ["http://a.test\\@127.0.0.1/", "malformed", /user name/],
    ["http://a.test\\.evil.test/", "malformed", /backslash/],
    ["http://a.test/ x", "malformed", /space/],
    ["http://a.test/\r\nX: y", "malformed", /control/],
    ["http://a\t.test/", "malformed", /control/],
    ["http://a.test/\0", "malformed", /control/],
    ["http://a.test/\ud800", "malformed", /Unicode/],
    ["http://a.test:99999/", "malformed", /no valid host/],
    ["http://[::1/", "malformed", /no valid host/],
    ["http://a..test/", "malformed", /no valid host/],
    ["http://[fe80::1%25eth0]/", "malformed", /no valid host/],
    ["http://a.test:22/", "forbidden", /port 22 is not allowed/],
    ["https://a.test:25/", "forbidden", /port 25 is not allowed/],
  ];
  const fetcher = createOriginFetcher({ lookup: () => Promise.reject(new Error("looked up")) });
  for (const [url, code, message] of rows) {
    await assert.rejects(fetcher.fetchOriginal(url, UNSIGNED), fails(code, message), url);
  }
  await fetcher.close();
});

Deno.test("fetchOriginal() enforces the ports, denied and allowed hosts", async () => {
  await withOrigin((_, socket) => socket.write(answer(200)), {}, async (_fetcher, origin) => {
    const lookup = () => Promise.resolve(["127.0.0.1"]);
    const rows: [OriginFetcherOptions, host: string, signed: boolean, string | undefined][] = [
      [{}, "a.test", false, undefined],
      [{ ports: ["443"] }, "a.test", true, `port ${origin.port} is not allowed`],
      [{ ports: ["80", `${origin.port}-${origin.port}`] }, "a.test", false, undefined],
      [{ allowHosts: ["*.a.test"] }, "b.a.test", false, undefined],
      [{ allowHosts: ["*.a.test"] }, "b.test", false, "its host is not allowed"],
      [{ allowHosts: ["*.a.test"] }, "b.test", true, undefined],
      [{ allowHosts: [] }, "a.test", false, "its host is not allowed"],
      [{ denyHosts: ["a.test"] }, "A.TEST.", true, "its host is denied"],
      [{ denyHosts: ["a.test"], allowHosts: ["a.test"] }, "a.test", true, "its host is denied"],
      [{ denyHosts: ["127.0.0.0/8"] }, "127.0.0.1", true, "its host is denied"],
      [{ denyHosts: ["127.0.0.0/8"] }, "a.test", true, "its host is denied"],
      [{ denyHosts: ["127.0.0.1"] }, "a.test", true, "its host is denied"],
      [{ denyHosts: ["127.0.0.1"] }, "2130706433", true, "its host is denied"],
      [{ denyHosts: ["127.0.0.1"] }, "[64:ff9b::7f00:1]", true, "its host is denied"],
    ];
    for (const [options, host, signed, refusal] of rows) {
      const fetcher = createOriginFetcher({ ...LOCAL, lookup, ...options });
      const fetched = fetcher.fetchOriginal(`http://${host}:${origin.port}/`, { signed });
      if (refusal === undefined) assert.equal((await fetched).status, 200);
      else {
        const message = `The remote URL is refused: ${refusal}`;
        await assert.rejects(fetched, fails("forbidden", message), JSON.stringify([options, host]));
      }
      await fetcher.close();
    }
  });
});

Deno.test("fetchOriginal() refuses addresses that are not public, in every spelling", async () => {
  await withOrigin((_, socket) => socket.write(answer(200)), {}, async (_, origin) => {
    const names: Record<string, string[]> = {
      "private.test": ["127.0.0.1"],
      "mixed.test": ["1.1.1.1", "127.0.0.1"],
      "mapped.test": ["::ffff:127.0.0.1"],
      "zone.test": ["fe80::1%lo"],
      "odd.test": ["0x7f.1"],
      localhost: ["::1", "127.0.0.1"],
    };
    const lookup = (name: string) => Promise.resolve(names[name] ?? []);
    const fetcher = createOriginFetcher({ lookup });
    const hosts = [
      ...Object.keys(names),
      "LOCALHOST.",
      "127.0.0.1",
      "127.0.0.1.",
      "127.1",
      "2130706433",
      "0x7f000001",
      "0177.0.0.1",
      "0",
      "0.0.0.0",
      "１２７.0.0.1",
      "[::]",
      "[::1]",
      "[::ffff:127.0.0.1]",
      "[::127.0.0.1]",
      "[64:ff9b::127.0.0.1]",
      "[2002:7f00:1::]",
      "169.254.169.254",
    ];
    for (const host of hosts) {
      const fetched = fetcher.fetchOriginal(`http://${host}:${origin.port}/`, { signed: true });
      const message = "The remote URL is refused: its host has no public address";
      await assert.rejects(fetched, fails("forbidden", message), host);
    }
    assert.equal(origin.connections, 0);
    await fetcher.close();
  });
});

Deno.test("fetchOriginal() dials a private address for hosts that are exempt", async () => {
  await withOrigin((_, socket) => socket.write(answer(200)), {}, async (_, origin) => {
    const lookup = () => Promise.resolve(["127.0.0.1"]);
    const rows: [OriginFetcherOptions, host: string, signed: boolean, allowed: boolean][] = [
      [{ allowHosts: ["a.test"] }, "a.test", false, true],
      [{ allowHosts: ["a.test"] }, "A.Test.", false, true],
      [{ allowHosts: ["*.a.test"] }, "a.test", false, false],
      [{ allowHosts: ["*.a.test"] }, "b.a.test", false, false],
      [{ allowHosts: ["a.test"] }, "b.test", true, false],
      [{ allowHosts: ["127.0.0.0/8"] }, "127.0.0.1", false, true],
      [{ allowHosts: ["127.0.0.0/8"] }, "a.test", true, true],
      [{ allowHosts: ["10.0.0.0/8"] }, "127.0.0.1", true, false],
      [{ allowHosts: ["127.0.0.1"] }, "127.0.0.1", false, true],
      [{ exemptHosts: ["a.test"] }, "a.test", false, true],
      [{ exemptHosts: ["a.test"] }, "b.test", false, false],
      [{ exemptHosts: ["127.0.0.0/8"] }, "b.test", false, true],
      [{ allowPrivateNetworks: true }, "b.test", false, true],
      [{ exemptHosts: ["a.test"], denyHosts: ["127.0.0.0/8"] }, "a.test", false, false],
    ];
    for (const [options, host, signed, allowed] of rows) {
      const fetcher = createOriginFetcher({ lookup, ...options });
      const fetched = fetcher.fetchOriginal(`http://${host}:${origin.port}/`, { signed });
      const row = JSON.stringify([options, host]);
      if (allowed) assert.equal((await fetched).status, 200, row);
      else await assert.rejects(fetched, fails("forbidden", /refused/), row);
      await fetcher.close();
    }
  });
});

Deno.test("fetchOriginal() dials only the answer that was judged, whatever the name says next", async () => {
  await withOrigin((_, socket) => socket.write(answer(200)), {}, async (_, origin) => {
    // The second answer is the private one, as a rebinding attack has it, and then the other way round.
    let count = 0;
    const lookup = () => Promise.resolve(count++ % 2 === 0 ? ["192.0.2.1"] : ["127.0.0.1"]);
    const fetcher = createOriginFetcher({
      lookup,
      exemptHosts: ["192.0.2.0/24"],
      connectTimeout: 200,
    });
    const url = `http://rebind.test:${origin.port}/`;
    await assert.rejects(fetcher.fetchOriginal(url, UNSIGNED));
    assert.equal(count, 1, "one look-up for one connection");
    await assert.rejects(
      fetcher.fetchOriginal(url, UNSIGNED),
      fails("forbidden", /no public address/),
    );
    assert.equal(origin.connections, 0);
    await fetcher.close();
  });
});

Deno.test("fetchOriginal() tries the next address when one refuses", async () => {
  await withOrigin((_, socket) => socket.write(answer(200)), {
    lookup: () => Promise.resolve(["127.0.0.77", "::1", "127.0.0.1"]),
  }, async (fetcher, origin) => {
    const { status } = await fetcher.fetchOriginal(`http://a.test:${origin.port}/`, UNSIGNED);
    assert.equal(status, 200);
  });
});

Deno.test("fetchOriginal() reports names that do not resolve and ports that refuse", async () => {
  const lookup = (name: string) =>
    name === "none.test"
      ? Promise.resolve([])
      : name === "fail.test"
      ? Promise.reject(new Error("SERVFAIL from 10.0.0.53"))
      : Promise.resolve(["127.0.0.1"]);
  const origin = startRawOrigin(() => {});
  await origin[Symbol.asyncDispose]();
  const fetcher = createOriginFetcher({ ...LOCAL, lookup });
  const rows: [string, string][] = [
    ["http://none.test/", "The origin's host name cannot be resolved"],
    ["http://fail.test/", "The origin's host name cannot be resolved"],
    [`http://a.test:${origin.port}/`, "Cannot connect to the origin"],
  ];
  for (const [url, message] of rows) {
    await assert.rejects(fetcher.fetchOriginal(url, UNSIGNED), fails("bad_origin", message), url);
  }
  await fetcher.close();
});

Deno.test("fetchOriginal() uses a kept connection again, and a new one if it was closed meanwhile", async () => {
  let answered = 0;
  const respond: Respond = async (_, socket) => {
    if (++answered === 2) return socket.close();
    await socket.write(answer(200));
  };
  await withOrigin(respond, {}, async (fetcher, origin) => {
    await fetcher.fetchOriginal(origin.url, UNSIGNED);
    assert.equal((await fetcher.fetchOriginal(origin.url, UNSIGNED)).status, 200);
    assert.deepEqual([answered, origin.connections], [3, 2]);
  });
});

Deno.test("fetchOriginal() ends with the caller's signal and ends the transfer", async () => {
  const closed = Promise.withResolvers<void>();
  const respond: Respond = async (target, socket) => {
    if (target === "/body") await socket.write("HTTP/1.1 200 OK\r\n\r\nx");
    await socket.closed;
    closed.resolve();
  };
  for (const target of ["/head", "/body"]) {
    await withOrigin(respond, {}, async (fetcher, origin) => {
      const abort = new AbortController();
      const reason = new Error("gone");
      const fetched = fetcher.fetchOriginal(origin.url + target, {
        signed: false,
        signal: abort.signal,
      });
      setTimeout(() => abort.abort(reason), 30);
      await assert.rejects(fetched, reason);
      await closed.promise;
      await assert.rejects(
        fetcher.fetchOriginal(origin.url, { signed: false, signal: abort.signal }),
        reason,
      );
    });
  }
});

Deno.test("close() ends what is under way", async () => {
  await withOrigin(() => {}, {}, async (fetcher, origin) => {
    const fetched = assert.rejects(
      fetcher.fetchOriginal(origin.url, UNSIGNED),
      fails("busy", "The server is shutting down"),
    );
    while (origin.heads.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await fetcher.close();
    await fetched;
  });
});

// Answers that Go, curl and browsers read; the whole list is in the tests of the reader.
const ODD_ANSWERS = [
  "HTTP/1.1 200 OK\nContent-Length: 5\n\nimage",
  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nimage",
  "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nimage",
  "HTTP/1.1 200 OK\r\nX-A: a\r\n b\r\nContent-Length : 5\r\nX[A]: b\r\n\r\nimage",
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5   \r\nimage\r\n0   \r\n\r\n",
];

Deno.test("fetchOriginal() reads answers that are out of order, and opens a new connection after them", async () => {
  for (const raw of ODD_ANSWERS) {
    await withOrigin((_, socket) => socket.write(raw), {}, async (fetcher, origin) => {
      for (const connections of [1, raw.includes(" 100 ") ? 1 : 2]) {
        const { body } = await fetcher.fetchOriginal(origin.url, UNSIGNED);
        assert.equal(text(body), "image", raw);
        assert.equal(origin.connections, connections, raw);
      }
    });
  }
});

Deno.test("fetchOriginal() gathers bodies of every length whole, and keeps no connection with more behind one", async () => {
  for (const length of [0, 1, 16_000, 16_384, 300_000, 2 << 20, (2 << 20) + 1]) {
    const picture = Uint8Array.from({ length }, (_, at) => at * 31 + (at >> 8));
    for (const behind of ["", "HTTP/1.1 200 OK"]) {
      const head = new TextEncoder().encode(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`);
      const raw = Uint8Array.from([...head, ...picture, ...new TextEncoder().encode(behind)]);
      await withOrigin((_, socket) => socket.write(raw), {}, async (fetcher, origin) => {
        for (const connections of [1, behind ? 2 : 1]) {
          const { body } = await fetcher.fetchOriginal(origin.url, UNSIGNED);
          assert.equal(Buffer.compare(body, picture), 0, `${length}`);
          assert.equal(origin.connections, connections, `${length} ${behind}`);
        }
      });
    }
  }
});

Deno.test("streamOriginal() has a body of a length that was said lie in its room", async () => {
  const picture = Uint8Array.from({ length: 400_000 }, (_, at) => at * 31);
  const respond: Respond = async (target, socket) => {
    const isChunked = target === "/chunked";
    const framing = isChunked ? "Transfer-Encoding: chunked" : `Content-Length: ${picture.length}`;
    await socket.write(`HTTP/1.1 200 OK\r\n${framing}\r\n\r\n`);
    if (isChunked) await socket.write(`${picture.length.toString(16)}\r\n`);
    await socket.write(picture);
    if (isChunked) await socket.write("\r\n0\r\n\r\n");
  };
  await withOrigin(respond, {}, async (fetcher, origin) => {
    const { body, room } = await fetcher.streamOriginal(origin.url, UNSIGNED);
    const whole = await readWhole(body, { room });
    assert.deepEqual(whole, picture);
    assert.equal(whole.buffer, room!.buffer);
    const chunked = await fetcher.streamOriginal(`${origin.url}/chunked`, UNSIGNED);
    assert.equal(chunked.room, undefined);
    assert.deepEqual(await readWhole(chunked.body), picture);
  });
});

Deno.test("fetchOriginal() keeps a connection as long as the origin says, and no longer", async () => {
  const rows = [["timeout=1", 2], ["timeout=0, max=5", 2], ["timeout=60", 1], [
    "max=5",
    1,
  ]] as const;
  for (const [keepAlive, connections] of rows) {
    const respond: Respond = (_, socket) => socket.write(answer(200, { "Keep-Alive": keepAlive }));
    await withOrigin(respond, {}, async (fetcher, origin) => {
      await fetcher.fetchOriginal(origin.url, UNSIGNED);
      await fetcher.fetchOriginal(origin.url, UNSIGNED);
      assert.equal(origin.connections, connections, keepAlive);
    });
  }
});

Deno.test("fetchOriginal() drops an idle connection on which the origin speaks unasked", async () => {
  let sent: Promise<void> | undefined;
  const respond: Respond = async (_, socket) => {
    await socket.write(answer(200, {}, "image"));
    sent ??= (async () => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      await socket.write(answer(200, {}, "evil!"));
    })();
  };
  await withOrigin(respond, {}, async (fetcher, origin) => {
    await fetcher.fetchOriginal(origin.url, UNSIGNED);
    await new Promise((resolve) => setTimeout(resolve, 60));
    await sent;
    assert.equal(text((await fetcher.fetchOriginal(origin.url, UNSIGNED)).body), "image");
    assert.equal(origin.connections, 2);
  });
});

const NO_TLS = "No TLS connection to the origin";

Deno.test("fetchOriginal() says that a failure is one of TLS, and which", async () => {
  const alert = (code: number) => `\x15\x03\x03\0\x02\x02${String.fromCharCode(code)}`;
  const oldHello = `\x16\x03\x01\0\x2a\x02\0\0\x26\x03\x01${"r".repeat(32)}\0\0\x2f\0`;
  const rows: [what: string, reply: string, meaning: string][] = [
    ["plain HTTP", "HTTP/1.1 400 Bad\r\n\r\n", "what answers there does not speak TLS"],
    ["an end", "", "it ended the connection in the handshake"],
    [
      "handshake_failure",
      alert(40),
      "it has no cipher suite or key exchange in common with this server",
    ],
    ["protocol_version", alert(70), "it speaks neither TLS 1.2 nor 1.3"],
    ["a hello of TLS 1.0", oldHello, "it speaks neither TLS 1.2 nor 1.3"],
    ["unrecognized_name", alert(112), "it does not know this host name"],
    ["no_application_protocol", alert(120), "it does not speak HTTP/1.1"],
    ["internal_error", alert(80), "it refused the handshake"],
  ];
  for (const [what, reply, meaning] of rows) {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const served = (async () => {
      for await (const connection of listener) {
        await connection.read(new Uint8Array(4096));
        const bytes = Uint8Array.from(reply, (character) => character.charCodeAt(0));
        if (reply) await connection.write(bytes);
        connection.close();
      }
    })();
    const fetcher = createOriginFetcher(LOCAL);
    const fetched = fetcher.fetchOriginal(`https://127.0.0.1:${listener.addr.port}/`, UNSIGNED);
    await assert.rejects(fetched, fails("bad_origin", `${NO_TLS}: ${meaning}`, what));
    listener.close();
    await served;
    await fetcher.close();
  }
});

Deno.test("fetchOriginal() verifies the certificate of https against the name", async () => {
  const targets: string[] = [];
  await using server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    cert: certificate,
    key: privateKey,
    onListen() {},
  }, (request) => {
    targets.push(request.url);
    return new Response("image");
  });
  const { port } = server.addr;
  const rows: [host: string, ca: string[] | undefined, message: string | undefined][] = [
    ["origin.test", [certificate], undefined],
    ["ORIGIN.test.", [certificate], undefined],
    ["127.0.0.1", [certificate], undefined],
    ["other.test", [certificate], `${NO_TLS}: its certificate is for another name`],
    [
      "origin.test",
      undefined,
      `${NO_TLS}: its certificate comes from an authority that is not trusted here`,
    ],
  ];
  for (const [host, ca, message] of rows) {
    const lookup = () => Promise.resolve(["127.0.0.1"]);
    const fetcher = createOriginFetcher({ ...LOCAL, lookup, ...(ca ? { ca } : {}) });
    const fetched = fetcher.fetchOriginal(`https://${host}:${port}/a/../b`, UNSIGNED);
    if (message) await assert.rejects(fetched, fails("bad_origin", message, host));
    else assert.equal(text((await fetched).body), "image", host);
    await fetcher.close();
  }
  assert.deepEqual(targets.map((url) => url.slice(url.indexOf("/", 8))), Array(3).fill("/a/../b"));
});

Deno.test("fetchOriginal() trusts the given authorities, and says what is wrong with a certificate", async () => {
  const rows: [cert: string, host: string, ca: string[], meaning: string | undefined][] = [
    [authorised, "origin.test", [authority], undefined],
    [authorised, "origin.test", [certificate, authority], undefined],
    [authorised, "origin.test", [`${certificate}\n${authority}`], undefined],
    [authorised, "other.test", [authority], "its certificate is for another name"],
    [
      authorised,
      "origin.test",
      [certificate],
      "its certificate comes from an authority that is not trusted here",
    ],
    [expired, "origin.test", [authority], "its certificate has expired"],
    [notYetValid, "origin.test", [authority], "its certificate is not valid yet"],
  ];
  for (const [cert, host, ca, meaning] of rows) {
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, cert, key: authorisedKey, onListen() {} },
      () => new Response("image"),
    );
    const lookup = () => Promise.resolve(["127.0.0.1"]);
    const fetcher = createOriginFetcher({ ...LOCAL, lookup, ca });
    const fetched = fetcher.fetchOriginal(`https://${host}:${server.addr.port}/`, UNSIGNED);
    if (meaning === undefined) assert.equal(text((await fetched).body), "image");
    else await assert.rejects(fetched, fails("bad_origin", `${NO_TLS}: ${meaning}`));
    await fetcher.close();
  }
});
