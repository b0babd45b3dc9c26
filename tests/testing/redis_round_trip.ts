// Run by the tests in a process of its own, with the permissions to be proved enough: opens the store
// that the argument names, sets and gets a value, and prints what came of it.

import { openStore } from "../../src/cache/backends.ts";

const store = await openStore(Deno.args[0]!, {
  env: (name) => Deno.env.get(name),
  log: () => {},
});
try {
  const value = Uint8Array.from({ length: 100_000 }, (_, i) => i % 256);
  await store.set("round trip", value, { ttlSeconds: 60 });
  const got = await store.get("round trip");
  const same = got?.length === value.length && got.every((byte, i) => byte === value[i]);
  console.log(same ? "same" : "different");
} catch (error) {
  console.log(`${error}: ${(error as Error).cause}`);
} finally {
  await store.close();
}
