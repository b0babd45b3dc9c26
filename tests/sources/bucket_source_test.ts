import assert from "node:assert/strict";
import { azureContainer } from "../../src/cloud/azure.ts";
import type { Bucket } from "../../src/cloud/bucket.ts";
import { encodePath } from "../../src/cloud/bucket.ts";
import type { CloudContext } from "../../src/cloud/context.ts";
import { gcsBucket } from "../../src/cloud/gcs.ts";
import { type Location, parseLocation } from "../../src/cloud/location.ts";
import { s3Bucket } from "../../src/cloud/s3.ts";
import type { Config } from "../../src/settings/table.ts";
import { silent, startProxy, type TestProxy } from "../testing/proxy.ts";
import {
  freePort,
  missing,
  S3_BUCKET,
  startAzurite,
  startMoto,
  startS3rver,
  type TestServer,
} from "../testing/servers.ts";
import { type SourceSubject, testSource } from "../testing/source_suite.ts";

const AWS = { AWS_ACCESS_KEY_ID: "S3RVER", AWS_SECRET_ACCESS_KEY: "S3RVER" };
const GOOGLE = { GCS_ACCESS_KEY_ID: "S3RVER", GCS_SECRET_ACCESS_KEY: "S3RVER" };
const ACCOUNT = "pictures";
const AZURE = {
  AZURESTORAGE_ACCOUNT_NAME: ACCOUNT,
  AZURESTORAGE_ACCESS_KEY: new Uint8Array(64).fill(7).toBase64(),
};

interface Store {
  server: TestServer;
  env: Readonly<Record<string, string>>;
  /** The location of a prefix of the store at a port. */
  locate(prefix: string, port?: number): string;
  open(location: Location, context: CloudContext): Bucket;
  putHeaders?: Readonly<Record<string, string>>;
  /** The header that keeps a Cache-Control. */
  cacheControlHeader?: string;
  refusing: SourceSubject["refusing"];
}

function subjectOf(
  { server, env, locate, open, putHeaders = {}, refusing, ...store }: Store,
): SourceSubject {
  const { cacheControlHeader = "cache-control" } = store;
  return {
    locate: (place) => locate(place),
    async put(place, { name, bytes, cacheControl }) {
      const location = parseLocation(locate(encodePath(place)), Error);
      const { url: bucketUrl, prefix, sign } = open(location, { env: (name) => env[name] });
      const url = `${bucketUrl}/${encodePath(prefix + name)}`;
      const headers = {
        ...putHeaders,
        ...(cacheControl ? { [cacheControlHeader]: cacheControl } : {}),
      };
      const response = await fetch(url, {
        method: "PUT",
        headers: await sign({ method: "PUT", url, headers, body: bytes }),
        body: bytes as Uint8Array<ArrayBuffer>,
      });
      assert.ok(response.ok, `${url}: ${await response.text()}`);
    },
    down: locate("down", freePort()),
    env,
    refusing,
    keepsCacheControl: true,
    stop: server.stop,
  };
}

function s3Store(server: TestServer): Store {
  const locate = (prefix: string, port = server.port, bucket = S3_BUCKET) =>
    `s3://us-east-1/${bucket}/${prefix}?endpoint=127.0.0.1:${port}&disableSSL=1&s3ForcePathStyle=1`;
  return {
    server,
    env: AWS,
    locate,
    open: s3Bucket,
    refusing: [[
      locate("", server.port, "nowhere"),
      /nowhere\/a.png was answered 404 NoSuchBucket/,
    ]],
  };
}

testSource("s3 (s3rver)", {
  missing: missing("S3RVER"),
  start: async () => subjectOf(s3Store(await startS3rver())),
});

testSource("s3 (moto)", {
  missing: missing("MOTO_SERVER"),
  start: async () => subjectOf(s3Store(await startMoto())),
});

testSource("gcs (s3rver, keys)", {
  missing: missing("S3RVER"),
  async start() {
    const server = await startS3rver();
    const locate = (prefix: string, port = server.port) =>
      `gcs://${S3_BUCKET}/${prefix}?endpoint=http://127.0.0.1:${port}`;
    return subjectOf({ server, env: GOOGLE, locate, open: gcsBucket, refusing: [] });
  },
});

testSource("azure", {
  missing: missing("AZURITE_BLOB"),
  async start() {
    const server = await startAzurite({
      account: ACCOUNT,
      key: AZURE.AZURESTORAGE_ACCESS_KEY,
    });
    const locate = (prefix: string, port = server.port, container = "pictures") =>
      `azure://${container}/${prefix}?endpoint=http://127.0.0.1:${port}/${ACCOUNT}`;
    const store: Store = {
      server,
      env: AZURE,
      locate,
      open: azureContainer,
      putHeaders: { "x-ms-blob-type": "BlockBlob" },
      cacheControlHeader: "x-ms-blob-cache-control",
      refusing: [[locate("", server.port, "nowhere"), /404 ContainerNotFound/]],
    };
    const url = `http://127.0.0.1:${server.port}/${ACCOUNT}/pictures?restype=container`;
    const { sign } = azureContainer(parseLocation(locate(""), Error), {
      env: (name) => AZURE[name as keyof typeof AZURE],
    });
    const made = await fetch(url, { method: "PUT", headers: await sign({ method: "PUT", url }) });
    await made.body?.cancel();
    return subjectOf(store);
  },
});

