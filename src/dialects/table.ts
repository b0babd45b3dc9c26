// Every dialect, one entry each: a file that reads its URLs, and this line. Settings, docs/dialects.md, the
// commands and the metrics know no others.
import type { Dialect } from "./dialect.ts";
import { cloudflare } from "./cloudflare.ts";
import { imagor } from "./imagor.ts";
import { imgproxy } from "./imgproxy.ts";
import { ipx } from "./ipx.ts";
import { next } from "./next.ts";
import { thumbor } from "./thumbor.ts";
import { weserv } from "./weserv.ts";

export const DIALECTS = {
  imgproxy,
  thumbor,
  imagor,
  ipx,
  weserv,
  cloudflare,
  next,
} as const satisfies Record<
  string,
  Dialect
>;

export type DialectName = keyof typeof DIALECTS;

export const DIALECT_NAMES = Object.keys(DIALECTS) as DialectName[];
