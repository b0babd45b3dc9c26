// Pictures that the operator has named in a setting: a file, a URL, or a picture of a named source. They are had as
// any original, under a remote URL.
import { sourceOf } from "../http/place.ts";
import type { OriginFetcher } from "../http/origin/original.ts";
import { completeRemoteUrl } from "../request/remote_url.ts";
import { pickedUrl } from "../sources/picked_files.ts";

/** The paths of those that are files of this machine. */
export function filesAmong(pictures: readonly string[]): string[] {
  return pictures.filter(isFile).map(pathOf);
}

/** The remote URLs of those that are of the web. */
export function urlsAmong(pictures: readonly string[]): string[] {
  return pictures
    .filter((picture) => !isFile(picture) && !sourceOf(picture))
    .map((picture) => completeRemoteUrl({ url: picture, encoded: true }, { query: "" }).remoteUrl);
}

/**
 * A fetcher that has pictures of these URLs fetched by `own`, whose hosts the operator has named, and all else by
 * `fetcher`: what else those hosts have is not named by that.
 */
export function withOperatorPictures(
  fetcher: OriginFetcher,
  { urls, own }: { urls: ReadonlySet<string>; own: OriginFetcher },
): OriginFetcher {
  const fetcherOf = (url: string | URL) => urls.has(String(url)) ? own : fetcher;
  return {
    fetchOriginal: (url, request) => fetcherOf(url).fetchOriginal(url, request),
    streamOriginal: (url, request) => fetcherOf(url).streamOriginal(url, request),
    mayFetch: (url, request) => fetcherOf(url).mayFetch(url, request),
    async close() {
      await Promise.all([fetcher.close(), own.close()]);
    },
  };
}

/** Throws an Error that names the setting, for what no origin may be asked. */
export function remoteUrlOf(picture: string, { setting }: { setting: string }): string {
  if (isFile(picture)) return pickedUrl(pathOf(picture));
  try {
    return completeRemoteUrl({ url: picture, encoded: true }, { query: "" }).remoteUrl;
  } catch (error) {
    throw new Error(`-${setting} cannot be ${picture}: ${(error as Error).message}`);
  }
}

function isFile(picture: string): boolean {
  return /^file:/i.test(picture) || !(/^https?:/i.test(picture) || sourceOf(picture));
}

function pathOf(picture: string): string {
  return picture.replace(/^file:(?:\/\/(?=\/))?/i, "");
}
