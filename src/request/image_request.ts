// The request target becomes an image request: options, and the remote URL behind them.
import { ProxyError } from "../errors.ts";
import { quote, quoteUrl } from "../options/option.ts";
import { parseOptions, type ParseOptionsSettings } from "../options/parse.ts";
import { expandPreset, type Presets } from "../options/preset.ts";
import type { Options } from "../options/table.ts";
import { fallbackOf, type NamedOverlays, type OverlayRequest, overlaysOf } from "./overlays.ts";
import {
  completeRemoteUrl,
  decodePercent,
  findRemoteUrl,
  type RemoteUrl,
  type RemoteUrlSettings,
} from "./remote_url.ts";

/** What one URL of the proxy asks for. */
export interface ImageRequest extends RemoteUrl {
  /** What to make of the image, presets expanded: what caches are keyed by. */
  options: Options;
  /** The options as the URL writes them, presets by their names: what a signature covers. */
  asked: Options;
  /** The same, letter for letter but for percent-encoding; empty where there are none. */
  optionsAsSent: string;
  /** The other server's grammar that the URL was written in, and whether it bore a valid signature of that. */
  dialect?: { readonly name: string; readonly signed: boolean };
  /** What is shown where the picture cannot be had, as the URL says it; undefined where it says nothing. */
  fallback?: OverlayRequest;
  /** What is laid over the picture, from the lowest to the topmost; undefined for nothing. */
  overlays?: readonly OverlayRequest[];
}

export interface ParseRequestSettings extends ParseOptionsSettings, RemoteUrlSettings {
  presets?: Presets;
  /** The pictures that may be laid over others by a name. */
  overlays?: NamedOverlays;
  /** The most characters a request target may have; 8192 unless told. */
  maxUrlLength?: number;
}

/**
 * Parses `/{options}/{remote_url}`, `/{remote_url}`, `//{remote_url}` or `/x/{remote_url}`.
 * The remote URL is plain, percent-encoded whole, or base64url; only a plain one takes the query string.
 * Throws a ProxyError "malformed", or "url_too_long", that says what is wrong.
 */
export function parseRequest(target: string, settings: ParseRequestSettings = {}): ImageRequest {
  const { isPassing } = settings;
  checkLength(target, settings);
  const queryAt = target.indexOf("?");
  const path = (queryAt < 0 ? target : target.slice(0, queryAt)).slice(1);
  const query = queryAt < 0 ? "" : target.slice(queryAt);
  const whole = findRemoteUrl(path, { ...settings, baseUrl: undefined });
  if (whole) {
    const remote = completeRemoteUrl(whole, { query, isPassing });
    return { asked: {}, options: {}, optionsAsSent: "", ...remote };
  }

  const slash = path.indexOf("/");
  if (slash < 0) {
    throw new ProxyError(
      "malformed",
      `No remote URL in ${quote(target)}: write /{options}/{remote URL}`,
    );
  }
  const remoteText = path.slice(slash + 1);
  const optionsAsSent = decodePercent(path.slice(0, slash));
  const remote = findRemoteUrl(remoteText, settings);
  if (!remote) throw notAbsolute(remoteText, target);
  const asked = parseOptions(optionsAsSent, settings);
  const options = expandPreset(asked, settings.presets ?? new Map());
  const overlays = overlaysOf(options, { ...settings, named: settings.overlays ?? new Map() });
  const fallback = fallbackOf(options, settings);
  return {
    asked,
    options,
    optionsAsSent,
    ...completeRemoteUrl(remote, { query, isPassing }),
    ...(overlays && { overlays }),
    ...(fallback && { fallback }),
  };
}

/** Throws a ProxyError "url_too_long" for a target that is not to be looked into, in whichever grammar it is. */
export function checkLength(
  target: string,
  { maxUrlLength = 8192 }: Pick<ParseRequestSettings, "maxUrlLength">,
): void {
  if (target.length <= maxUrlLength) return;
  throw new ProxyError("url_too_long", `The URL is longer than ${maxUrlLength} characters`);
}

/** The URL that caches know a picture by. */
export function cachedUrl({ cachedAs, remoteUrl }: RemoteUrl): string {
  return cachedAs ?? remoteUrl;
}

function notAbsolute(text: string, target: string): ProxyError {
  if (text === "") {
    return new ProxyError(
      "malformed",
      `No remote URL in ${quote(target)}: write /{options}/{remote URL}`,
    );
  }
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1];
  return scheme
    ? new ProxyError(
      "malformed",
      /^https?$/i.test(scheme)
        ? `The remote URL ${quoteUrl(text)} has no host`
        : `The remote URL must start with http:// or https://, not ${quote(`${scheme}:`)}`,
    )
    : new ProxyError(
      "malformed",
      `The remote URL ${quoteUrl(text)} must be absolute and start with http:// or https://`,
    );
}
