import assert from "node:assert/strict";
import { picture, startEngine } from "../testing/pictures.ts";
import { startOrigin, startProxy } from "../testing/proxy.ts";

await startEngine();
const PICTURE = picture(["rg", "by"], { scale: 20, format: "JPEG" });
const cacheable = () => new Response(PICTURE, { headers: { "cache-control": "max-age=60" } });

/** The samples of a metrics page, by name and labels. */
function samplesOf(page: string): Map<string, number> {
  return new Map(
    page.split("\n").filter((line) => line !== "" && !line.startsWith("#")).map((line) => {
      const space = line.lastIndexOf(" ");
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}

Deno.test("/metrics counts requests under the Go program's names, and what caused them under ours", async () => {
  await using origin = startOrigin({ "/a.jpg": cacheable });
  await using proxy = await startProxy();
  const targets = ["/20x", "/20x", "/10x", "/r45"].map((options) =>
    `${options}/${origin.url}/a.jpg`
  );
  for (const target of [...targets, `/x/${origin.url}/none.jpg`, "/health-check"]) {
    await (await proxy.get(target)).body?.cancel();
  }
  const response = await proxy.get("/metrics");
  assert.match(response.headers.get("content-type")!, /^text\/plain; version=0\.0\.4/);
  const samples = samplesOf(await response.text());
  const expected: Readonly<Record<string, number>> = {
    http_request_duration_seconds_count: 5,
    http_requests_in_flight: 1,
    imageproxy_requests_served_from_cache_total: 1,
    imageproxy_transformation_duration_seconds_count: 2,
    imageproxy_remote_fetch_errors_total: 1,
    'imageproxy_responses_total{code="200"}': 4,
    'imageproxy_responses_total{code="400"}': 1,
    'imageproxy_responses_total{code="404"}': 1,
    'imageproxy_cache_lookups_total{kind="result",state="hit"}': 1,
    'imageproxy_cache_lookups_total{kind="result",state="miss"}': 2,
    'imageproxy_cache_lookups_total{kind="original",state="hit"}': 1,
    'imageproxy_origin_fetches_total{host="127.0.0.1",outcome="ok"}': 1,
    'imageproxy_origin_fetches_total{host="127.0.0.1",outcome="error"}': 1,
    imageproxy_fetched_bytes_total: PICTURE.length,
    imageproxy_queue_duration_seconds_count: 2,
    imageproxy_processes: 1,
    imageproxy_workers: 1,
    imageproxy_workers_busy: 0,
    imageproxy_queue_length: 0,
    'imageproxy_workers_replaced_total{reason="broken"}': 0,
    'imageproxy_cache_tier_entries{tier="memory"}': 3,
  };
  for (const [name, value] of Object.entries(expected)) {
    assert.equal(samples.get(name), value, name);
  }
  assert.ok(samples.get("process_resident_memory_bytes")! > 1e6);
  assert.ok(samples.get("imageproxy_engine_resident_memory_bytes")! > 1e6);
  assert.ok(samples.get("imageproxy_engine_cpu_seconds_total")! > 0);
  assert.ok(samples.get("imageproxy_event_loop_lag_seconds")! >= 0);
  assert.ok([...samples.keys()].some((name) => name.startsWith("imageproxy_build_info{version=")));
});

Deno.test("/metrics gives labels of their own to no more hosts than -metricsHosts", async () => {
  await using origin = startOrigin({ "/a.jpg": PICTURE });
  await using proxy = await startProxy({ config: { metricsHosts: 1 } });
  const { port } = new URL(origin.url);
  for (const host of ["no-such-host.invalid", "127.0.0.1", "localhost"]) {
    await (await proxy.get(`/x/http://${host}:${port}/a.jpg`)).body?.cancel();
  }
  const page = await (await proxy.get("/metrics")).text();
  const hosts = new Set([...page.matchAll(/host="([^"]+)"/g)].map(([, host]) => host));
  assert.deepEqual(hosts, new Set(["other", "127.0.0.1"]));
});

Deno.test("X-Request-Id is taken over where it is fit to be repeated, and made where it is not", async () => {
  await using origin = startOrigin({ "/a.jpg": PICTURE });
  await using proxy = await startProxy();
  const made = new Set<string>();
  for (
    const [given, taken] of [
      ["abc-123", true],
      ["0af7651916cd43dd:1/x", true],
      [undefined, false],
      ["has space", false],
      ["<script>", false],
      ["x".repeat(129), false],
    ] as const
  ) {
    const response = await proxy.get(`/x/${origin.url}/a.jpg`, {
      headers: given === undefined ? {} : { "x-request-id": given },
    });
    await response.body?.cancel();
    const id = response.headers.get("x-request-id")!;
    assert.equal(id === given, taken, given);
    assert.equal(proxy.log.at(-1)?.id, id);
    if (!taken) made.add(id);
  }
  assert.equal(made.size, 4);
  const refused = await proxy.get("/nothing");
  await refused.body?.cancel();
  assert.ok(refused.headers.get("x-request-id"));
});

Deno.test("Server-Timing and X-Cache are sent only where they are wanted", async () => {
  await using origin = startOrigin({ "/a.jpg": cacheable });
  const rows = [[false, false], [true, false], [false, true]] as const;
  for (const [serverTiming, xCache] of rows) {
    await using proxy = await startProxy({ config: { serverTiming, xCache } });
    const said: (string | null)[] = [];
    for (const _time of [1, 2]) {
      const response = await proxy.get(`/20x/${origin.url}/a.jpg`);
      await response.body?.cancel();
      said.push(response.headers.get("x-cache"));
      const timing = response.headers.get("server-timing");
      assert.equal(timing !== null, serverTiming);
      if (timing) assert.match(timing, /(?:^|, )total;dur=[\d.]+$/);
    }
    assert.deepEqual(said, xCache ? ["miss; original=miss", "hit"] : [null, null]);
  }
});

Deno.test("X-Cache of a picture that passes through says how that was found", async () => {
  const unstored = () => new Response(PICTURE, { headers: { "cache-control": "no-store" } });
  await using origin = startOrigin({ "/a.jpg": cacheable, "/b.jpg": unstored });
  await using proxy = await startProxy({ config: { xCache: true } });
  const rows = [["", "miss"], ["", "hit"], ["20x", "miss; original=hit"], ["", "hit"]] as const;
  for (const [options, expected] of rows) {
    const response = await proxy.get(`/${options}/${origin.url}/a.jpg`);
    await response.body?.cancel();
    assert.equal(response.headers.get("x-cache"), expected);
  }
  for (const method of ["GET", "HEAD"]) {
    const response = await proxy.get(`/${origin.url}/b.jpg`, { method });
    await response.body?.cancel();
    assert.equal(response.headers.get("x-cache"), "bypass");
  }
});

Deno.test("the log tells the private reason of a failure, and nothing of the operator's own pages", async () => {
  await using proxy = await startProxy({ config: { allowPrivateNetworks: false } });
  for (const target of ["/x/http://127.0.0.1/a.jpg", "/health-check", "/ready", "/metrics", "/"]) {
    await (await proxy.get(target)).body?.cancel();
  }
  assert.equal(proxy.log.length, 1);
  const [line] = proxy.log;
  assert.equal(line?.status, 403);
  assert.match(line?.error ?? "", /no public address/);
  assert.match(line?.cause ?? "", /127\.0\.0\.1/);
});
