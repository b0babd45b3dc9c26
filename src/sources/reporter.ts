// What an operator is told of a source that fails: why, and the same thing not over and over.

import { type ErrorCode, ProxyError } from "../errors.ts";

/** How long, in ms, the same reason is not told again. */
const QUIET_MS = 60_000;
const MAX_REASONS = 100;

const FAULTS: ReadonlySet<ErrorCode> = new Set(["bad_origin", "timeout"]);

/** Reports an error if it is the source's fault, or that of who set it up; what a picture is like is not. */
export function reportFault(error: unknown, report: (reason: string) => void): void {
  if (!(error instanceof ProxyError) || !FAULTS.has(error.code)) return;
  report(String(error.cause ?? error.message).replace(/^Error: /, ""));
}

/** A reason that is the same for all pictures. */
export function withoutNames(reason: string): string {
  return reason.replace(/https?:\S+|'[^']*'/g, "…");
}

/** Tells each reason once in a while: a source that is down fails at every request. */
export function createReporter(tell: (reason: string) => void, now: () => number) {
  const told = new Map<string, number>();
  return (reason: string) => {
    const kind = withoutNames(reason);
    const last = told.get(kind);
    if (last !== undefined && now() - last < QUIET_MS) return;
    if (told.size >= MAX_REASONS) told.clear();
    told.set(kind, now());
    tell(reason);
  };
}
