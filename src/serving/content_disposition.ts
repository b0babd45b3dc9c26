// The name under which a browser saves a picture. It comes from a stranger's URL, so it keeps nothing that
// a file system, a shell or a header could take for more than a name.
import { pathOf } from "../http/place.ts";
import { decodeIfValid } from "../http/percent_encoding.ts";
import { extensionsOf, FORMATS } from "../image/formats/table.ts";

const EXTENSIONS = Object.values(FORMATS).flatMap(({ extensions }) => extensions);
const IMAGE_EXTENSION = new RegExp(`\\.(?:${EXTENSIONS.join("|")})$`, "i");
const MAX_LENGTH = 100;

/** What a URL says of how its picture is saved. */
export interface Saving {
  /** Whether it is saved instead of shown. */
  download?: boolean | undefined;
  /** Without an extension. */
  filename?: string | undefined;
}

/** The last segment of the URL's path as file name unless another is told, its extension made that of the type. */
export function contentDisposition(
  { url, mediaType, saving = {} }: { url: string; mediaType: string; saving?: Saving },
): string {
  const [extension] = extensionsOf(mediaType);
  const name = saving.filename ?? lastSegment(url);
  const file = extension
    ? `${safeName(name.replace(IMAGE_EXTENSION, ""))}.${extension}`
    : safeName(name);
  const ascii = file.replace(/[^\x20-\x7e]/g, "_");
  // RFC 6266 section 4.3 and appendix D: both forms where the name is not ASCII, the plain one first.
  return `${saving.download ? "attachment" : "inline"}; filename="${ascii}"` +
    (ascii === file
      ? ""
      : `; filename*=UTF-8''${encodeURIComponent(file).replace(/['()*]/g, escape)}`);
}

/** The last segment of a URL's path as the name of a file, with whatever extension it has. */
export function fileNameOf(url: string): string {
  return safeName(lastSegment(url));
}

function lastSegment(url: string): string {
  const path = pathOf(url);
  return decodeIfValid(path.slice(path.lastIndexOf("/") + 1));
}

function safeName(text: string): string {
  const name = text.normalize("NFC")
    .replace(/[^\p{L}\p{M}\p{N} ._()+,=@~-]/gu, "_")
    .slice(0, MAX_LENGTH)
    .replace(/^[. -]+|[. ]+$|[\ud800-\udbff]$/g, "");
  return name === "" ? "image" : name;
}

function escape(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
