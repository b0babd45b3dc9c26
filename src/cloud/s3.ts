// Amazon S3 and the servers that speak like it: where a bucket is, and how a request is signed.

import { AwsV4Signer } from "aws4fetch";
import { type AwsCredentials, createAwsCredentials } from "./aws_credentials.ts";
import { type Bucket, encodePath, type Sign } from "./bucket.ts";
import type { CloudContext } from "./context.ts";
import { type Location, prefixOf } from "./location.ts";

/** The bucket of `s3://region/bucket/prefix`; throws what `location.fail` makes of a wrong one. */
export function s3Bucket(
  location: Location,
  { env, fetch = globalThis.fetch }: CloudContext,
): Bucket {
  const region = location.host || env("AWS_REGION") || env("AWS_DEFAULT_REGION");
  const [bucket, ...folders] = location.segments;
  if (!region || !bucket) {
    throw location.fail("region and bucket are needed, as in s3://us-east-1/my-bucket/images");
  }
  const url = bucketUrlOf({
    bucket,
    region,
    endpoint: location.query.text("endpoint"),
    disableSsl: location.query.flag("disableSSL"),
    forcePathStyle: location.query.flag("s3ForcePathStyle"),
  });
  const credentials = createAwsCredentials({ env, fetch });
  return { url, prefix: prefixOf(folders), sign: createS3Signer({ credentials, region }) };
}

/** Signs as AWS Signature Version 4 asks, the body included. */
export function createS3Signer(
  { credentials, region }: { credentials: () => Promise<AwsCredentials>; region: string },
): Sign {
  const signingKeys = new Map<string, ArrayBuffer>();
  return async ({ method, url, headers, body }) => {
    const { accessKeyId, secretAccessKey, sessionToken } = await credentials();
    const bytes = (body ?? new Uint8Array()) as Uint8Array<ArrayBuffer>;
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
    const signer = new AwsV4Signer({
      method,
      url,
      headers: { ...headers, "x-amz-content-sha256": digest },
      ...(body ? { body: bytes } : {}),
      accessKeyId,
      secretAccessKey,
      ...(sessionToken ? { sessionToken } : {}),
      service: "s3",
      region,
      cache: signingKeys,
    });
    return Object.fromEntries((await signer.sign()).headers as Headers);
  };
}

/** Where a bucket of that name is served. */
export interface BucketPlace {
  bucket: string;
  region: string;
  /** A host, with or without its scheme; AWS itself if undefined. */
  endpoint: string | undefined;
  disableSsl: boolean;
  forcePathStyle: boolean;
}

/** The bucket in the host name where DNS and certificates allow it, and in the path otherwise. */
export function bucketUrlOf(place: BucketPlace): string {
  const { bucket, region, endpoint, disableSsl, forcePathStyle } = place;
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  const host = endpoint ?? `s3.${region}.${domain}`;
  const url = new URL(
    /^https?:\/\//.test(host) ? host : `${disableSsl ? "http" : "https"}://${host}`,
  );
  const isName = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/.test(bucket) && bucket.length >= 3;
  const isAddress = /^(?:\d+(?:\.\d+){3}|\[.*\]|localhost)$/.test(url.hostname);
  // A wildcard certificate covers one label.
  const inCertificate = url.protocol === "http:" || !bucket.includes(".");
  const base = url.pathname.replace(/\/$/, "");
  if (forcePathStyle || !isName || isAddress || !inCertificate) {
    return `${url.origin}${base}/${encodePath(bucket)}`;
  }
  return `${url.protocol}//${bucket}.${url.host}${base}`;
}
