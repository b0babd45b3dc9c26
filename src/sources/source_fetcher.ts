// Lets named sources be asked for like any other origin: what is asked of a name goes to its source, all else
// to the web.

import type { CloudContext } from "../cloud/context.ts";
import { withoutPassword } from "../cloud/location.ts";
import { readQuery } from "../cloud/location_query.ts";
import { readWhole } from "../http/origin/arriving_body.ts";
import { isOriginal, statusError } from "../http/origin/origin_answer.ts";
import {
  type OriginalStream,
  type OriginFetcher,
  type OriginFetcherOptions,
  type OriginRequest,
} from "../http/origin/original.ts";
import { sourceOf } from "../http/place.ts";
import { parseNamedSource } from "./named_source.ts";
import { objectName } from "./object_name.ts";
import { createPickedFiles, PICKED } from "./picked_files.ts";
import { createReporter, reportFault, withoutNames } from "./reporter.ts";
import type { Source, SourceContext, SourceKind } from "./source.ts";
import { SOURCE_KINDS } from "./table.ts";

export interface SourcesContext extends CloudContext {
  /** The rules that the server fetches by. */
  rules: OriginFetcherOptions;
  /** Told what an operator has to mend. */
  log(message: string): void;
  /** Milliseconds since 1970. */
  now(): number;
}

interface OpenSource extends Pick<SourceContext, "report"> {
  source: Source;
}

/**
 * A fetcher that answers for the named sources, each `name=location`, and leaves all else to `fetcher`. Throws
 * one sentence for a location that cannot be right.
 */
export function withSources(
  fetcher: OriginFetcher,
  { entries, files, context }: {
    entries: readonly string[];
    /** Paths of files that are to be had under their `pickedUrl()`. */
    files: readonly string[];
    context: SourcesContext;
  },
): OriginFetcher {
  if (entries.length === 0 && files.length === 0) return fetcher;
  const sources = new Map(entries.map((entry) => {
    const { name, location } = parseNamedSource(entry);
    return [name, openSource(name, location, context)] as const;
  }));
  if (files.length > 0) sources.set(PICKED, openPicked(files, context));

  async function streamOriginal(given: string | URL, request: OriginRequest) {
    const url = String(given);
    const colon = sourceOf(url)?.length;
    const found = colon && sources.get(url.slice(0, colon - 1));
    if (!found) return await fetcher.streamOriginal(url, request);
    return await askSource(found, { url, target: url.slice(colon), request });
  }

  return {
    streamOriginal,
    async fetchOriginal(url, request) {
      const { body, room, ...original } = await streamOriginal(url, request);
      return { ...original, body: await readWhole(body, { room }) };
    },
    mayFetch(url, request) {
      return fetcher.mayFetch(url, request) ||
        [...sources.values()].some(({ source }) => source.mayFetch?.(url, request));
    },
    async close() {
      await Promise.all([
        fetcher.close(),
        ...[...sources.values()].map(({ source }) => source.close()),
      ]);
    },
  };
}

async function askSource(
  { source, report }: OpenSource,
  { url, target, request }: { url: string; target: string; request: OriginRequest },
): Promise<OriginalStream> {
  const name = objectName(target.split("?", 1)[0]!);
  const tell = (error: unknown) =>
    reportFault(error, (reason) => report(request.isSecret ? withoutNames(reason) : reason));
  try {
    const { status, headers, body, ...answer } = await source.open({ name, target }, request);
    if (!isOriginal(status) && status !== 304 && !request.anyStatus) throw statusError(status);
    return {
      status,
      headers,
      body: watched(body, tell),
      url,
      ...answer,
    };
  } catch (error) {
    tell(error);
    throw error;
  }
}

/** The same body, of whose failure someone is told. */
function watched(
  body: ReadableStream<Uint8Array>,
  onFailure: (error: unknown) => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        onFailure(error);
        controller.error(error);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}

function openSource(
  name: string,
  location: string,
  { log, now, rules, env, fetch }: SourcesContext,
): OpenSource {
  const [place = "", search = ""] = location.split(/\?(.*)/s);
  const fail = (reason: string) =>
    new Error(`Cannot open the source ${name}=${withoutPassword(location)}: ${reason}`);
  const query = readQuery(new URLSearchParams(search), fail);
  // Read where it is used: by the rules of freshness.
  query.duration("cache");
  const report = createReporter(
    (reason) => log(`The source ${name}: (${withoutPassword(place)}) cannot be read: ${reason}`),
    now,
  );
  const rule = rules.ruleFor?.(`${name}:`);
  const context = { query, fail, rules, rule, report, now, env, fetch };
  const source = kindOf(place, fail).open(place, context);
  query.end();
  return { source, report };
}

function openPicked(files: readonly string[], { log, now, rules }: SourcesContext): OpenSource {
  const report = createReporter((reason) => log(`A named file cannot be read: ${reason}`), now);
  return { source: createPickedFiles(files, { limits: rules, now }), report };
}

function kindOf(place: string, fail: (reason: string) => Error): SourceKind {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(place)?.[1]?.toLowerCase() ?? "";
  const kinds: Readonly<Record<string, SourceKind>> = SOURCE_KINDS;
  const kind = Object.hasOwn(kinds, scheme) ? kinds[scheme] : undefined;
  if (kind) return kind;
  const known = Object.keys(kinds).map((known) => `${known}:`).join(", ");
  throw fail(`a location begins with one of ${known}`);
}
