// The pictures that a request lays over another, or wants in its place. Each is an image request of its own, without
// options, so that it is found, fetched and kept as any original.
import { inSentence, ProxyError } from "../errors.ts";
import { nearest } from "../options/nearest.ts";
import { malformed } from "../options/option.ts";
import { overlaysIn } from "../options/overlay.ts";
import type { Options } from "../options/table.ts";
import {
  completeRemoteUrl,
  findRemoteUrl,
  type RemoteUrl,
  type RemoteUrlSettings,
} from "./remote_url.ts";

export interface OverlayRequest extends RemoteUrl {
  asked: Options;
  options: Options;
  optionsAsSent: string;
  /** Whether the operator has given it a name, and so has it shown. */
  isNamed: boolean;
}

/** The pictures that have names, each the same object for all who ask for it. */
export type NamedOverlays = ReadonlyMap<string, OverlayRequest>;

export function namedOverlays(remoteUrls: ReadonlyMap<string, string>): NamedOverlays {
  return new Map(
    [...remoteUrls].map(([name, remoteUrl]) => {
      return [name, overlayRequest({ remoteUrl, remoteUrlAsSent: remoteUrl }, true)];
    }),
  );
}

/**
 * What the options lay over the picture, from the lowest to the topmost; undefined for nothing. Throws a
 * ProxyError "malformed" for what is neither a name nor the base64url of a remote URL.
 */
export function overlaysOf(
  options: Options,
  { named, ...settings }: RemoteUrlSettings & { named: NamedOverlays },
): readonly OverlayRequest[] | undefined {
  const overlays = overlaysIn(options);
  if (overlays.length === 0) return undefined;
  return overlays.map(({ name, overlay: { picture } }) => {
    const token = { text: `${name}:${picture}` };
    const known = named.get(picture);
    if (known) return known;
    const remote = remoteUrlIn(picture, { settings, token });
    if (remote) return overlayRequest(remote, false);
    throw malformed(
      token,
      "there is no overlay of this name, and it is not the base64url of a URL" +
        nearest(picture, [...named.keys()]),
    );
  });
}

/** The picture that the options name for where there is none. Throws a ProxyError "malformed" for no URL. */
export function fallbackOf(
  { fallback }: Pick<Options, "fallback">,
  settings: RemoteUrlSettings,
): OverlayRequest | undefined {
  if (fallback === undefined) return undefined;
  const token = { text: `fallback:${fallback}` };
  const remote = remoteUrlIn(fallback, { settings, token });
  if (remote) return overlayRequest(remote, false);
  throw malformed(token, "it is not the base64url of a URL");
}

/** The remote URL that base64url stands for; undefined for what is none. */
function remoteUrlIn(
  picture: string,
  { settings, token }: { settings: RemoteUrlSettings; token: { text: string } },
): RemoteUrl | undefined {
  try {
    const found = findRemoteUrl(picture, settings);
    return found?.encoded ? completeRemoteUrl(found, { ...settings, query: "" }) : undefined;
  } catch (error) {
    if (!(error instanceof ProxyError)) throw error;
    throw malformed(token, inSentence(error.message));
  }
}

function overlayRequest(remote: RemoteUrl, isNamed: boolean): OverlayRequest {
  return { asked: {}, options: {}, optionsAsSent: "", ...remote, isNamed };
}
