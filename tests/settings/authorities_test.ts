import assert from "node:assert/strict";
import { readAuthorities } from "../../src/settings/authorities.ts";
import { authority, certificate } from "../testing/certificate.ts";

const SYSTEM = "/etc/ssl/certs/ca-certificates.crt";

/** The authorities of these files, and of a system that has these others. */
function read(
  given: readonly string[],
  files: Readonly<Record<string, string>>,
): Promise<string[]> {
  return readAuthorities(given, {
    readTextFile: (path) =>
      path in files ? Promise.resolve(files[path]!) : Promise.reject(new Error("no such file")),
  });
}

Deno.test("readAuthorities() takes those that are given, and the system's own, once each", async () => {
  const text = `# A comment\n${certificate}\n${authority.replaceAll("\n", "\r\n")}`;
  assert.deepEqual(await read([], {}), []);
  assert.deepEqual(await read(["/a.pem"], { "/a.pem": authority }), [authority.trim()]);
  assert.deepEqual(
    (await read(["/a.pem"], { "/a.pem": text })).map((pem) => pem.replaceAll("\r", "")),
    [certificate.trim(), authority.trim()],
  );
  assert.deepEqual(await read([], { [SYSTEM]: `${authority}\n${authority}` }), [authority.trim()]);
  assert.deepEqual(await read(["/a.pem"], { "/a.pem": authority, [SYSTEM]: authority }), [
    authority.trim(),
  ]);
  // One that cannot be read is the system's affair; there are others.
  const broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  assert.deepEqual(await read([], { [SYSTEM]: broken + authority }), [authority.trim()]);
});

Deno.test("readAuthorities() names a file that is of no use", async () => {
  const files = {
    "/key.pem": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    "/broken.pem": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
  };
  for (const path of Object.keys(files)) {
    const message = `-caFile: the file ${path} does not hold certificates in PEM`;
    await assert.rejects(read([path], files), { message });
  }
  const message = "-caFile cannot read the file /none.pem: no such file";
  await assert.rejects(read(["/none.pem"], files), { message });
});
