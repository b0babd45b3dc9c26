import assert from "node:assert/strict";
import { createAwsCredentials } from "../../src/cloud/aws_credentials.ts";

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
