// Azure's own library brings a dozen packages, ended the process when the service was down and took
// a failed read for a miss. A cache needs four verbs, so they are written and signed here.

import { type CacheDriver, textMethods } from "./cache_driver.ts";
import { keyOfName, nameOfKey, namePrefixes } from "./entry_name.ts";
import { createHttpCaller, unexpected, xmlAll, xmlText } from "./http_call.ts";
import { encodePath } from "./s3_driver.ts";

export interface AzureDriverOptions {
  account: string;
  /** The account's key, in base64. */
  accessKey: string;
  container: string;
  /** Put before every name, with its slash; "" for the whole container. */
  prefix: string;
  /** Where blobs are served, without a slash at its end; Azure itself if undefined. */
  endpoint?: string | undefined;
  fetch: typeof fetch;
  /** Milliseconds for one call with its attempts. */
  timeoutMs?: number;
}

const VERSION = "2021-12-02";

/** Keeps values as block blobs. The container is made, private, when the first write misses it. */
export function createAzureDriver(options: AzureDriverOptions): CacheDriver {
  const { account, accessKey, container, prefix, fetch, timeoutMs = 10_000 } = options;
  const endpoint = options.endpoint ?? `https://${account}.blob.core.windows.net`;
  const containerUrl = `${endpoint}/${encodePath(container)}`;
  const http = createHttpCaller({ fetch, timeoutMs });
  const signingKey = crypto.subtle.importKey(
    "raw",
    Uint8Array.fromBase64(accessKey),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );

  const urlOf = (key: string) => `${containerUrl}/${encodePath(prefix + nameOfKey(key))}`;

  interface AzureRequest {
    method: string;
    url: string;
    headers?: Record<string, string>;
    body?: Uint8Array;
  }

  /** Adds the Shared Key authorization, as "Authorize with Shared Key" of the service's manual defines it. */
  async function sign({ method, url, headers = {}, body }: AzureRequest): Promise<Request> {
    const { pathname, searchParams } = new URL(url);
    const sent: Record<string, string> = {
      ...headers,
      "x-ms-date": new Date().toUTCString(),
      "x-ms-version": VERSION,
    };
    const named = Object.keys(sent).sort().map((name) => `${name}:${sent[name]}\n`).join("");
    const asked = [...searchParams].map(([name, value]) => `\n${name}:${value}`).sort().join("");
    // The empty lines stand for headers that are never sent here, such as Range.
    const length = body?.byteLength ? `${body.byteLength}` : "";
    const text = `${method}\n\n\n${length}\n${
      "\n".repeat(8)
    }${named}/${account}${pathname}${asked}`;
    const bytes = new TextEncoder().encode(text);
    const signature = await crypto.subtle.sign("HMAC", await signingKey, bytes);
    return new Request(url, {
      method,
      headers: {
        ...sent,
        authorization: `SharedKey ${account}:${new Uint8Array(signature).toBase64()}`,
      },
      ...(body ? { body: body as Uint8Array<ArrayBuffer> } : {}),
    });
  }

  const call = (request: AzureRequest, signal?: AbortSignal) =>
    http.call(() => sign(request), signal);

  async function* list(keyPrefix: string): AsyncGenerator<{ key: string; bytes: number }> {
    for (const namePrefix of namePrefixes(keyPrefix)) {
      let marker: string | undefined;
      do {
        const query = new URLSearchParams({ restype: "container", comp: "list" });
        query.set("prefix", prefix + namePrefix);
        if (marker) query.set("marker", marker);
        const url = `${containerUrl}?${query.toString().replaceAll("+", "%20")}`;
        const answer = await call({ method: "GET", url });
        const xml = answer.text();
        if (xmlText(xml, "Code") === "ContainerNotFound") return; // It is made by the first write.
        if (!answer.ok) throw unexpected({ method: "GET", url }, answer);
        for (const blob of xmlAll(xml, "Blob")) {
          const name = xmlText(blob, "Name") ?? "";
          if (!name.startsWith(prefix)) continue;
          const key = keyOfName(name.slice(prefix.length));
          if (key?.startsWith(keyPrefix)) {
            yield { key, bytes: Number(xmlText(blob, "Content-Length")) };
          }
        }
        marker = xmlText(xml, "NextMarker");
      } while (marker);
    }
  }

  async function makeContainer(): Promise<void> {
    const request = { method: "PUT", url: `${containerUrl}?restype=container` };
    const answer = await call(request);
    if (!answer.ok && answer.status !== 409) throw unexpected(request, answer);
  }

  const raw = {
    async getItemRaw(key: string, { signal }: { signal?: AbortSignal } = {}) {
      const request = { method: "GET", url: urlOf(key) };
      const answer = await call(request, signal);
      if (answer.ok) return answer.body;
      if (answer.status === 404) return null; // A missing container too: the first write makes it.
      throw unexpected(request, answer);
    },
    async *listKeys(keyPrefix: string) {
      for await (const { key } of list(keyPrefix)) yield key;
    },
  };

  return {
    name: "imageproxy-azure",
    ...textMethods(raw),
    ...raw,
    async setItemRaw(key, value) {
      const headers = { "x-ms-blob-type": "BlockBlob" };
      const request = { method: "PUT", url: urlOf(key), headers, body: value };
      let answer = await call(request);
      if (answer.status === 404) {
        await makeContainer();
        answer = await call(request);
      }
      if (!answer.ok) throw unexpected(request, answer);
    },
    async removeItem(key) {
      const request = { method: "DELETE", url: urlOf(key) };
      const answer = await call(request);
      if (!answer.ok && answer.status !== 404) throw unexpected(request, answer);
    },
    async stats() {
      const held = { entries: 0, bytes: 0 };
      for await (const { bytes } of list("")) {
        held.entries++;
        held.bytes += bytes;
      }
      return held;
    },
    dispose() {
      http.close();
      return Promise.resolve();
    },
  };
}
