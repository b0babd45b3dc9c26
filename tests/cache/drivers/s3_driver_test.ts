import assert from "node:assert/strict";
import {
  createAwsCredentials,
  createS3Signer,
} from "../../../src/cache/drivers/aws_credentials.ts";
import { createDriverStore } from "../../../src/cache/drivers/cache_driver.ts";
import {
  bucketUrlOf,
  createS3Driver,
  type S3DriverOptions,
} from "../../../src/cache/drivers/s3_driver.ts";
import type { Store } from "../../../src/cache/drivers/store.ts";
import {
  freePort,
  missing,
  S3_BUCKET as BUCKET,
  startS3rver,
  startServer,
} from "../../testing/servers.ts";
import { bytesOf, keyOf, testStore } from "../../testing/store_suite.ts";

function openS3(port: number, options: Partial<S3DriverOptions> & { secret?: string } = {}): Store {
  const { secret = "S3RVER", ...rest } = options;
  const sign = createS3Signer({
    credentials: () => Promise.resolve({ accessKeyId: "S3RVER", secretAccessKey: secret }),
    region: "us-east-1",
  });
  const bucketUrl = `http://127.0.0.1:${port}/${BUCKET}`;
  const driver = createS3Driver({ bucketUrl, prefix: "", sign, fetch, timeoutMs: 20_000, ...rest });
  return createDriverStore("s3", driver);
}

