// Who we are to Google Cloud Storage, whose XML interface takes the verbs of S3: HMAC keys if they
// are given, or the application default credentials that the Go program uses.

import type { Sign } from "./bucket.ts";

export interface GoogleSources {
  env: (name: string) => string | undefined;
  fetch: typeof fetch;
  readTextFile?: (path: string) => Promise<string>;
  now?: () => number;
}

const SCOPE = "https://www.googleapis.com/auth/devstorage.read_write";
const TOKEN_URL = "https://oauth2.googleapis.com/token";
const REFRESH_BEFORE_MS = 5 * 60_000;
const TIMEOUT_MS = 5_000;

/** Signs with the bearer token of the moment, which is fetched when needed and kept until it nears its end. */
export function createGoogleSigner(sources: GoogleSources): Sign {
  const { now = Date.now } = sources;
  let known: { token: string; expiresMs: number } | undefined;
  let asking: Promise<string> | undefined;

  async function ask(): Promise<string> {
    const answer = await requestToken(sources);
    known = { token: answer.access_token, expiresMs: now() + answer.expires_in * 1000 };
    return known.token;
  }

  function token(): string | Promise<string> {
    if (known && known.expiresMs - now() > REFRESH_BEFORE_MS) return known.token;
    return asking ??= ask().finally(() => asking = undefined);
  }

  return async ({ headers }) => ({ ...headers, authorization: `Bearer ${await token()}` });
}

interface TokenAnswer {
  access_token: string;
  expires_in: number;
}

/** Asks for a token: from the named file, the file that gcloud leaves, or the machine itself. */
async function requestToken(sources: GoogleSources): Promise<TokenAnswer> {
  const { env, readTextFile = Deno.readTextFile } = sources;
  const named = env("GOOGLE_APPLICATION_CREDENTIALS");
  const home = env("HOME");
  const left = home && `${home}/.config/gcloud/application_default_credentials.json`;
  const text = named
    ? await readTextFile(named)
    : left && await readTextFile(left).catch(() => undefined);
  if (!text) {
    const host = env("GCE_METADATA_HOST") ?? "metadata.google.internal";
    const path = "/computeMetadata/v1/instance/service-accounts/default/token";
    return await post(sources, `http://${host}${path}`, undefined);
  }
  const file = JSON.parse(text);
  if (file.type === "service_account") {
    const assertion = await signAssertion(file, sources.now ?? Date.now);
    return await post(sources, file.token_uri ?? TOKEN_URL, {
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      assertion,
    });
  }
  if (file.type === "authorized_user") {
    const { client_id, client_secret, refresh_token } = file;
    const form = { grant_type: "refresh_token", client_id, client_secret, refresh_token };
    return await post(sources, TOKEN_URL, form);
  }
  throw new Error(
    `Cannot use Google credentials of type "${file.type}": service_account and authorized_user are known`,
  );
}

/** Posts the form, or gets from the metadata server if there is none. */
async function post(
  { fetch }: GoogleSources,
  url: string,
  form: Record<string, string> | undefined,
): Promise<TokenAnswer> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), TIMEOUT_MS);
  try {
    const response = await fetch(url, {
      signal: deadline.signal,
      redirect: "error",
      ...(form
        ? { method: "POST", body: new URLSearchParams(form) }
        : { headers: { "metadata-flavor": "Google" } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${url} answered ${response.status} for a Google token`);
    return JSON.parse(text);
  } catch (error) {
    if (form) throw error;
    throw new Error(
      "Found no Google credentials: set GOOGLE_APPLICATION_CREDENTIALS, or GCS_ACCESS_KEY_ID and GCS_SECRET_ACCESS_KEY",
      { cause: error },
    );
  } finally {
    clearTimeout(timer);
  }
}

/** The signed statement of a service account that it wants a token (RFC 7523). */
async function signAssertion(
  file: { client_email: string; private_key: string; private_key_id?: string; token_uri?: string },
  now: () => number,
): Promise<string> {
  const issued = Math.floor(now() / 1000);
  const header = { alg: "RS256", typ: "JWT", kid: file.private_key_id };
  const claims = {
    iss: file.client_email,
    scope: SCOPE,
    aud: file.token_uri ?? TOKEN_URL,
    iat: issued,
    exp: issued + 3600,
  };
  const text = [header, claims].map((part) => base64url(JSON.stringify(part))).join(".");
  const pem = file.private_key.replace(/-----[^-]+-----|\s/g, "");
  const key = await crypto.subtle.importKey(
    "pkcs8",
    Uint8Array.fromBase64(pem),
    { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
    false,
    ["sign"],
  );
  const signature = await crypto.subtle.sign(key.algorithm, key, new TextEncoder().encode(text));
  return `${text}.${base64url(new Uint8Array(signature))}`;
}

function base64url(data: string | Uint8Array): string {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}
