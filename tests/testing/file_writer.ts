// Writes entries into a directory until it is killed: a child process of the test of kill -9.
// Each value begins with its length and goes on with one byte that follows from it. Says a byte for every hundred.

import { createFileDriver } from "../../src/cache/drivers/file_driver.ts";
import { keyOf } from "./store_suite.ts";

const driver = createFileDriver({ directory: Deno.args[0]!, maxBytes: Infinity });
let written = 0;
await Promise.all(Array.from({ length: 16 }, async (_, lane) => {
  for (let i = 0;; i++) {
    const length = 1_000 + ((i * 7_919 + lane * 104_729) % 60_000);
    const value = new Uint8Array(length).fill(length % 251);
    new DataView(value.buffer).setUint32(0, length);
    await driver.setItemRaw(await keyOf(`${(i * 16 + lane) % 3_000}`), value, {});
    if (++written % 100 === 0) Deno.stdout.writeSync(new Uint8Array(1));
  }
}));
