// Azure's own library ended the process when the service was down and took a failed read for a miss. A
// cache needs four verbs, so they are written here.

import { type CacheDriver, textMethods } from "./cache_driver.ts";
import { keyOfName, nameOfKey, namePrefixes } from "./entry_name.ts";
import { type Bucket, encodePath } from "../../cloud/bucket.ts";
import { xmlAll, xmlText } from "../../cloud/xml.ts";
import { createHttpCaller, unexpected } from "./http_call.ts";

export interface AzureDriverOptions {
  /** The container. */
  bucket: Bucket;
  fetch: typeof fetch;
  /** Milliseconds for one call with its attempts. */
  timeoutMs?: number | undefined;
}

/** Keeps values as block blobs. The container is made, private, when the first write misses it. */
export function createAzureDriver(options: AzureDriverOptions): CacheDriver {
  const { bucket: { url: containerUrl, prefix, sign }, fetch, timeoutMs = 10_000 } = options;
  const { call, close } = createHttpCaller({ sign, fetch, timeoutMs });

  const urlOf = (key: string) => `${containerUrl}/${encodePath(prefix + nameOfKey(key))}`;

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
      close();
      return Promise.resolve();
    },
  };
}
