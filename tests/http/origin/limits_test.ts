import assert from "node:assert/strict";
import {
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  deflateRawSync,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateRawSync,
  inflateSync,
} from "node:zlib";
import { type ErrorCode, ProxyError } from "../../../src/errors.ts";
import {
  createOriginFetcher,
  type OriginFetcherOptions,
} from "../../../src/http/origin/original.ts";
import { inTime } from "../../testing/eventually.ts";
import { fails, UNSIGNED, withOrigin } from "../../testing/fetching.ts";
import { assertWithin } from "../../testing/quickly.ts";
import { answer, type RawSocket, type Respond, startRawOrigin } from "../../testing/raw_origin.ts";

const HEAD = "HTTP/1.1 200 OK\r\n";

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Sends a byte every so many milliseconds until the other side goes. */
async function drip(socket: RawSocket, every: number): Promise<void> {
  let gone = false;
  const closed = socket.closed.then(() => gone = true);
  while (!gone) {
    await socket.write("x");
    let timer;
    await Promise.race([closed, new Promise((resolve) => timer = setTimeout(resolve, every))]);
    clearTimeout(timer);
  }
}

Deno.test("an origin that is too slow is given up in time", async () => {
  const rows: [
    what: string,
    Respond,
    OriginFetcherOptions,
    milliseconds: number,
    message: string,
  ][] = [
    [
      "never answers",
      () => {},
      { firstByteTimeout: 100 },
      100,
      "The origin took too long to answer",
    ],
    [
      "drips its headers",
      async (_, socket) => {
        await socket.write(`${HEAD}X: `);
        await drip(socket, 20);
      },
      { firstByteTimeout: 150 },
      150,
      "The origin took too long to answer",
    ],
    [
      "sends informational answers for ever",
      async (_, socket) => {
        let gone = false;
        socket.closed.then(() => gone = true);
        while (!gone) {
          await socket.write("HTTP/1.1 103 Early Hints\r\n\r\n");
          await sleep(20);
        }
      },
      { firstByteTimeout: 150 },
      150,
      "The origin took too long to answer",
    ],
    [
      "never sends a body",
      (_, socket) => socket.write(`${HEAD}Content-Length: 5\r\n\r\n`),
      { idleTimeout: 100 },
      100,
      "The origin stopped sending",
    ],
    [
      "stops within the body",
      (_, socket) => socket.write(`${HEAD}Content-Length: 5\r\n\r\nab`),
      { idleTimeout: 100 },
      100,
      "The origin stopped sending",
    ],
    [
      "stops within a chunk",
      (_, socket) => socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\nab`),
      { idleTimeout: 100 },
      100,
      "The origin stopped sending",
    ],
    [
      "drips its body",
      async (_, socket) => {
        await socket.write(`${HEAD}Content-Length: 1000\r\n\r\n`);
        await drip(socket, 30);
      },
      { idleTimeout: 100, totalTimeout: 300 },
      300,
      "The origin took too long",
    ],
    [
      "drips a byte a second",
      async (_, socket) => {
        await socket.write(`${HEAD}Content-Length: 1000\r\n\r\n`);
        await drip(socket, 1000);
      },
      { totalTimeout: 1500 },
      1500,
      "The origin took too long",
    ],
    [
      "redirects slowly in a circle",
      async (_, socket) => {
        await sleep(60);
        await socket.write(answer(302, { Location: "/" }));
      },
      { totalTimeout: 200 },
      200,
      "The origin took too long",
    ],
  ];
  for (const [what, respond, options, milliseconds, message] of rows) {
    await withOrigin(respond, options, async (fetcher, origin) => {
      const start = performance.now();
      const fetched = fetcher.fetchOriginal(origin.url, UNSIGNED);
      // None of these would ever be another error, or end by itself.
      await inTime(assert.rejects(fetched, fails("timeout", message), what));
      const took = performance.now() - start;
      assert.ok(took > milliseconds - 5, `${what}: ${took} ms`);
      // Not only the caller is freed: the origin loses its connection too.
      await sleep(20);
    });
  }
});

Deno.test("a name that does not resolve in time is given up", async () => {
  const answered = Promise.withResolvers<string[]>();
  const fetcher = createOriginFetcher({ lookup: () => answered.promise, connectTimeout: 100 });
  await inTime(assert.rejects(
    fetcher.fetchOriginal("http://a.test/", UNSIGNED),
    fails("timeout", "Connecting to the origin took too long"),
  ));
  answered.resolve([]);
  await fetcher.close();
});

Deno.test({
  name: "a TLS handshake that hangs is given up",
  // Deno 2.6 keeps the socket of an unfinished handshake, whoever destroys it.
  sanitizeResources: !Deno.version.deno.startsWith("2.6."),
}, async () => {
  await using origin = startRawOrigin(() => {});
  const fetcher = createOriginFetcher({
    allowPrivateNetworks: true,
    connectTimeout: 150,
    firstByteTimeout: 150,
  });
  const fetched = fetcher.fetchOriginal(`https://127.0.0.1:${origin.port}/`, UNSIGNED);
  await assert.rejects(fetched, { name: "ProxyError", code: "timeout" });
  await fetcher.close();
});

Deno.test("a body over the limit is refused, at once where its length says so", async () => {
  const large = "x".repeat(2000);
  const rows: [what: string, Respond][] = [
    ["by length", (_, socket) => socket.write(`${HEAD}Content-Length: 1001\r\n\r\n`)],
    [
      "by an absurd length",
      (_, socket) => socket.write(`${HEAD}Content-Length: 99999999999999\r\n\r\n`),
    ],
    [
      "while it comes in chunks",
      (_, socket) => socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n7d0\r\n${large}\r\n`),
    ],
    ["while it comes until the end", (_, socket) => socket.write(`${HEAD}\r\n${large}`)],
  ];
  for (const [what, respond] of rows) {
    await withOrigin(respond, { maxBytes: 1000 }, async (fetcher, origin) => {
      await assert.rejects(
        fetcher.fetchOriginal(origin.url, UNSIGNED),
        fails("too_large", "The remote image is larger than 1000 bytes"),
        what,
      );
    });
  }
  await withOrigin(
    (_, socket) => socket.write(answer(200, {}, large)),
    { maxBytes: 2000 },
    async (fetcher, origin) => {
      assert.equal((await fetcher.fetchOriginal(origin.url, UNSIGNED)).body.length, 2000);
    },
  );
});

Deno.test("headers over the limit are refused", async () => {
  const rows: [string, Respond][] = [
    ["one large header", (_, socket) => socket.write(`${HEAD}X: ${"x".repeat(5000)}\r\n\r\n`)],
    ["many headers", (_, socket) => socket.write(`${HEAD}${"X: y\r\n".repeat(3000)}\r\n`)],
    ["headers without end", async (_, socket) => {
      let gone = false;
      socket.closed.then(() => gone = true);
      await socket.write(`${HEAD}X: `);
      while (!gone) await socket.write("x".repeat(1000));
    }],
  ];
  for (const [what, respond] of rows) {
    await withOrigin(respond, { maxHeaderBytes: 4096 }, async (fetcher, origin) => {
      await assert.rejects(
        fetcher.fetchOriginal(origin.url, UNSIGNED),
        fails("bad_origin", "The origin's response headers are too large"),
        what,
      );
    });
  }
});

Deno.test("an answer that is not what it says is the origin's error", async () => {
  const closed = "The origin closed the connection before the end of its answer";
  const length = "The origin's answer is not as long as it says";
  const invalid = "The origin's answer is not valid HTTP";
  const rows: [what: string, raw: string, message: string][] = [
    ["closes at once", "", closed],
    ["closes within the headers", `${HEAD}Content-`, closed],
    ["closes half-way", `${HEAD}Content-Length: 10\r\n\r\n12345`, closed],
    [
      "closes half-way, as announced",
      `${HEAD}Connection: close\r\nContent-Length: 10\r\n\r\n12345`,
      length,
    ],
    ["closes within a chunk", `${HEAD}Transfer-Encoding: chunked\r\n\r\na\r\n12345`, closed],
    ["closes between chunks", `${HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n`, closed],
    ["speaks no HTTP", "SSH-2.0-OpenSSH_9.9\r\n", invalid],
    ["sends two lengths", `${HEAD}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`, length],
    ["sends a negative length", `${HEAD}Content-Length: -1\r\n\r\n`, invalid],
    [
      "sends a bad chunk",
      `${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n`,
      invalid,
    ],
    [
      "sends a length and chunks",
      `${HEAD}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`,
      length,
    ],
  ];
  for (const [what, raw, message] of rows) {
    await withOrigin(
      async (_, socket) => {
        await socket.write(raw);
        socket.close();
      },
      {},
      async (fetcher, origin) => {
        const fetched = fetcher.fetchOriginal(origin.url, UNSIGNED);
        await assert.rejects(fetched, fails("bad_origin", message, what));
      },
    );
  }
});

Deno.test("bytes beyond the length are no part of this answer, nor of the next", async () => {
  const poison = answer(200, {}, "evil!");
  await withOrigin(
    (target, socket) => {
      return socket.write(answer(200, {}, target) + (target === "/1" ? poison : ""));
    },
    {},
    async (fetcher, origin) => {
      for (const target of ["/1", "/2", "/3"]) {
        const { body } = await fetcher.fetchOriginal(origin.url + target, UNSIGNED);
        assert.equal(new TextDecoder().decode(body), target);
      }
    },
  );
});

const bytes = (body: Uint8Array) => Array.from(body, (byte) => String.fromCharCode(byte)).join("");
const IMAGE = "image ".repeat(100);
const CODINGS: [name: string, encode: (text: string) => Uint8Array][] = [
  ["gzip", gzipSync],
  ["GZIP", gzipSync],
  ["x-gzip", gzipSync],
  ["deflate", deflateSync],
  ["deflate", deflateRawSync],
  ["br", brotliCompressSync],
  ["identity", (text) => new TextEncoder().encode(text)],
  ["identity, gzip", gzipSync],
  ["aws-chunked, gzip", gzipSync],
];
/** What origins write there that names no coding. */
const NO_CODINGS = [
  ...["", ",", "identity", "none", "utf-8", "UTF-8", "binary", "aws-chunked", "8bit"],
  ...["image/png", "zip", "constructor"],
];

Deno.test("a content coding that was not asked for is undone", async () => {
  for (const [coding, encode] of CODINGS) {
    const respond: Respond = (_, socket) =>
      socket.write(answer(200, { "Content-Encoding": coding, ETag: '"a"' }, bytes(encode(IMAGE))));
    await withOrigin(respond, {}, async (fetcher, origin) => {
      const { headers, body } = await fetcher.fetchOriginal(origin.url, UNSIGNED);
      assert.equal(new TextDecoder().decode(body), IMAGE, coding);
      const length = coding === "identity" ? { "content-length": String(IMAGE.length) } : {};
      assert.deepEqual(headers, { etag: '"a"', ...length }, coding);
    });
  }
});

Deno.test("a content coding that is none leaves the body as it is", async () => {
  for (const coding of NO_CODINGS) {
    const respond: Respond = (_, socket) =>
      socket.write(answer(200, { "Content-Encoding": coding }, IMAGE));
    await withOrigin(respond, {}, async (fetcher, origin) => {
      const { headers, body } = await fetcher.fetchOriginal(origin.url, UNSIGNED);
      assert.equal(new TextDecoder().decode(body), IMAGE, coding);
      assert.deepEqual(headers, { "content-length": String(IMAGE.length) }, coding);
    });
  }
});

Deno.test("a body that decodes to more than the limit is refused", async () => {
  const bomb = new Uint8Array(50_000_000);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 5 };
  const rows = [
    ["gzip", gzipSync(bomb), gunzipSync],
    ["deflate", deflateSync(bomb), inflateSync],
    ["deflate", deflateRawSync(bomb), inflateRawSync],
    ["br", brotliCompressSync(bomb, { params }), brotliDecompressSync],
  ] as const;
  for (const [coding, encoded, decode] of rows) {
    const started = performance.now();
    decode(encoded);
    const whole = performance.now() - started;
    const respond: Respond = (_, socket) =>
      socket.write(answer(200, { "Content-Encoding": coding }, bytes(encoded)));
    await withOrigin(respond, { maxBytes: 100_000 }, async (fetcher, origin) => {
      assert.ok(encoded.length < 100_000);
      const refused = () =>
        assert.rejects(
          fetcher.fetchOriginal(origin.url, UNSIGNED),
          fails("too_large", "The remote image is larger than 100000 bytes"),
          coding,
        );
      await assertWithin(whole / 3, refused, coding);
    });
  }
});

Deno.test("a content coding that is broken, or not undone here, is the origin's error", async () => {
  const broken = "The origin's answer is not encoded as it says";
  const unknown = (coding: string) =>
    `The origin's answer has the content encoding ${coding}, which is not undone here`;
  const rows: [coding: string, body: string, message: string][] = [
    ["gzip", IMAGE, broken],
    ["br", IMAGE, broken],
    ["gzip", bytes(gzipSync(IMAGE)).slice(0, -12), broken],
    ["deflate", bytes(deflateSync(IMAGE)).slice(0, -6), broken],
    ["zstd", IMAGE, unknown("zstd")],
    ["Compress", IMAGE, unknown("compress")],
    ["gzip, none, gzip", IMAGE, unknown("gzip, gzip")],
  ];
  for (const [coding, body, message] of rows) {
    const respond: Respond = (_, socket) =>
      socket.write(answer(200, { "Content-Encoding": coding }, body));
    await withOrigin(respond, {}, async (fetcher, origin) => {
      const fetched = fetcher.fetchOriginal(origin.url, UNSIGNED);
      await assert.rejects(fetched, fails("bad_origin", message, `${coding}, ${body.length}`));
    });
  }
});

Deno.test("a coded body that stops half-way is given up as any other", async () => {
  const respond: Respond = (_, socket) => {
    const raw = answer(200, { "Content-Encoding": "gzip" }, bytes(gzipSync(IMAGE)));
    return socket.write(raw.slice(0, -9));
  };
  await withOrigin(respond, { idleTimeout: 100 }, async (fetcher, origin) => {
    await assert.rejects(
      fetcher.fetchOriginal(origin.url, UNSIGNED),
      fails("timeout", "The origin stopped sending"),
    );
  });
});

Deno.test("streamOriginal() passes a large body on as it is read", async () => {
  const size = 3_000_000;
  const body = new Uint8Array(size).map((_, index) => index * 7);
  await withOrigin(
    async (_, socket) => {
      await socket.write(`${HEAD}Content-Type: image/png\r\nContent-Length: ${size}\r\n\r\n`);
      await socket.write(body);
    },
    { idleTimeout: 200, totalTimeout: 400 },
    async (fetcher, origin) => {
      const original = await fetcher.streamOriginal(origin.url, UNSIGNED);
      assert.equal(original.headers["content-length"], String(size));
      const read: Uint8Array[] = [];
      let paused = 0;
      for await (const chunk of original.body) {
        read.push(chunk);
        // The reader's own pauses, longer than both limits together, are not held against the origin.
        if (paused++ < 3) await sleep(250);
      }
      assert.deepEqual(new Uint8Array(await new Blob(read as BlobPart[]).arrayBuffer()), body);
    },
  );
});

Deno.test("streamOriginal() applies the limits to the body", async () => {
  const rows: [Respond, ErrorCode][] = [
    [(_, socket) => socket.write(`${HEAD}\r\n${"x".repeat(1001)}`), "too_large"],
    [(_, socket) => socket.write(`${HEAD}Content-Length: 9\r\n\r\nx`), "timeout"],
    [async (_, socket) => {
      await socket.write(`${HEAD}Content-Length: 9\r\n\r\nx`);
      await sleep(20);
      socket.close();
    }, "bad_origin"],
    [
      (_, socket) =>
        socket.write(
          answer(200, { "Content-Encoding": "br" }, bytes(brotliCompressSync("x".repeat(1001)))),
        ),
      "too_large",
    ],
  ];
  for (const [respond, code] of rows) {
    await withOrigin(respond, { maxBytes: 1000, idleTimeout: 100 }, async (fetcher, origin) => {
      const { body } = await fetcher.streamOriginal(origin.url, UNSIGNED);
      const read = (async () => {
        for await (const _ of body) { /* to its end */ }
      })();
      await assert.rejects(read, { name: "ProxyError", code });
    });
  }
});

Deno.test("streamOriginal() ends the transfer when the body is cancelled", async () => {
  for (const coding of ["identity", "gzip"]) {
    const closed = Promise.withResolvers<void>();
    await withOrigin(
      async (_, socket) => {
        await socket.write(`${HEAD}Content-Encoding: ${coding}\r\nContent-Length: 999\r\n\r\n`);
        await socket.write(gzipSync(IMAGE));
        await socket.closed;
        closed.resolve();
      },
      {},
      async (fetcher, origin) => {
        const { body } = await fetcher.streamOriginal(origin.url, UNSIGNED);
        const reader = body.getReader();
        assert.ok(((await reader.read()).value?.length ?? 0) > 0);
        await reader.cancel("enough");
        await closed.promise;
      },
    );
  }
});

Deno.test("requests to one host wait for each other, and not without end", async () => {
  const release = Promise.withResolvers<void>();
  let inFlight = 0;
  let most = 0;
  await withOrigin(async (_, socket) => {
    most = Math.max(most, ++inFlight);
    await release.promise;
    inFlight--;
    await socket.write(answer(200));
  }, {
    requestsPerHost: 2,
    waitingPerHost: 3,
    totalTimeout: 5000,
    lookup: () => Promise.resolve(["127.0.0.1"]),
  }, async (fetcher, origin) => {
    const url = (host: string) => `http://${host}:${origin.port}/`;
    const fetches = Array.from({ length: 5 }, () => fetcher.fetchOriginal(url("a.test"), UNSIGNED));
    await assert.rejects(
      fetcher.fetchOriginal(url("a.test"), UNSIGNED),
      (error) =>
        fails("busy", "Too many requests are waiting for this origin")(error) &&
        (error as ProxyError).retryAfter === 1,
    );
    // Another host is not held up.
    const other = fetcher.fetchOriginal(url("b.test"), UNSIGNED);
    while (origin.heads.length < 3) await sleep(5);
    release.resolve();
    await Promise.all([...fetches, other]);
    assert.ok(most <= 3, `${most} in flight`);
    assert.equal(origin.heads.length, 6);
  });
});

Deno.test("a request that waits too long for its host is given up, and leaves the queue", async () => {
  await withOrigin(() => {}, { requestsPerHost: 1, totalTimeout: 150 }, async (fetcher, origin) => {
    const fetches = [1, 2].map(() => fetcher.fetchOriginal(origin.url, UNSIGNED));
    for (const fetched of fetches) {
      await assert.rejects(fetched, fails("timeout", "The origin took too long"));
    }
    assert.equal(origin.heads.length, 1);
  });
});
