// Azure Blob Storage. Azure's own library brings a dozen packages and ended the process when the service
// was down; a few verbs are all that is needed, so they are signed here.

import { type Bucket, encodePath, type Sign } from "./bucket.ts";
import type { CloudContext } from "./context.ts";
import { type Location, prefixOf } from "./location.ts";

const VERSION = "2021-12-02";

/**
 * The container of `azure://container/prefix`, or the one that is usual where none is named; throws what
 * `location.fail` makes of a wrong one.
 */
export function azureContainer(
  location: Location,
  { env, usual }: CloudContext & { usual?: string },
): Bucket {
  const account = env("AZURESTORAGE_ACCOUNT_NAME") || env("AZURE_STORAGE_ACCOUNT");
  const accessKey = env("AZURESTORAGE_ACCESS_KEY") || env("AZURE_STORAGE_KEY");
  if (!account || !accessKey) {
    throw location.fail("set AZURESTORAGE_ACCOUNT_NAME and AZURESTORAGE_ACCESS_KEY");
  }
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(accessKey)) {
    throw location.fail("AZURESTORAGE_ACCESS_KEY is not base64");
  }
  const container = location.host || usual;
  if (!container) throw location.fail("the container is missing, as in azure://pictures/2026");
  const endpoint = location.query.text("endpoint")?.replace(/\/$/, "") ??
    `https://${account}.blob.core.windows.net`;
  return {
    url: `${endpoint}/${encodePath(container)}`,
    prefix: prefixOf(location.segments),
    sign: createAzureSigner({ account, accessKey }),
  };
}

/** Signs as "Authorize with Shared Key" of the service's manual defines it. `accessKey` is in base64. */
export function createAzureSigner(
  { account, accessKey }: { account: string; accessKey: string },
): Sign {
  const signingKey = crypto.subtle.importKey(
    "raw",
    Uint8Array.fromBase64(accessKey),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  return async ({ method, url, headers = {}, body }) => {
    const { pathname, searchParams } = new URL(url);
    const sent: Record<string, string> = {
      ...headers,
      "x-ms-date": new Date().toUTCString(),
      "x-ms-version": VERSION,
    };
    const named = Object.keys(sent).filter((name) => name.startsWith("x-ms-")).sort()
      .map((name) => `${name}:${sent[name]}\n`).join("");
    const asked = [...searchParams].map(([name, value]) => `\n${name}:${value}`).sort().join("");
    const length = body?.byteLength ? `${body.byteLength}` : "";
    // The empty lines stand for headers that are never sent here, such as Range.
    const text = [
      ...[method, "", "", length, "", "", ""],
      ...[sent["if-modified-since"] ?? "", "", sent["if-none-match"] ?? "", "", ""],
      `${named}/${account}${pathname}${asked}`,
    ].join("\n");
    const bytes = new TextEncoder().encode(text);
    const signature = await crypto.subtle.sign("HMAC", await signingKey, bytes);
    const authorization = `SharedKey ${account}:${new Uint8Array(signature).toBase64()}`;
    return { ...sent, authorization };
  };
}
