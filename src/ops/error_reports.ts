// Failures of the program itself, told to a server that speaks Sentry's protocol (develop.sentry.dev/sdk,
// "Envelopes"). A client library of theirs would bring ten times the code, and hooks of its own into all
// that runs; what is wanted is one POST for what stands in the log as an error anyway.
import { retryTime } from "../http/refusals.ts";
import { settlesWithin } from "../settles_within.ts";
import type { Log, RequestLine } from "./log.ts";

export interface ReportTarget {
  /** Where envelopes are sent. */
  endpoint: string;
  /** The public key. */
  key: string;
}

export interface ReportOptions {
  target: ReportTarget;
  version: string;
  /** The name of this machine; none where it is empty. */
  serverName: string;
  /** Milliseconds since 1970. */
  now?: () => number;
}

export interface ReportingLog extends Log {
  /** Resolves when what waits is sent, or after some seconds. */
  sent(): Promise<void>;
}

/** The same failure is told once in this time, in milliseconds, and with how often it came meanwhile. */
const SAME_AFTER_MS = 60_000;
/** Reports under way; what comes while there are more is in the log alone. */
const MOST_UNDER_WAY = 8;
/** Different failures that are remembered. */
const MOST_KNOWN = 200;
const TIMEOUT_MS = 5000;
const PATIENCE_MS = 2000;
/** How long nothing is sent to a server that said neither yes nor how long, and the least after any failure. */
const PAUSE_MS = 60_000;
/** However long it wishes. */
const LONGEST_PAUSE_MS = 3_600_000;

interface Failure {
  message: string;
  details?: { tags: Record<string, string>; extra: Record<string, string>; request: object };
}

/** The log, whose errors are reported too: events of that level, and requests that ended with 500. */
export function reportErrors(
  log: Log,
  { target, version, serverName, now = Date.now }: ReportOptions,
): ReportingLog {
  const known = new Map<string, { until: number; again: number }>();
  const underWay = new Set<Promise<void>>();
  let pausedUntil = 0;

  function report(failure: Failure): void {
    const time = now();
    const same = known.get(failure.message);
    if (same && time < same.until) return void same.again++;
    known.delete(failure.message);
    known.set(failure.message, { until: time + SAME_AFTER_MS, again: 0 });
    if (known.size > MOST_KNOWN) known.delete(known.keys().next().value!);
    if (time < pausedUntil || underWay.size >= MOST_UNDER_WAY) return;
    const sending = send(envelope(failure, same?.again ?? 0))
      .finally(() => underWay.delete(sending));
    underWay.add(sending);
  }

  async function send(body: string): Promise<void> {
    try {
      const response = await fetch(target.endpoint, {
        method: "POST",
        body,
        redirect: "error",
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: {
          "content-type": "application/x-sentry-envelope",
          "x-sentry-auth":
            `Sentry sentry_version=7, sentry_client=imageproxy/${version}, sentry_key=${target.key}`,
        },
      });
      await response.body?.cancel();
      if (response.ok) return;
      const { status, headers } = response;
      const wish = retryTime({ status, headers: Object.fromEntries(headers), receivedAt: now() });
      const length = wish === undefined ? PAUSE_MS : wish - now();
      pause(`${status}`, Math.min(Math.max(length, PAUSE_MS), LONGEST_PAUSE_MS));
    } catch (error) {
      pause(error instanceof Error ? error.message : String(error), PAUSE_MS);
    }
  }

  function pause(reason: string, length: number): void {
    pausedUntil = now() + length;
    log.event("warning", `Errors cannot be reported for ${Math.round(length / 1000)} s: ${reason}`);
  }

  function envelope({ message, details }: Failure, again: number): string {
    const id = crypto.randomUUID().replaceAll("-", "");
    const time = new Date(now()).toISOString();
    const event = JSON.stringify({
      event_id: id,
      timestamp: time,
      platform: "javascript",
      level: "error",
      logger: "imageproxy",
      release: `imageproxy@${version}`,
      ...(serverName && { server_name: serverName }),
      message: { formatted: message },
      ...details,
      ...(again > 0 && { extra: { ...details?.extra, again: String(again) } }),
    });
    const length = new TextEncoder().encode(event).length;
    const heads = [{ event_id: id, sent_at: time }, { type: "event", length }];
    return [...heads.map((head) => JSON.stringify(head)), event, ""].join("\n");
  }

  return {
    request(line) {
      log.request(line);
      if (line.status === 500) report(failureOf(line));
    },
    event(level, message) {
      log.event(level, message);
      if (level === "error") report({ message });
    },
    flush: log.flush,
    async sent() {
      await settlesWithin(Promise.all(underWay), PATIENCE_MS);
    },
  };
}

function failureOf({ id, method, path, host, error, cause }: RequestLine): Failure {
  return {
    message: cause ?? error ?? "A request failed",
    details: {
      tags: { ...(host && { host }) },
      extra: { id, ...(error && { error }) },
      // The signature is masked in it already.
      request: { method, url: path },
    },
  };
}
