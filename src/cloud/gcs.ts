// Google Cloud Storage, whose XML interface takes the verbs of S3.

import type { Bucket } from "./bucket.ts";
import type { CloudContext } from "./context.ts";
import { createGoogleSigner } from "./google_credentials.ts";
import { type Location, prefixOf } from "./location.ts";
import { createS3Signer } from "./s3.ts";

/** The bucket of `gcs://bucket/prefix`; throws what `location.fail` makes of a wrong one. */
export function gcsBucket(
  location: Location,
  { env, fetch = globalThis.fetch }: CloudContext,
): Bucket {
  const { host, segments, query } = location;
  if (!host) throw location.fail("the bucket is missing, as in gcs://my-bucket/images");
  const endpoint = query.text("endpoint") ?? "https://storage.googleapis.com";
  const accessKeyId = env("GCS_ACCESS_KEY_ID");
  const secretAccessKey = env("GCS_SECRET_ACCESS_KEY");
  return {
    url: `${endpoint.replace(/\/$/, "")}/${host}`,
    prefix: prefixOf(segments),
    sign: accessKeyId && secretAccessKey
      ? createS3Signer({
        credentials: () => Promise.resolve({ accessKeyId, secretAccessKey }),
        region: "auto",
      })
      : createGoogleSigner({ env, fetch }),
  };
}
