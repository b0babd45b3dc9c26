// The rules of a Config as an ImageServer: everything that a reload replaces. What outlives a reload
// (workers, caches, figures) is handed in.
import { inSentence } from "../errors.ts";
import { createAuthoriser } from "../request/access.ts";
import type { Config } from "../settings/table.ts";
import { parseSizes } from "../request/access.ts";
import { type HostPatterns, matchesHost, parseHostPatterns } from "../http/host.ts";
import { type ImageCache, passedRequestHeaders } from "./image_cache.ts";
import { SAMPLE_HOST } from "../page/samples.ts";
import { BUILT_IN_FONTS } from "../image/fonts/built_in.ts";
import { nearest } from "../options/nearest.ts";
import { parsePresets, type Presets } from "../options/preset.ts";
import { readPresets } from "../settings/preset_files.ts";
import { createReveal } from "../request/hidden_url.ts";
import { createRateLimit } from "../request/rate_limit.ts";
import { passingParameters } from "../settings/passing_parameters.ts";
import { readKeys } from "../settings/keys.ts";
import { checkNamedPlaces, sourceNames } from "../settings/named_places.ts";
import { checkLength, parseRequest, type ParseRequestSettings } from "../request/image_request.ts";
import { type OperatorFonts, readFontFolder } from "../settings/font_folder.ts";
import { readAuthorities } from "../settings/authorities.ts";
import { readDialectKeys } from "../dialects/key_files.ts";
import { type NamedOverlays, namedOverlays, overlaysOf } from "../request/overlays.ts";
import { parseMounts } from "../dialects/mounts.ts";
import { findMount, readForeign } from "../dialects/read.ts";
import { createFallback, fallbackPictures } from "./fallback.ts";
import { filesAmong } from "./operator_pictures.ts";
import { overlayPictures, overlayUrls } from "./overlays.ts";
import { createRequestReader, type RequestReader } from "../request/reader.ts";
import type { ImageServer } from "./serve_image.ts";

export interface Rules {
  config: Config;
  signatureKeys: readonly Uint8Array[];
  /** Those of hidden remote URLs. */
  sourceKeys: readonly Uint8Array[];
  presets: Presets;
  /** Certificates in PEM of authorities that are trusted besides those of Deno. */
  authorities: readonly string[];
  /** The keys of dialects: `imgproxy=…`, none of them in a file any more. */
  dialectKeys: readonly string[];
  fonts: OperatorFonts;
}

/** A Config with what it names in files. Rejects with one sentence where something cannot be read. */
export async function readRules(
  config: Config,
  files: Pick<typeof Deno, "readFile" | "readTextFile" | "readDir" | "stat">,
): Promise<Rules> {
  const { readFile, readTextFile } = files;
  checkNamedPlaces(config);
  for (
    const [setting, pictures] of [
      ["fallbackImage", fallbackPictures(config)],
      ["overlay", overlayPictures(config)],
    ] as const
  ) {
    for (const path of filesAmong(pictures)) {
      await readFile(path).catch((cause) => {
        throw new Error(`-${setting} cannot read ${path}: ${cause.message}`, { cause });
      });
    }
  }
  const rules = {
    config,
    signatureKeys: await readKeys(config.signatureKey, { setting: "signatureKey", readFile }),
    sourceKeys: await readKeys(config.sourceKey, { setting: "sourceKey", readFile }),
    presets: parsePresets(await readPresets(config.presets, readTextFile)),
    authorities: await readAuthorities(config.caFile, { readTextFile }),
    dialectKeys: await readDialectKeys(config, readTextFile),
    fonts: await readFontFolder(config.fontDir, files),
  };
  checkPresets(rules);
  return rules;
}

/** What `font:` may name, the operator's first. */
function fontNames({ fonts }: Pick<Rules, "fonts">): readonly string[] {
  return [...new Set([...fonts.files.map(({ name }) => name), ...BUILT_IN_FONTS])];
}

