// Clients beside a bully: long pictures of one client, and what the others get meanwhile.
import assert from "node:assert/strict";
import { eventually } from "../testing/eventually.ts";
import { gifOf } from "../testing/hostile_origin.ts";
import { photo, writeByEngine } from "../testing/photo.ts";
import { startEngine } from "../testing/pictures.ts";
import { startOrigin, startProxy } from "../testing/proxy.ts";

await startEngine();
const PHOTO = writeByEngine(photo(2000, 1500), "JPEG");
const SMALL = writeByEngine(photo(40, 30), "PNG");

const from = (client: string) => ({ headers: { "x-forwarded-for": client } });

Deno.test("with many long pictures of one client in flight another's small ones do not wait for them", async () => {
  await using origin = startOrigin({ "/photo": PHOTO, "/small": SMALL });
  await using proxy = await startProxy({
    config: { trustedProxies: ["127.0.0.1"], effort: 3, workers: 2, stopTimeout: 0 },
  });
  // What is measured is who waits for whom, and not how long a worker takes to start on a busy machine.
  const warm = [1, 2, 3, 4].map((n) => proxy.get(`/x${n}/${origin.url}/photo`));
  for (const answer of await Promise.all(warm)) await answer.body?.cancel();
  const gone = new AbortController();
  let ended = 0;
  const bully = [1, 2, 3, 4].map((n) =>
    proxy.get(`/avif,q9${n}/${origin.url}/photo`, { ...from("192.0.2.1"), signal: gone.signal })
      .catch(() => {}).finally(() => ended++)
  );
  await eventually(() => assert.equal(proxy.poolStats().running + proxy.poolStats().waiting, 4));
  const endedBefore: number[] = [];
  for (let n = 1; n <= 3; n++) {
    const answer = await proxy.get(`/${n}x/${origin.url}/small`, from("198.51.100.7"));
    assert.equal(answer.status, 200);
    await answer.body?.cancel();
    endedBefore.push(ended);
  }
  // Were every worker given to the long ones, a small one would come after the end of one of them.
  assert.deepEqual(endedBefore, [0, 0, 0]);
  gone.abort();
  await Promise.all(bully);
});

Deno.test("whoever leaves while a picture waits for its turn does not leave an error to those who ask next", async () => {
  await using origin = startOrigin({ "/photo": PHOTO, "/small": SMALL });
  await using proxy = await startProxy({ config: { effort: 3, workers: 1, stopTimeout: 0 } });
  const counts = () => {
    const { running, waiting } = proxy.poolStats();
    return { running, waiting };
  };
  await (await proxy.get(`/x9/${origin.url}/photo`)).body?.cancel();
  const gone = new AbortController();
  const { signal } = gone;
  const bully = proxy.get(`/1200x,avif,q90/${origin.url}/photo`, { signal }).catch(() => {});
  await eventually(() => assert.deepEqual(counts(), { running: 1, waiting: 0 }));
  const leaving = new AbortController();
  const target = `/10x/${origin.url}/small`;
  const left = proxy.get(target, { signal: leaving.signal }).catch(() => {});
  await eventually(() => assert.deepEqual(counts(), { running: 1, waiting: 1 }));
  leaving.abort();
  await left;
  await eventually(() => assert.deepEqual(counts(), { running: 1, waiting: 0 }));
  const next = await proxy.get(target);
  assert.equal(next.status, 200, await next.text());
  gone.abort();
  await bully;
});

Deno.test("a picture that would take longer than the limit is refused at once, in a sentence", async () => {
  const movie = gifOf({ side: 200, frames: 100 }) as Uint8Array<ArrayBuffer>;
  await using origin = startOrigin({ "/movie": movie });
  await using proxy = await startProxy({ config: { transformTimeout: 4000 } });
  const answer = await proxy.get(`/webp,lossless/${origin.url}/movie`);
  assert.equal(answer.status, 413);
  assert.match(
    await answer.text(),
    /^The image would take some \d s to make, where 4 s is the limit\. Ask for a smaller size/,
  );
  // Nothing has been at work for as long as that.
  assert.equal(proxy.poolStats().replaced.timeout, 0);
});
