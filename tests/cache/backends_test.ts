import assert from "node:assert/strict";
import { createStorage } from "unstorage";
import { BACKENDS, openStore, type StoreContext } from "../../src/cache/backends.ts";
import { createFileDriver } from "../../src/cache/drivers/file_driver.ts";
import { createMemoryDriver } from "../../src/cache/drivers/memory_driver.ts";
import { bytesOf, keyOf } from "../testing/store_suite.ts";

/** Opens with these variables and answers, and records what was fetched and which variables were read. */
function contextOf(
  env: Record<string, string> = {},
  answer: (request: Request) => Response = () => new Response(null, { status: 404 }),
) {
  const asked: Request[] = [];
  const read = new Set<string>();
  const context: StoreContext = {
    env: (name) => {
      read.add(name);
      return env[name];
    },
    log: () => {},
    fetch: ((input: Request | string, init?: RequestInit) => {
      const request = new Request(input, init);
      asked.push(request);
      return Promise.resolve(answer(request));
    }) as typeof fetch,
  };
  return { asked, read, context };
}

const KEYS = {
  AWS_ACCESS_KEY_ID: "id",
  AWS_SECRET_ACCESS_KEY: "secret",
  AZURESTORAGE_ACCOUNT_NAME: "account",
  AZURESTORAGE_ACCESS_KEY: "a2V5",
  GCS_ACCESS_KEY_ID: "id",
  GCS_SECRET_ACCESS_KEY: "secret",
};

for (const [scheme, backend] of Object.entries(BACKENDS)) {
  for (const example of backend.examples.filter((example) => !/^[./]|^file|^redis/.test(example))) {
    Deno.test(`openStore() opens ${example}, reading only the variables that ${scheme} names`, async () => {
      const { context, read } = contextOf(KEYS);
      const store = await openStore(example, context);
      assert.equal(store.name, scheme);
      assert.equal(await store.get(await keyOf("a")), undefined);
      await store.close();
      for (const name of read) assert.ok(backend.variables.includes(name as never), name);
    });
  }
}

const KEY = `ab:cd:abcd${"0".repeat(60)}`;
const NAME = `ab/abcd${"0".repeat(60)}`;
const ADDRESSES: [spec: string, url: string][] = [
  ["s3://us-east-1/images", `https://images.s3.us-east-1.amazonaws.com/${NAME}`],
  ["s3://us-east-1/images/a/b/", `https://images.s3.us-east-1.amazonaws.com/a/b/${NAME}`],
  ["s3://eu-west-1/Images?s3ForcePathStyle=1", `https://s3.eu-west-1.amazonaws.com/Images/${NAME}`],
  [
    "s3://x/images?endpoint=localhost:9000&disableSSL=1&s3ForcePathStyle=1",
    `http://localhost:9000/images/${NAME}`,
  ],
  ["azure://thumbs", `https://account.blob.core.windows.net/thumbs/${NAME}`],
  ["azure://", `https://account.blob.core.windows.net/cache/${NAME}`],
  ["azure://thumbs/a%20b", `https://account.blob.core.windows.net/thumbs/a%20b/${NAME}`],
  ["gcs://images/a/b", `https://storage.googleapis.com/images/a/b/${NAME}`],
];
for (const [spec, url] of ADDRESSES) {
  Deno.test(`openStore() keeps ${spec} at ${url.replace(NAME, "…")}`, async () => {
    const { context, asked } = contextOf(KEYS);
    const store = await openStore(spec, context);
    await store.get(KEY);
    assert.equal(asked[0]!.url, url);
    await store.close();
  });
}

Deno.test("openStore() takes the region of s3:///bucket from AWS_REGION", async () => {
  const { context, asked } = contextOf({ ...KEYS, AWS_REGION: "eu-north-1" });
  const store = await openStore("s3:///images", context);
  await store.get(KEY);
  assert.match(asked[0]!.headers.get("authorization")!, /\/eu-north-1\/s3\/aws4_request/);
  await store.close();
});

const BAD: [spec: string, sentence: RegExp][] = [
  ["", /is empty; use memory/],
  ["memory:lots", /whole megabytes, such as memory:100, not "lots"/],
  ["memory:0", /whole megabytes/],
  ["memory:1.5", /whole megabytes/],
  ["memory:100:soon", /duration such as 24h/],
  ["memory:100:", /duration such as 24h/],
  ["memory:100:1h:x", /duration such as 24h/],
  ["memory:100:-1h", /duration such as 24h/],
  ["ftp://host/x", /"ftp" is not known; use a directory or one of memory, file, s3/],
  ["constructor:x", /"constructor" is not known/],
  ["file:", /path is missing/],
  ["file://host/x", /a file takes a path/],
  ["file:/x?max=big", /max takes a size such as 10GB, or none, not "big"/],
  ["file:/x?max=0", /max takes a size/],
  ["/x?max=10", /max=10 is 10 bytes: write 10MB or 10GB$/],
  ["memmory", /did you mean memory\? A directory of that name is written \.\/memmory$/],
  ["Memory", /did you mean memory\?/],
  ["memory?max=10", /did you mean memory:100 for 100 MB\?/],
  ["redis", /did you mean redis:\/\/localhost:6379\?/],
  ["nome", /did you mean none\?/],
  ["redsi://h", /"redsi" is not known; .*; did you mean redis\?$/],
  ["/x?size=1", /does not know "size", only max/],
  ["s3:bucket", /not a URL/],
  ["s3://us-east-1", /region and bucket are needed/],
  ["s3://us-east-1/b?disableSSL=maybe", /disableSSL takes 1 or 0, not "maybe"/],
  ["s3://us-east-1/b?region=x", /does not know "region", only endpoint, disableSSL/],
  ["s3://us-east-1/b/../c", /may not hold \. or \.\./],
  ["s3://us-east-1/b?timeout=5", /timeout takes a duration such as 5s/],
  ["redis://h/images", /database number/],
  ["redis://user:secret@h/0?x=1", /^Cannot open the cache "redis:\/\/user:\*\*\*@h\/0\?x=1"/],
  ["gcs://", /bucket is missing/],
];
for (const [spec, sentence] of BAD) {
  Deno.test(`openStore() refuses "${spec}" with what would be right`, async () => {
    await assert.rejects(openStore(spec, contextOf(KEYS).context), (error: Error) => {
      assert.match(error.message, sentence);
      assert.doesNotMatch(error.message, /:secret/);
      return true;
    });
  });
}

