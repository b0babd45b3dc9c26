// Every dialect, one entry each: a file that reads its URLs, and this line. Settings, docs/dialects.md, the
// commands and the metrics know no others.
import type { Dialect } from "./dialect.ts";
import { imgproxy } from "./imgproxy.ts";

export const DIALECTS = { imgproxy } as const satisfies Record<string, Dialect>;

export type DialectName = keyof typeof DIALECTS;

export const DIALECT_NAMES = Object.keys(DIALECTS) as DialectName[];
