// Pictures that the operator has named in a setting: a file, a URL, or a picture of a named source. They are had as
// any original, under a remote URL.
import { sourceOf } from "../http/place.ts";
import { completeRemoteUrl } from "../request/remote_url.ts";
import { pickedUrl } from "../sources/picked_files.ts";

/** The paths of those that are files of this machine. */
export function filesAmong(pictures: readonly string[]): string[] {
  return pictures.filter(isFile).map(pathOf);
}

/** The hosts of those that are of the web. */
export function hostsAmong(pictures: readonly string[]): string[] {
  return pictures.flatMap((picture) => URL.parse(picture)?.hostname || []);
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
