// Every kind of source is one entry of this table, by the scheme of its location.

import { HTTP, HTTPS } from "./alias_source.ts";
import { AZURE, GCS, S3 } from "./bucket_source.ts";
import { FILE } from "./file_source.ts";
import type { SourceKind } from "./source.ts";

export const SOURCE_KINDS = {
  https: HTTPS,
  http: HTTP,
  s3: S3,
  gcs: GCS,
  azure: AZURE,
  file: FILE,
} satisfies Record<string, SourceKind>;
