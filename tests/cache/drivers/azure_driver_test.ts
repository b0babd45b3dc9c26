import assert from "node:assert/strict";
import { createAzureDriver } from "../../../src/cache/drivers/azure_driver.ts";
import { createDriverStore } from "../../../src/cache/drivers/cache_driver.ts";
import type { Store } from "../../../src/cache/drivers/store.ts";
import { createAzureSigner } from "../../../src/cloud/azure.ts";
import { freePort, missing, startAzurite } from "../../testing/servers.ts";
import { bytesOf, keyOf, testStore } from "../../testing/store_suite.ts";

const SERVER = "AZURITE_BLOB";
const ACCOUNT = "pictures";
const KEY = new Uint8Array(64).fill(7).toBase64();

function openAzure(
  port: number,
  { accessKey = KEY, container = "cache", prefix = "" }: {
    accessKey?: string;
    container?: string;
    prefix?: string;
  } = {},
): Store {
  const url = `http://127.0.0.1:${port}/${ACCOUNT}/${container}`;
  const sign = createAzureSigner({ account: ACCOUNT, accessKey });
  const driver = createAzureDriver({ bucket: { url, prefix, sign }, fetch, timeoutMs: 20_000 });
  return createDriverStore("azure", driver);
}

testStore("azure", {
  missing: missing(SERVER),
  async start() {
    const server = await startAzurite({ account: ACCOUNT, key: KEY });
    const open = (prefix: string) => openAzure(server.port, { prefix });
    return {
      open: (place) => Promise.resolve(open(`é & <${place}>+!*'/`)),
      openDown: () => Promise.resolve(openAzure(freePort())),
      atomic: true,
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

Deno.test({
  name:
    "azure store makes its container, rejects a wrong key and survives a restart of the service",
  ignore: missing(SERVER) !== undefined,
  async fn() {
    let server = await startAzurite({ account: ACCOUNT, key: KEY });
    const key = await keyOf("a");
    const wrong = openAzure(server.port, { accessKey: new Uint8Array(64).toBase64() });
    await assert.rejects(wrong.get(key), /403/);
    await assert.rejects(wrong.set(key, bytesOf(1, 10)), /403/);
    await wrong.close();

    const store = openAzure(server.port, { container: "fresh" });
    assert.equal(await store.get(key), undefined);
    assert.deepEqual(await store.stats!(), { entries: 0, bytes: 0 });
    await store.delete(key);
    await store.set(key, bytesOf(1, 10));
    const open = await fetch(
      `http://127.0.0.1:${server.port}/${ACCOUNT}/fresh?restype=container&comp=list`,
    );
    await open.body?.cancel();
    assert.notEqual(open.status, 200, "the container is open to everyone");
    await server.stop();
    await assert.rejects(store.get(key));
    server = await startAzurite({ account: ACCOUNT, key: KEY, port: server.port });
    await store.set(key, bytesOf(2, 20));
    assert.equal((await store.get(key))?.length, 20);
    await store.close();
    await server.stop();
  },
});