const SERVERS = {
  "s3 (s3rver)": { variable: "S3RVER", start: startS3rver },
  "s3 (moto)": {
    variable: "MOTO_SERVER",
    async start() {
      const server = await startServer("MOTO_SERVER", {
        args: (port) => ["-H", "127.0.0.1", "-p", `${port}`],
      });
      const url = `http://127.0.0.1:${server.port}/${BUCKET}`;
      await (await fetch(url, { method: "PUT" })).body?.cancel();
      return server;
    },
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
    const nowhere = openS3(server.port, { bucketUrl: `http://127.0.0.1:${server.port}/nowhere` });
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
    bucketUrl: "https://bucket.test",
    prefix: "p/",
    sign: ({ method, url, body }) =>
      Promise.resolve(
        new Request(url, { method, ...(body ? { body: body as Uint8Array<ArrayBuffer> } : {}) }),
      ),
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
  const started = performance.now();
  await assert.rejects(store.set("a", bytesOf(1, 1)), /No answer in 1000 ms/);
  assert.ok(performance.now() - started < 1_500);
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

const AWS = { region: "eu-west-1", endpoint: undefined, disableSsl: false, forcePathStyle: false };
const PLACES: [Parameters<typeof bucketUrlOf>[0], string][] = [
  [{ ...AWS, bucket: "images" }, "https://images.s3.eu-west-1.amazonaws.com"],
  [
    { ...AWS, bucket: "images", region: "cn-north-1" },
    "https://images.s3.cn-north-1.amazonaws.com.cn",
  ],
  [{ ...AWS, bucket: "images", forcePathStyle: true }, "https://s3.eu-west-1.amazonaws.com/images"],
  [{ ...AWS, bucket: "img.example.com" }, "https://s3.eu-west-1.amazonaws.com/img.example.com"],
  [{ ...AWS, bucket: "My_Bucket" }, "https://s3.eu-west-1.amazonaws.com/My_Bucket"],
  [{ ...AWS, bucket: "images", endpoint: "nyc3.space.test" }, "https://images.nyc3.space.test"],
  [
    { ...AWS, bucket: "images", endpoint: "127.0.0.1:9000", disableSsl: true },
    "http://127.0.0.1:9000/images",
  ],
  [{ ...AWS, bucket: "images", endpoint: "http://minio:9000/" }, "http://images.minio:9000"],
];
for (const [place, url] of PLACES) {
  Deno.test(`bucketUrlOf() gives ${url}`, () => assert.equal(bucketUrlOf(place), url));
}

/** Credentials from these variables, files and answers, and what was fetched. */
function credentialsFrom(
  { env = {}, files = {}, answers = {}, now = () => 0 }: {
    env?: Record<string, string>;
    files?: Record<string, string>;
    answers?: Record<string, () => string>;
    now?: () => number;
  },
) {
  const asked: string[] = [];
  const credentials = createAwsCredentials({
    env: (name) => env[name],
    readTextFile: (path) =>
      path in files ? Promise.resolve(files[path]!) : Promise.reject(new Error("no file")),
    fetch: ((url: string, init?: RequestInit) => {
      asked.push(`${init?.method ?? "GET"} ${url}`);
      const answer = answers[url];
      return Promise.resolve(answer ? new Response(answer()) : new Response("", { status: 404 }));
    }) as typeof fetch,
    now,
  });
  return { asked, credentials };
}

const INI = `[default]
aws_access_key_id = default-id
aws_secret_access_key = default-secret
; a comment
[work]
aws_access_key_id=work-id
aws_secret_access_key=work-secret
aws_session_token=work-token
`;

Deno.test("createAwsCredentials() takes the variables before anything else", async () => {
  const { credentials, asked } = credentialsFrom({
    env: {
      AWS_ACCESS_KEY_ID: "id",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_SESSION_TOKEN: "token",
      AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/role",
    },
  });
  const expected = { accessKeyId: "id", secretAccessKey: "secret", sessionToken: "token" };
  assert.deepEqual(await credentials(), expected);
  assert.deepEqual(asked, []);
});

Deno.test("createAwsCredentials() reads the profile of the credentials and config files", async () => {
  const files = { "/home/me/.aws/credentials": INI };
  const standard = credentialsFrom({ env: { HOME: "/home/me" }, files });
  assert.equal((await standard.credentials()).accessKeyId, "default-id");
  const work = credentialsFrom({ env: { HOME: "/home/me", AWS_PROFILE: "work" }, files });
  assert.equal((await work.credentials()).sessionToken, "work-token");
  const config = credentialsFrom({
    env: { AWS_CONFIG_FILE: "/c", AWS_PROFILE: "work" },
    files: { "/c": INI.replace("[work]", "[profile work]") },
  });
  assert.equal((await config.credentials()).accessKeyId, "work-id");
});

Deno.test("createAwsCredentials() asks the container before the instance, and anew before expiry", async () => {
  let time = 0;
  let given = 0;
  const url = "http://169.254.170.2/role";
  const { credentials, asked } = credentialsFrom({
    env: { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/role" },
    answers: {
      [url]: () =>
        JSON.stringify({
          AccessKeyId: `id ${++given}`,
          SecretAccessKey: "s",
          Token: "t",
          Expiration: new Date(time + 3_600_000).toISOString(),
        }),
    },
    now: () => time,
  });
  await Promise.all([credentials(), credentials(), credentials()]);
  assert.equal((await credentials()).accessKeyId, "id 1");
  time = 3_400_000;
  assert.equal((await credentials()).accessKeyId, "id 2");
  assert.deepEqual(asked, [`GET ${url}`, `GET ${url}`]);
});

Deno.test("createAwsCredentials() gets the role of an instance with a token, if nothing else", async () => {
  const base = "http://169.254.169.254/latest";
  const roles = `${base}/meta-data/iam/security-credentials/`;
  const answers = {
    [`${base}/api/token`]: () => "token",
    [roles]: () => "web\n",
    [`${roles}web`]: () =>
      `{"AccessKeyId":"i","SecretAccessKey":"s","Token":"t","Expiration":"2030-01-01T00:00:00Z"}`,
  };
  const { credentials, asked } = credentialsFrom({ answers });
  assert.equal((await credentials()).accessKeyId, "i");
  assert.deepEqual(asked, [`PUT ${base}/api/token`, `GET ${roles}`, `GET ${roles}web`]);
  const off = credentialsFrom({ answers, env: { AWS_EC2_METADATA_DISABLED: "true" } });
  await assert.rejects(off.credentials(), /Found no AWS credentials/);
});

Deno.test("createAwsCredentials() exchanges the token of a Kubernetes service account", async () => {
  const { credentials } = credentialsFrom({
    env: { AWS_ROLE_ARN: "arn", AWS_WEB_IDENTITY_TOKEN_FILE: "/token", AWS_REGION: "eu-west-1" },
    files: { "/token": "jwt\n" },
    answers: {
      "https://sts.eu-west-1.amazonaws.com": () =>
        "<Credentials><AccessKeyId>i</AccessKeyId><SecretAccessKey>s</SecretAccessKey>" +
        "<SessionToken>t</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration></Credentials>",
    },
  });
  const { accessKeyId, sessionToken } = await credentials();
  assert.deepEqual([accessKeyId, sessionToken], ["i", "t"]);
});
