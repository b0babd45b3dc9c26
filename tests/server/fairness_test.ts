// Clients beside a bully: two long pictures of one client, and what the others get meanwhile.
import assert from "node:assert/strict";
import { eventually } from "../testing/eventually.ts";
import { photo, writeByEngine } from "../testing/photo.ts";
import { startEngine } from "../testing/pictures.ts";
import { startOrigin, startProxy } from "../testing/proxy.ts";

await startEngine();
const PHOTO = writeByEngine(photo(2000, 1500), "JPEG");
const SMALL = writeByEngine(photo(40, 30), "PNG");

const from = (client: string) => ({ headers: { "x-forwarded-for": client } });

Deno.test("with two long pictures of one client in flight another's small one comes within a second", async () => {
  await using origin = startOrigin({ "/photo": PHOTO, "/small": SMALL });
  await using proxy = await startProxy({
    config: { trustedProxies: ["127.0.0.1"], effort: 3, workers: 2, stopTimeout: 0 },
  });
  // What is measured is who waits for whom, and not how long a worker takes to start on a busy machine.
  const warm = [1, 2, 3, 4].map((n) => proxy.get(`/x${n}/${origin.url}/photo`));
  for (const answer of await Promise.all(warm)) await answer.body?.cancel();
  const timeSmall = async (n: number) => {
    const started = performance.now();
    const answer = await proxy.get(`/${n}x/${origin.url}/small`, from("198.51.100.7"));
    assert.equal(answer.status, 200);
    await answer.body?.cancel();
    return performance.now() - started;
  };
  const alone: number[] = [], times: number[] = [];
  for (let n = 11; n <= 15; n++) alone.push(await timeSmall(n));
  const gone = new AbortController();
  const bully = [1, 2].map((n) =>
    proxy.get(`/avif,q9${n}/${origin.url}/photo`, { ...from("192.0.2.1"), signal: gone.signal })
      .catch(() => {})
  );
  await eventually(() => assert.equal(proxy.poolStats().running + proxy.poolStats().waiting, 2));
  for (let n = 1; n <= 5; n++) times.push(await timeSmall(n));
  assert.ok(proxy.poolStats().running >= 1, "the long ones are still in work");
  // A busy machine takes its time for one alone, too.
  const patience = 1000 + Math.max(...alone);
  assert.ok(Math.max(...times) < patience, `${times}, where ${alone} alone`);
  gone.abort();
  await Promise.all(bully);
});

Deno.test("a picture that would take longer than the limit is refused at once, in a sentence", async () => {
  await using origin = startOrigin({ "/photo": PHOTO });
  await using proxy = await startProxy({ config: { transformTimeout: 4000 } });
  const answer = await proxy.get(`/webp,lossless/${origin.url}/photo`);
  assert.equal(answer.status, 413);
  assert.match(
    await answer.text(),
    /^The image would take some \d s to make, where 4 s is the limit\. Ask for a smaller size/,
  );
  // Nothing has been at work for as long as that.
  assert.equal(proxy.poolStats().replaced.timeout, 0);
});
