// The stock driver ignores prefixes when it lists and clears, takes a missing bucket for success
// and neither retries nor times out. This one speaks the few verbs of S3 that a cache needs.

import { type CacheDriver, textMethods } from "./cache_driver.ts";
import { keyOfName, nameOfKey, namePrefixes } from "./entry_name.ts";
import { type Bucket, encodePath } from "../../cloud/bucket.ts";
import { xmlAll, xmlText } from "../../cloud/xml.ts";
import { createHttpCaller, unexpected } from "./http_call.ts";

export interface S3DriverOptions {
  bucket: Bucket;
  fetch: typeof fetch;
  /** Milliseconds for one call with its attempts. */
  timeoutMs?: number | undefined;
}

/** Keeps values as objects of a bucket. Objects have no ttl: use a lifecycle rule of the bucket. */
export function createS3Driver(options: S3DriverOptions): CacheDriver {
  const { bucket: { url: bucketUrl, prefix, sign }, fetch, timeoutMs = 10_000 } = options;
  const { call, close } = createHttpCaller({ sign, fetch, timeoutMs });

  const urlOf = (key: string) => `${bucketUrl}/${encodePath(prefix + nameOfKey(key))}`;

  async function* list(keyPrefix: string): AsyncGenerator<{ key: string; bytes: number }> {
    for (const namePrefix of namePrefixes(keyPrefix)) {
      let token: string | undefined;
      do {
        const query = new URLSearchParams({ "list-type": "2", prefix: prefix + namePrefix });
        if (token !== undefined) query.set("continuation-token", token);
        // Signatures need %20 where a form would write a plus.
        const url = `${bucketUrl}?${query.toString().replaceAll("+", "%20")}`;
        const answer = await call({ method: "GET", url });
        if (!answer.ok) throw unexpected({ method: "GET", url }, answer);
        const xml = answer.text();
        for (const object of xmlAll(xml, "Contents")) {
          const name = xmlText(object, "Key") ?? "";
          if (!name.startsWith(prefix)) continue;
          const key = keyOfName(name.slice(prefix.length));
          if (key?.startsWith(keyPrefix)) yield { key, bytes: Number(xmlText(object, "Size")) };
        }
        token = xmlText(xml, "IsTruncated") === "true"
          ? xmlText(xml, "NextContinuationToken")
          : undefined;
      } while (token);
    }
  }

  const raw = {
    async getItemRaw(key: string, { signal }: { signal?: AbortSignal } = {}) {
      const request = { method: "GET", url: urlOf(key) };
      const answer = await call(request, signal);
      if (answer.ok) return answer.body;
      const code = xmlText(answer.text(), "Code");
      if (answer.status === 404 && code !== "NoSuchBucket") return null;
      // What AWS says of a missing object to those who may read but not list. One who may not
      // even read learns it from the failing writes.
      if (answer.status === 403 && code === "AccessDenied") return null;
      throw unexpected(request, answer);
    },
    async *listKeys(keyPrefix: string) {
      for await (const { key } of list(keyPrefix)) yield key;
    },
  };

  return {
    name: "imageproxy-s3",
    ...textMethods(raw),
    ...raw,
    async setItemRaw(key, value) {
      const request = { method: "PUT", url: urlOf(key), body: value };
      const answer = await call(request);
      if (!answer.ok) throw unexpected(request, answer);
    },
    async removeItem(key) {
      const request = { method: "DELETE", url: urlOf(key) };
      const answer = await call(request);
      const gone = answer.status === 404 && xmlText(answer.text(), "Code") !== "NoSuchBucket";
      if (!answer.ok && !gone) throw unexpected(request, answer);
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
