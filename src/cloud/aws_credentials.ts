// Who we are to AWS: the places where its own tools look, in their order, and the shared memory of
// the answer until shortly before it expires.

import { xmlText } from "./xml.ts";

export interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  /** In ms since the epoch, for those that expire. */
  expiresMs?: number;
}

export interface CredentialSources {
  env: (name: string) => string | undefined;
  fetch: typeof fetch;
  readTextFile?: (path: string) => Promise<string>;
  now?: () => number;
}

/** Fetched again when less than this is left, so that no request is sent with stale ones. */
const REFRESH_BEFORE_MS = 5 * 60_000;
/** Off AWS the metadata address answers nobody; do not wait for it. */
const METADATA_MS = 1_000;

/** A function that gives the credentials of the moment; rejects if there are none. */
export function createAwsCredentials(sources: CredentialSources): () => Promise<AwsCredentials> {
  const { now = Date.now } = sources;
  let known: AwsCredentials | undefined;
  let asking: Promise<AwsCredentials> | undefined;

  async function ask(): Promise<AwsCredentials> {
    for (const find of [fromEnv, fromWebIdentity, fromFiles, fromContainer, fromInstance]) {
      const found = await find(sources);
      if (found) return known = found;
    }
    throw new Error(
      "Found no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile, or give the machine a role",
    );
  }

  return async () => {
    const left = (known?.expiresMs ?? Infinity) - now();
    if (known && left > REFRESH_BEFORE_MS) return known;
    asking ??= ask().finally(() => asking = undefined);
    // What still holds is used when the source fails.
    return await (known && left > 0 ? asking.catch(() => known!) : asking);
  };
}

function fromEnv({ env }: CredentialSources): AwsCredentials | undefined {
  const accessKeyId = env("AWS_ACCESS_KEY_ID") ?? env("AWS_ACCESS_KEY");
  const secretAccessKey = env("AWS_SECRET_ACCESS_KEY") ?? env("AWS_SECRET_KEY");
  if (!accessKeyId || !secretAccessKey) return undefined;
  const sessionToken = env("AWS_SESSION_TOKEN");
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}

/** A Kubernetes service account, exchanged for a role's credentials by STS. */
async function fromWebIdentity(sources: CredentialSources): Promise<AwsCredentials | undefined> {
  const { env, fetch } = sources;
  const [role, file] = [env("AWS_ROLE_ARN"), env("AWS_WEB_IDENTITY_TOKEN_FILE")];
  if (!role || !file) return undefined;
  const region = env("AWS_REGION") ?? env("AWS_DEFAULT_REGION");
  const host = region ? `sts.${region}.amazonaws.com` : "sts.amazonaws.com";
  const body = new URLSearchParams({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: role,
    RoleSessionName: env("AWS_ROLE_SESSION_NAME") ?? "imageproxy",
    WebIdentityToken: (await readFile(sources, file)).trim(),
  });
  const endpoint = env("AWS_ENDPOINT_URL_STS") ?? `https://${host}`;
  const xml = await ask(fetch, endpoint, { method: "POST", body, ms: 5_000 });
  const [accessKeyId, secretAccessKey, sessionToken, expiration] = [
    ...["AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"],
  ].map((name) => xmlText(xml, name) ?? "");
  return {
    accessKeyId: accessKeyId!,
    secretAccessKey: secretAccessKey!,
    sessionToken: sessionToken!,
    expiresMs: Date.parse(expiration!),
  };
}

async function fromFiles(sources: CredentialSources): Promise<AwsCredentials | undefined> {
  const { env } = sources;
  const home = env("HOME") ?? env("USERPROFILE");
  const profile = env("AWS_PROFILE") ?? "default";
  const places = [
    [env("AWS_SHARED_CREDENTIALS_FILE") ?? (home && `${home}/.aws/credentials`), profile],
    [
      env("AWS_CONFIG_FILE") ?? (home && `${home}/.aws/config`),
      profile === "default" ? profile : `profile ${profile}`,
    ],
  ];
  for (const [path, section] of places) {
    if (!path) continue;
    const values = iniSection(await readFile(sources, path).catch(() => ""), section!);
    const accessKeyId = values.get("aws_access_key_id");
    const secretAccessKey = values.get("aws_secret_access_key");
    if (!accessKeyId || !secretAccessKey) continue;
    const sessionToken = values.get("aws_session_token");
    return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
  }
  return undefined;
}

/** ECS and EKS tell the address of the task's role in variables. */
async function fromContainer(sources: CredentialSources): Promise<AwsCredentials | undefined> {
  const { env, fetch } = sources;
  const relative = env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const url = relative
    ? `http://169.254.170.2${relative}`
    : env("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (!url) return undefined;
  const file = env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  const token = file
    ? (await readFile(sources, file)).trim()
    : env("AWS_CONTAINER_AUTHORIZATION_TOKEN");
  return fromJson(await ask(fetch, url, { headers: token ? { authorization: token } : {} }));
}

/** The role of an EC2 instance, through version 2 of its metadata service. */
async function fromInstance(sources: CredentialSources): Promise<AwsCredentials | undefined> {
  const { env, fetch } = sources;
  if (env("AWS_EC2_METADATA_DISABLED")?.toLowerCase() === "true") return undefined;
  const base = (env("AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? "http://169.254.169.254")
    .replace(/\/$/, "");
  try {
    const token = await ask(fetch, `${base}/latest/api/token`, {
      method: "PUT",
      headers: { "x-aws-ec2-metadata-token-ttl-seconds": "21600" },
    });
    const headers = { "x-aws-ec2-metadata-token": token };
    const roles = `${base}/latest/meta-data/iam/security-credentials/`;
    const role = (await ask(fetch, roles, { headers })).split("\n")[0]!.trim();
    return fromJson(await ask(fetch, roles + role, { headers }));
  } catch {
    return undefined; // Not on EC2, or an instance without a role.
  }
}

function fromJson(text: string): AwsCredentials {
  const answer = JSON.parse(text);
  return {
    accessKeyId: answer.AccessKeyId,
    secretAccessKey: answer.SecretAccessKey,
    sessionToken: answer.Token,
    expiresMs: Date.parse(answer.Expiration),
  };
}

async function ask(
  fetch: CredentialSources["fetch"],
  url: string,
  { ms = METADATA_MS, ...init }: RequestInit & { ms?: number },
): Promise<string> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), ms);
  try {
    const response = await fetch(url, { ...init, signal: deadline.signal, redirect: "error" });
    const text = await response.text();
    if (!response.ok) throw new Error(`${url} answered ${response.status} for AWS credentials`);
    return text;
  } finally {
    clearTimeout(timer);
  }
}

function readFile({ readTextFile = Deno.readTextFile }: CredentialSources, path: string) {
  return readTextFile(path);
}

function iniSection(text: string, section: string): Map<string, string> {
  const values = new Map<string, string>();
  let inside = false;
  for (const line of text.split(/\r?\n/)) {
    const heading = /^\s*\[\s*(.*?)\s*\]/.exec(line);
    if (heading) inside = heading[1] === section;
    const pair = /^\s*([\w-]+)\s*=\s*(.*?)\s*$/.exec(line);
    if (inside && pair) values.set(pair[1]!.toLowerCase(), pair[2]!);
  }
  return values;
}