Deno.test("openStore() refuses azure:// without an account or with a key that is no base64", async () => {
  await assert.rejects(
    openStore("azure://a", contextOf().context),
    /set AZURESTORAGE_ACCOUNT_NAME/,
  );
  const env = { ...KEYS, AZURESTORAGE_ACCESS_KEY: "no key" };
  await assert.rejects(openStore("azure://a", contextOf(env).context), /not base64/);
});

Deno.test("openStore() keeps memory:1 within a megabyte, and memory:1:20ms for 20 ms", async () => {
  const { context } = contextOf();
  const store = await openStore("memory:1:20ms", context);
  for (let i = 0; i < 30; i++) await store.set(await keyOf(`${i}`), bytesOf(1, 100_000));
  assert.equal((await store.stats!()).bytes, 900_000);
  await new Promise((resolve) => setTimeout(resolve, 40));
  assert.equal(await store.get(await keyOf("29")), undefined);
  await store.close();
});

for (
  const form of [
    (path: string) => path,
    (path: string) => `${path}/?max=1MB`,
    (path: string) => `file:${path}?max=1MB`,
    (path: string) => `file://${path}?max=0.5MiB`,
  ]
) {
  Deno.test(`openStore() keeps ${form("/path")} in that directory`, async () => {
    const base = await Deno.makeTempDir();
    const store = await openStore(form(`${base}/a b`), contextOf().context);
    assert.equal(store.name, "file");
    await store.set(KEY, bytesOf(1, 10));
    assert.equal((await Deno.stat(`${base}/a b/${NAME}`)).size, 10);
    await store.close();
    await Deno.remove(base, { recursive: true });
  });
}

Deno.test("gcs:// asks for a token with the key of the service account, and once", async () => {
  const pair = await crypto.subtle.generateKey(
    {
      name: "RSASSA-PKCS1-v1_5",
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
      hash: "SHA-256",
    },
    true,
    ["sign", "verify"],
  );
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey)).toBase64();
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(
    path,
    JSON.stringify({
      type: "service_account",
      client_email: "me@project.test",
      private_key: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`,
      token_uri: "https://token.test/",
    }),
  );
  const { context, asked } = contextOf(
    { GOOGLE_APPLICATION_CREDENTIALS: path },
    (request) =>
      request.url === "https://token.test/"
        ? Response.json({ access_token: "bearer", expires_in: 3600 })
        : new Response("value"),
  );
  const store = await openStore("gcs://images", context);
  assert.equal((await store.get(KEY))?.length, 5);
  await store.set(KEY, bytesOf(1, 3));
  assert.equal(asked.length, 3);
  assert.equal(asked[1]!.headers.get("authorization"), "Bearer bearer");
  const assertion = new URLSearchParams(await asked[0]!.text()).get("assertion")!;
  const [head, claims, signature] = assertion.split(".");
  const base64url = { alphabet: "base64url" } as const;
  assert.ok(
    await crypto.subtle.verify(
      "RSASSA-PKCS1-v1_5",
      pair.publicKey,
      Uint8Array.fromBase64(signature!, base64url),
      new TextEncoder().encode(`${head}.${claims}`),
    ),
  );
  const said = JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(claims!, base64url)));
  assert.equal(said.iss, "me@project.test");
  assert.equal(said.aud, "https://token.test/");
  await store.close();
  await Deno.remove(path);
});

Deno.test("gcs:// asks the machine for a token when there is no file", async () => {
  const { context, asked } = contextOf(
    { GCE_METADATA_HOST: "metadata.test" },
    (request) =>
      request.url.startsWith("http://metadata.test/computeMetadata/v1/")
        ? Response.json({ access_token: "bearer", expires_in: 3600 })
        : new Response(null, { status: 404 }),
  );
  const store = await openStore("gcs://images", context);
  assert.equal(await store.get(KEY), undefined);
  assert.equal(asked[0]!.headers.get("metadata-flavor"), "Google");
  await store.close();
  const none = await openStore("gcs://images", contextOf().context);
  await assert.rejects(none.get(KEY), /Found no Google credentials/);
  await none.close();
});

Deno.test("our drivers are unstorage drivers", async () => {
  const directory = await Deno.makeTempDir();
  const drivers = [
    createMemoryDriver({ maxBytes: 1e6 }),
    createFileDriver({ directory, maxBytes: 1e6 }),
  ];
  for (const driver of drivers) {
    const storage = createStorage({ driver });
    await storage.setItemRaw(KEY, bytesOf(3, 10));
    assert.deepEqual(await storage.getItemRaw(KEY), bytesOf(3, 10));
    assert.deepEqual(await storage.getKeys("ab"), [KEY]);
    await storage.removeItem(KEY);
    assert.equal(await storage.hasItem(KEY), false);
    await storage.dispose();
  }
  await Deno.remove(directory, { recursive: true });
});
