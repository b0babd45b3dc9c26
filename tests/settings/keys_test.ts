import assert from "node:assert/strict";
import { readKeys } from "../../src/settings/keys.ts";

const FILES: Readonly<Record<string, string>> = {
  "/keys/plain": "secret",
  "/keys/newline": "secret\n",
  "/keys/windows": "secret\r\n",
  "/keys/two": "secret\n\n",
  "/keys/inner": "sec\nret",
  "/keys/empty": "\n",
};

function readFile(path: string): Promise<Uint8Array> {
  const text = FILES[path];
  return text === undefined
    ? Promise.reject(new Error("No such file"))
    : Promise.resolve(new TextEncoder().encode(text));
}

Deno.test("readKeys() takes keys as they are, and files without their final newline", async () => {
  const rows: readonly (readonly [string, string])[] = [
    ["secretkey", "secretkey"],
    ["@/keys/plain", "secret"],
    ["@/keys/newline", "secret"],
    ["@/keys/windows", "secret"],
    ["@/keys/two", "secret\n"],
    ["@/keys/inner", "sec\nret"],
  ];
  for (const [key, expected] of rows) {
    const [bytes] = await readKeys([key], { setting: "sourceKey", readFile });
    assert.equal(new TextDecoder().decode(bytes), expected, key);
  }
});

Deno.test("readKeys() names the file that cannot be read or is empty", async () => {
  await assert.rejects(
    readKeys(["@/keys/none"], { setting: "sourceKey", readFile }),
    /^Error: -sourceKey cannot read the key file \/keys\/none: No such file/,
  );
  await assert.rejects(
    readKeys(["a", "@/keys/empty"], { setting: "sourceKey", readFile }),
    /\/keys\/empty is empty/,
  );
});
