import assert from "node:assert/strict";
import { picture, startEngine } from "../testing/pictures.ts";
import { COMPILED, programTest, SOURCE, startProgram } from "../testing/program.ts";
import { startOrigin } from "../testing/proxy.ts";

interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  attributes: { key: string; value: { stringValue?: string } }[];
}

/** What a collector is sent over HTTP: https://opentelemetry.io/docs/specs/otlp/ */
function startCollector() {
  const bodies: { path: string; text: string }[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    bodies.push({ path: new URL(request.url).pathname, text: await request.text() });
    return Response.json({});
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    bodies,
    spans: () =>
      bodies.filter(({ path }) => path === "/v1/traces").flatMap(({ text }) =>
        JSON.parse(text).resourceSpans.flatMap((
          { scopeSpans }: { scopeSpans: { spans: Span[] }[] },
        ) => scopeSpans.flatMap(({ spans }) => spans))
      ) as Span[],
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** Deno's own, which a program cannot change: docs/operations.md has collectors delete them. */
const DENOS_OWN = /^url\.(?:full|path|query)$/;

const ENV = { OTEL_DENO: "true", OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" };

programTest(SOURCE, "exports a span for every stage, without source or signature", async () => {
  await startEngine();
  const still = picture(["rg", "by"], { scale: 20, format: "JPEG" });
  await using origin = startOrigin({ "/secret-path.jpg": still });
  await using collector = startCollector();
  const env = {
    ...SOURCE.env,
    ...ENV,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  };
  await using program = await startProgram({ ...SOURCE, env }, {
    args: ["-signatureKey", "key", "-allowHosts", "127.0.0.1", "-verbose"],
  });
  const signature = "A".repeat(43);
  const target = `/20x,s${signature}/${origin.url}/secret-path.jpg?secret-query`;
  for (let count = 0; count < 2; count++) {
    const response = await fetch(program.url + target);
    assert.equal(response.status, 200);
    await response.body?.cancel();
  }
  assert.equal(await program.stop("SIGTERM"), 0);

  const spans = collector.spans();
  const requests = spans.filter(({ attributes }) =>
    attributes.some(({ key }) => key === "imageproxy.options")
  );
  assert.equal(requests.length, 2);
  const stages = requests.map(({ traceId, spanId }) =>
    spans.filter((span) => span.parentSpanId === spanId && span.traceId === traceId)
      .map(({ name }) => name)
  );
  const [made, hit] = stages[0]!.includes("fetch") ? stages : stages.toReversed();
  for (const stage of ["cache", "fetch", "queue", "decode", "transform", "encode"]) {
    assert.ok(made!.includes(stage), `${stage} is missing in ${made}`);
  }
  assert.ok(!hit!.includes("fetch"), `${hit}`);

  for (const { attributes } of spans) {
    for (const { key, value } of attributes) {
      if (DENOS_OWN.test(key)) continue;
      assert.doesNotMatch(JSON.stringify(value), /secret-|AAAA/, key);
    }
  }
  for (const { path, text } of collector.bodies) {
    if (path === "/v1/traces") continue;
    assert.doesNotMatch(text, /AAAA/, path);
  }
  assert.ok(collector.bodies.some(({ path }) => path === "/v1/logs"));
});
// Deno 2.6 settles that when it compiles.
programTest(COMPILED, "says that it exports nothing unless it was compiled to", async () => {
  const env = { ...COMPILED.env, ...ENV, OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" };
  await using program = await startProgram({ ...COMPILED, env });
  assert.equal(await program.stop("SIGTERM"), 0);
  assert.match(program.output(), /OTEL_DENO is set, but .* nothing is exported/);
});
