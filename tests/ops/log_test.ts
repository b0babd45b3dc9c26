import assert from "node:assert/strict";
import { createLog, createStreamSink, type RequestLine } from "../../src/ops/log.ts";

const LINE: RequestLine = {
  id: "a-1",
  method: "GET",
  path: "/20x/http://example.com/a\u001b[2Jb",
  status: 200,
  bytes: 12,
  milliseconds: 3.5,
  host: "example.com",
  cache: { result: "miss", original: "hit" },
  stages: { fetch: 1 },
};

function logTo(format: "text" | "json") {
  const written: string[] = [];
  const sink = { write: (text: string) => void written.push(text), flush() {} };
  return { written, log: createLog({ format, now: () => 0, sink }) };
}

Deno.test("a log in JSON is one object a line, whatever the client sent", () => {
  const { written, log } = logTo("json");
  log.request(LINE);
  log.event("warning", "two\nlines");
  assert.ok(written.every((line) => line.indexOf("\n") === line.length - 1));
  const [request, event] = written.map((line) => JSON.parse(line));
  assert.deepEqual(request, { time: "1970-01-01T00:00:00.000Z", level: "info", ...LINE });
  assert.equal(event.message, "two\nlines");
});

Deno.test("a log as text is one line without control characters", () => {
  const { written, log } = logTo("text");
  log.request({ ...LINE, error: "No", cause: "a\nb" });
  log.event("error", "two\nlines");
  assert.deepEqual(written, [
    "00:00:00.000 200 GET /20x/http://example.com/a\\u001b[2Jb 12B 3.5ms result=miss original=hit " +
    'fetch=1ms host=example.com id=a-1 error="No" cause="a\\nb"\n',
    "00:00:00.000 error: two\\nlines\n",
  ]);
});

Deno.test("a stream sink writes together what comes together, and survives a stream that fails", async () => {
  const writes: string[] = [];
  let fails = false;
  const sink = createStreamSink({
    write(bytes) {
      if (fails) return Promise.reject(new Error("gone"));
      writes.push(new TextDecoder().decode(bytes));
      return Promise.resolve(bytes.length);
    },
    writeSync: (bytes) => bytes.length,
  });
  sink.write("a\n");
  sink.write("b\n");
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(writes, ["a\nb\n"]);
  fails = true;
  sink.write("c\n");
  await new Promise((resolve) => setTimeout(resolve));
  fails = false;
  sink.write("d\n");
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(writes, ["a\nb\n", "d\n"]);
});

Deno.test("a stream sink that nobody reads drops lines instead of keeping them all", async () => {
  let open = () => {};
  let written = "";
  const sink = createStreamSink({
    async write(bytes) {
      await new Promise<void>((resolve) => open = resolve);
      written += new TextDecoder().decode(bytes);
      return bytes.length;
    },
    writeSync: (bytes) => bytes.length,
  });
  const line = "x".repeat(1e6) + "\n";
  for (let count = 0; count < 10; count++) sink.write(line);
  for (let count = 0; count < 3; count++) {
    await new Promise((resolve) => setTimeout(resolve));
    open();
  }
  await new Promise((resolve) => setTimeout(resolve));
  sink.write("after\n");
  await new Promise((resolve) => setTimeout(resolve));
  open();
  await new Promise((resolve) => setTimeout(resolve));
  assert.ok(written.length < 5e6);
  assert.match(
    written.slice(-100),
    /"6 log lines were dropped since nobody read them"\}\nafter\n$/,
  );
});
