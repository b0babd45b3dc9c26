import assert from "node:assert/strict";
import type { Log, RequestLine } from "../../src/ops/log.ts";
import { reportErrors } from "../../src/ops/error_reports.ts";
import { inTime } from "../testing/eventually.ts";

interface Receiver extends AsyncDisposable {
  endpoint: string;
  heads: Headers[];
  /** The three parts of each envelope. */
  envelopes: { head: Record<string, string>; item: Record<string, unknown>; event: Event }[];
  answer: () => Response | Promise<Response>;
}

interface Event {
  event_id: string;
  message: { formatted: string };
  level: string;
  release: string;
  server_name?: string;
  tags?: Record<string, string>;
  extra?: Record<string, string>;
  request?: Record<string, string>;
}

function startReceiver(): Receiver {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    assert.equal(request.method, "POST");
    const text = await request.text();
    const [head, item, event, end] = text.split("\n");
    assert.equal(end, "");
    receiver.heads.push(request.headers);
    receiver.envelopes.push({
      head: JSON.parse(head!),
      item: JSON.parse(item!),
      event: JSON.parse(event!),
    });
    assert.equal(JSON.parse(item!).length, new TextEncoder().encode(event!).length);
    return await receiver.answer();
  });
  const receiver: Receiver = {
    endpoint: `http://127.0.0.1:${server.addr.port}/api/42/envelope/`,
    heads: [],
    envelopes: [],
    answer: () => Response.json({}),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
  return receiver;
}

function startLog(endpoint: string) {
  const lines: RequestLine[] = [];
  const events: string[] = [];
  const inner: Log = {
    request: (line) => lines.push(line),
    event: (level, message) => events.push(`${level}: ${message}`),
    flush: () => {},
  };
  const clock = { time: Date.UTC(2026, 0, 2) };
  const log = reportErrors(inner, {
    target: { endpoint, key: "abc" },
    version: "1.2.3",
    serverName: "here",
    now: () => clock.time,
  });
  return { log, lines, events, clock };
}

const LINE: RequestLine = {
  id: "id-1",
  method: "GET",
  path: "/200x,s***/https://example.com/ä.jpg",
  status: 500,
  bytes: 20,
  milliseconds: 3,
  host: "example.com",
  error: "Something failed here",
  cause: "TypeError: x is undefined",
};

Deno.test("reportErrors() reports errors and failed requests, and logs all as before", async () => {
  await using receiver = startReceiver();
  const { log, lines, events } = startLog(receiver.endpoint);
  log.event("info", "Started");
  log.event("warning", "A cache is slow");
  log.event("error", "Not reloaded");
  log.request({ ...LINE, status: 502 });
  log.request(LINE);
  await log.sent();
  assert.deepEqual(events, ["info: Started", "warning: A cache is slow", "error: Not reloaded"]);
  assert.equal(lines.length, 2);
  assert.equal(receiver.envelopes.length, 2);
  const [first, second] = receiver.envelopes.toSorted((a, b) =>
    a.event.message.formatted.localeCompare(b.event.message.formatted)
  );
  assert.equal(first!.event.message.formatted, "Not reloaded");
  assert.deepEqual(first!.head.sent_at, "2026-01-02T00:00:00.000Z");
  assert.match(first!.event.event_id, /^[0-9a-f]{32}$/);
  assert.equal(first!.head.event_id, first!.event.event_id);
  assert.equal(first!.item.type, "event");
  const { message, level, release, server_name, tags, extra, request } = second!.event;
  assert.deepEqual({ message, level, release, server_name, tags, extra, request }, {
    message: { formatted: "TypeError: x is undefined" },
    level: "error",
    release: "imageproxy@1.2.3",
    server_name: "here",
    tags: { host: "example.com" },
    extra: { id: "id-1", error: "Something failed here" },
    request: { method: "GET", url: LINE.path },
  });
  assert.equal(
    receiver.heads[0]!.get("x-sentry-auth"),
    "Sentry sentry_version=7, sentry_client=imageproxy/1.2.3, sentry_key=abc",
  );
});

Deno.test("reportErrors() tells the same failure once a minute, with how often it came again", async () => {
  await using receiver = startReceiver();
  const { log, clock } = startLog(receiver.endpoint);
  for (let n = 0; n < 5; n++) log.request(LINE);
  await log.sent();
  clock.time += 60_000;
  log.request(LINE);
  await log.sent();
  assert.deepEqual(
    receiver.envelopes.map(({ event }) => event.extra?.again),
    [undefined, "4"],
  );
});

Deno.test("reportErrors() leaves a server alone that wants it, or fails, and says so once", async () => {
  await using receiver = startReceiver();
  const { log, clock, events } = startLog(receiver.endpoint);
  receiver.answer = () => new Response("", { status: 429, headers: { "retry-after": "300" } });
  log.event("error", "one");
  await log.sent();
  for (const message of ["two", "three"]) log.event("error", message);
  await log.sent();
  assert.equal(receiver.envelopes.length, 1);
  assert.deepEqual(events.filter((event) => event.startsWith("warning")), [
    "warning: Errors cannot be reported for 300 s: 429",
  ]);
  clock.time += 300_000;
  receiver.answer = () => Response.json({});
  log.event("error", "four");
  await log.sent();
  assert.equal(receiver.envelopes.length, 2);
});

Deno.test("reportErrors() reads the wish of a busy server as that of an origin is read, to an hour", async () => {
  const rows = [
    ["90", 90],
    ["Thu, 01 Jan 1970 00:00:00 GMT", 60],
    ["in:2", 120],
    ["99999999", 3600],
    ["soon", 60],
  ] as const;
  for (const [wish, seconds] of rows) {
    await using receiver = startReceiver();
    const { log, clock, events } = startLog(receiver.endpoint);
    const later = wish.startsWith("in:")
      ? new Date(clock.time + Number(wish.slice(3)) * 60_000).toUTCString()
      : wish;
    receiver.answer = () => new Response("", { status: 503, headers: { "retry-after": later } });
    log.event("error", "one");
    await log.sent();
    assert.equal(events[1], `warning: Errors cannot be reported for ${seconds} s: 503`, wish);
  }
});

Deno.test("reportErrors() does not wait for a server that is away, nor lose a line to it", async () => {
  const { log, events } = startLog("http://127.0.0.1:1/api/1/envelope/");
  log.event("error", "one");
  await log.sent();
  assert.equal(events[0], "error: one");
  assert.match(events[1]!, /^warning: Errors cannot be reported for 60 s: /);
});

Deno.test("reportErrors() has few reports under way, and gives up those that hang", async () => {
  await using receiver = startReceiver();
  const { log } = startLog(receiver.endpoint);
  const held = Promise.withResolvers<void>();
  receiver.answer = async () => {
    await held.promise;
    return Response.json({});
  };
  for (let n = 0; n < 50; n++) log.event("error", `failure ${n}`);
  await inTime(log.sent());
  held.resolve();
  await log.sent();
  assert.equal(receiver.envelopes.length, 8);
});
