import assert from "node:assert/strict";
import { createDriverStore } from "../../../src/cache/drivers/cache_driver.ts";
import { createS3Driver } from "../../../src/cache/drivers/s3_driver.ts";
import type { Store } from "../../../src/cache/drivers/store.ts";
import { createS3Signer } from "../../../src/cloud/s3.ts";
import { inTime } from "../../testing/eventually.ts";
import {
  freePort,
  missing,
  S3_BUCKET as BUCKET,
  startMoto,
  startS3rver,
} from "../../testing/servers.ts";
import { bytesOf, keyOf, testStore } from "../../testing/store_suite.ts";

function openS3(
  port: number,
  { secret = "S3RVER", bucket = BUCKET, prefix = "" }: {
    secret?: string;
    bucket?: string;
    prefix?: string;
  } = {},
): Store {
  const sign = createS3Signer({
    credentials: () => Promise.resolve({ accessKeyId: "S3RVER", secretAccessKey: secret }),
    region: "us-east-1",
  });
  const url = `http://127.0.0.1:${port}/${bucket}`;
  const driver = createS3Driver({ bucket: { url, prefix, sign }, fetch, timeoutMs: 20_000 });
  return createDriverStore("s3", driver);
}

const SERVERS = {
  "s3 (s3rver)": { variable: "S3RVER", start: startS3rver },
  "s3 (moto)": {
    variable: "MOTO_SERVER",
    start: startMoto,
  },
};

for (const [name, { variable, start }] of Object.entries(SERVERS)) {
  testStore(name, {
    missing: missing(variable),
    async start() {
      const server = await start();
      const open = (prefix: string) => openS3(server.port, { prefix });
      return {
        // s3rver signs "!", "*" and "'" in a query otherwise than AWS says.
        open: (place) => Promise.resolve(open(`é & <${place}>+/`)),
        openDown: () => Promise.resolve(openS3(freePort())),
        atomic: variable !== "S3RVER", // It writes its files in place.
        lasts: true,
        expires: false,
        foreign: {
          async put(place) {
            const other = open(`other ${place}/`);
            await other.set("a", bytesOf(1, 10));
            await other.close();
          },
          async kept(place) {
            const other = open(`other ${place}/`);
            const value = await other.get("a");
            await other.close();
            return value?.length === 10;
          },
        },
        stop: () => server.stop(),
      };
    },
  });
}

Deno.test({
  name: "s3 store rejects a missing bucket and a wrong secret, and answers again after a restart",
  ignore: missing("S3RVER") !== undefined,
  async fn() {
    let server = await startS3rver();
    const key = await keyOf("a");
    const nowhere = openS3(server.port, { bucket: "nowhere" });
    await assert.rejects(nowhere.set(key, bytesOf(1, 10)), /404 NoSuchBucket/);
    await assert.rejects(nowhere.get(key), /404 NoSuchBucket/);
    await nowhere.close();
    const wrong = openS3(server.port, { secret: "wrong" });
    await assert.rejects(wrong.get(key), /403 SignatureDoesNotMatch/);
    await assert.rejects(wrong.set(key, bytesOf(1, 10)), /403 SignatureDoesNotMatch/);
    await wrong.close();

    const store = openS3(server.port);
    await store.set(key, bytesOf(1, 10));
    await server.stop();
    await assert.rejects(store.get(key));
    server = await startS3rver(server.port);
    assert.equal(await store.get(key), undefined);
    await store.set(key, bytesOf(1, 10));
    await store.close();
    await server.stop();
  },
});

/** A store whose answers come from the function, with how often it was asked. */
function answering(answer: (request: Request, nth: number) => Response | Promise<Response>) {
  const asked: Request[] = [];
  const driver = createS3Driver({
    bucket: { url: "https://bucket.test", prefix: "p/", sign: () => Promise.resolve({}) },
    fetch: ((request: Request, init: RequestInit) => {
      asked.push(request);
      init.signal?.throwIfAborted();
      return Promise.race([
        answer(request, asked.length),
        new Promise<never>((_, reject) =>
          init.signal?.addEventListener("abort", () => reject(init.signal!.reason))
        ),
      ]);
    }) as typeof fetch,
    timeoutMs: 1_000,
  });
  return { asked, store: createDriverStore("s3", driver) };
}

for (const failure of [500, 503, 429, "network"] as const) {
  Deno.test(`s3 store tries again after ${failure}, and gives up after four attempts`, async () => {
    const fail = () => {
      if (failure === "network") throw new TypeError("connection reset");
      return new Response("<Error><Code>SlowDown</Code></Error>", { status: failure });
    };
    const passing = answering((_, nth) => nth < 3 ? fail() : new Response("found"));
    assert.equal((await passing.store.get("a"))?.length, 5);
    assert.equal(passing.asked.length, 3);
    const lasting = answering(fail);
    await assert.rejects(lasting.store.set("a", bytesOf(1, 1)));
    assert.equal(lasting.asked.length, 4);
  });
}

Deno.test("s3 store gives up on a server that never answers", async () => {
  const { store } = answering(() => new Promise(() => {}));
  await inTime(assert.rejects(store.set("a", bytesOf(1, 1)), /No answer in 1000 ms/));
});

const ANSWERS: [status: number, code: string, get: "miss" | "error", remove: "gone" | "error"][] = [
  [404, "NoSuchKey", "miss", "gone"],
  [404, "NoSuchBucket", "error", "error"],
  [403, "AccessDenied", "miss", "error"],
  [403, "InvalidAccessKeyId", "error", "error"],
  [400, "ExpiredToken", "error", "error"],
  [307, "TemporaryRedirect", "error", "error"],
];
for (const [status, code, get, remove] of ANSWERS) {
  Deno.test(`s3 store takes ${status} ${code} for a ${get} on get, ${remove} on delete`, async () => {
    const { store } = answering(() =>
      new Response(`<Error><Code>${code}</Code></Error>`, { status })
    );
    if (get === "miss") assert.equal(await store.get("a"), undefined);
    else await assert.rejects(store.get("a"));
    if (remove === "gone") await store.delete("a");
    else await assert.rejects(store.delete("a"));
    await assert.rejects(store.set("a", bytesOf(1, 1)));
  });
}