/** Throws one sentence where a preset lays over pictures what has no such name, or writes in no such font. */
function checkPresets(rules: Rules): void {
  const { overlays, ...grammar } = grammarOf(rules);
  const fonts = fontNames(rules);
  for (const [name, options] of rules.presets) {
    try {
      overlaysOf(options, { ...grammar, named: overlays });
      if (options.font !== undefined && !fonts.includes(options.font)) {
        throw new Error(`There is no font ${options.font}${nearest(options.font, fonts)}`);
      }
    } catch (cause) {
      const { message } = cause as Error;
      throw new Error(`-presets cannot have ${name}: ${inSentence(message)}`, { cause });
    }
  }
}

export function createImageServer(
  rules: Rules,
  { cache, ...world }: Pick<ImageServer, "now" | "onBreak" | "onFallbackFailure"> & {
    cache: Pick<ImageCache, "originals" | "results">;
  },
): ImageServer {
  const { config, signatureKeys } = rules;
  const allowed = patternsOf(config.allowHosts);
  const referrers = patternsOf(config.referrers);
  const denied = parseHostPatterns(config.denyHosts);
  const isOpen = !allowed && signatureKeys.length === 0 && rules.dialectKeys.length === 0;
  // The page's own samples need no permission.
  const isAllowed = isOpen
    ? undefined
    : (hostname: string) =>
      (config.page && hostname === SAMPLE_HOST) ||
      (allowed !== undefined && matchesHost(allowed, hostname));
  const rateLimit = config.rateLimit > 0
    ? createRateLimit({ perMinute: config.rateLimit, now: () => performance.now() })
    : undefined;
  const passed = passedRequestHeaders(config);
  return {
    read: createRequestReader(requestParser(rules)),
    authorise: createAuthoriser({
      isAllowedHost: isAllowed,
      isDeniedHost: (hostname) => matchesHost(denied, hostname),
      signatureKeys,
      signsElsewhere: rules.dialectKeys.length > 0,
      signedOptionsOnly: config.signedOptionsOnly,
      isReferrer: referrers && ((hostname) => matchesHost(referrers, hostname)),
      sizes: config.sizes.length > 0 ? parseSizes(config.sizes) : undefined,
      presetsOnly: config.presetsOnly,
    }),
    fonts: fontNames(rules),
    originals: cache.originals,
    results: cache.results,
    heededHeaders: [
      ...["accept", "cdn-loop", "if-none-match", "if-modified-since", "range", "if-range"],
      ...(config.clientNoCache ? ["cache-control", "pragma"] : []),
      ...(referrers ? ["referer"] : []),
      ...passed,
    ],
    passedRequestHeaders: passed,
    charge: rateLimit?.spend,
    clientNoCache: config.clientNoCache,
    autoFormat: config.autoFormat,
    logHidden: config.logHidden,
    fallback: createFallback(config),
    ...world,
  };
}

/** Reads a target in whichever grammar its path belongs to. */
export function requestParser(
  rules: Pick<Rules, "config" | "presets" | "sourceKeys" | "dialectKeys">,
): RequestReader {
  const grammar = grammarOf(rules);
  const mounts = parseMounts(rules.config.dialect, rules.dialectKeys);
  return (target) => {
    checkLength(target, grammar);
    const foreign = findMount(target, mounts);
    return foreign
      ? readForeign(foreign.below, { mount: foreign.mount, grammar })
      : parseRequest(target, grammar);
  };
}

function grammarOf(
  { config, presets, sourceKeys }: Pick<Rules, "config" | "presets" | "sourceKeys">,
): ParseRequestSettings & { overlays: NamedOverlays } {
  return {
    baseUrl: config.baseURL || undefined,
    sources: sourceNames(config),
    isPassing: passingParameters(config.ignoredParameters),
    reveal: sourceKeys.length > 0 ? createReveal(sourceKeys) : undefined,
    ignoreUnknown: config.ignoreUnknownOptions,
    presets,
    overlays: namedOverlays(overlayUrls(config)),
    maxUrlLength: config.maxURLLength,
    maxTokens: config.maxOptions,
  };
}

/** The patterns of a list; undefined where nothing is listed. */
function patternsOf(entries: readonly string[]): HostPatterns | undefined {
  return entries.length > 0 ? parseHostPatterns(entries) : undefined;
}