/** A store that gives one answer, and a proxy whose source photos: it is. */
async function withStore(
  { answer, location, env = AWS, config = {} }: {
    answer: (request: Request) => Response | Promise<Response>;
    location: (port: number) => string;
    env?: Readonly<Record<string, string>>;
    config?: Partial<Config>;
  },
  run: (proxy: TestProxy) => Promise<void>,
): Promise<void> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  const { port } = server.addr;
  try {
    await using proxy = await startProxy({
      env: (name) => env[name]?.replace("PORT", String(port)),
      config: { source: [`photos=${location(port)}`], workers: 1, ...config },
    });
    await run(proxy);
  } finally {
    await server.shutdown();
  }
}

const S3_AT = (port: number) => `s3://eu-west-1/images/a?endpoint=http://127.0.0.1:${port}`;

const REFUSALS: readonly (readonly [number, string, number])[] = [
  [404, "NoSuchKey", 404],
  [404, "", 404],
  [403, "AccessDenied", 404],
  [404, "NoSuchBucket", 502],
  [403, "InvalidAccessKeyId", 502],
  [403, "SignatureDoesNotMatch", 502],
  [403, "InvalidObjectState", 502],
  [400, "ExpiredToken", 502],
  [301, "PermanentRedirect", 502],
  [307, "TemporaryRedirect", 502],
  [500, "InternalError", 502],
  [503, "SlowDown", 502],
  [206, "", 502],
];

for (const [status, code, expected] of REFUSALS) {
  Deno.test(`a bucket that answers ${status} ${code} makes the answer ${expected}`, async () => {
    const body = `<Error><Code>${code}</Code><Message>of the store</Message></Error>`;
    const headers = { location: "http://127.0.0.1:1/elsewhere" };
    const answer = () => new Response(body, { status, headers });
    await withStore({ answer, location: S3_AT }, async ({ get, warnings }) => {
      for (const name of ["a.png", "b.png"]) {
        const response = await get(`/x/photos:${name}`);
        assert.equal(response.status, expected);
        assert.doesNotMatch(await response.text(), /of the store|images|127/);
      }
      if (expected === 502) {
        assert.equal(warnings.length, 1);
        assert.match(warnings[0]!, new RegExp(`images/a/a.png was answered ${status} ${code}`));
      } else if (code === "AccessDenied") {
        assert.match(warnings.join(), /^The source photos: .*taken for a missing picture/);
      } else assert.deepEqual(warnings, []);
    });
  });
}

Deno.test("a bucket that stops answering makes the answer 504, and the operator hears which", async () => {
  const config = { firstByteTimeout: 300 };
  await withStore({ answer: silent, location: S3_AT, config }, async ({ get, warnings }) => {
    const response = await get("/x/photos:a.png");
    assert.equal(response.status, 504);
    await response.body?.cancel();
    assert.match(warnings.join(), /^The source photos: \(s3:.*took too long/);
  });
});

Deno.test("a bucket is asked with our own credentials, whatever a client sends", async () => {
  let seen = new Headers();
  const answer = (request: Request) => {
    seen = request.headers;
    return new Response("<svg/>");
  };
  const config = { passRequestHeaders: ["Authorization", "Cookie", "X-Amz-Meta-A"] };
  await withStore({ answer, location: S3_AT, config }, async ({ get }) => {
    const headers = { authorization: "Bearer theirs", cookie: "a=b", "x-amz-meta-a": "b" };
    await (await get("/x/photos:a.png", { headers })).body?.cancel();
    assert.match(seen.get("authorization")!, /^AWS4-HMAC-SHA256 Credential=S3RVER\/.*eu-west-1/);
    assert.equal(seen.get("cookie"), null);
    assert.equal(seen.get("x-amz-meta-a"), null);
  });
});

Deno.test("a bucket of Google is asked with the token of the machine, fetched once", async () => {
  const asked: string[] = [];
  const answer = (request: Request) => {
    const { pathname } = new URL(request.url);
    asked.push(pathname);
    if (pathname.startsWith("/computeMetadata/")) {
      return Response.json({ access_token: "ours", expires_in: 3600 });
    }
    return request.headers.get("authorization") === "Bearer ours"
      ? new Response("<svg/>")
      : new Response(null, { status: 401 });
  };
  const location = (port: number) => `gcs://images/in?endpoint=http://127.0.0.1:${port}`;
  const env = { GCE_METADATA_HOST: "127.0.0.1:PORT" };
  await withStore({ answer, location, env }, async ({ get }) => {
    for (const name of ["a.svg", "b.svg"]) {
      const response = await get(`/x/photos:${name}`);
      assert.equal(response.status, 200, await response.text());
    }
    assert.deepEqual(asked.slice(1), ["/images/in/a.svg", "/images/in/b.svg"]);
  });
});

Deno.test("a bucket without credentials makes the answer 502, and the operator hears what is missing", async () => {
  const env = { AWS_EC2_METADATA_DISABLED: "true" };
  const answer = () => new Response();
  await withStore({ answer, location: S3_AT, env }, async ({ get, warnings }) => {
    const response = await get("/x/photos:a.png");
    assert.equal(response.status, 502);
    assert.doesNotMatch(await response.text(), /AWS/);
    assert.match(warnings.join(), /Found no AWS credentials: set AWS_ACCESS_KEY_ID/);
  });
});
