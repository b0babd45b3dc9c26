// What a URL that somebody pastes is: one of another server, wherever that lies, or one of this program's own.
import { ProxyError } from "../errors.ts";
import { parseRequest } from "../request/image_request.ts";
import { withoutSignature } from "../request/access.ts";
import type { Dialect } from "./dialect.ts";
import { DIALECTS } from "./table.ts";

/** A URL taken apart. */
export interface Reading {
  /** The server whose grammar it is, as its makers write it. */
  server: string;
  /** Option tokens of this program's own. */
  tokens: readonly string[];
  /** The picture's own URL; undefined where it cannot be read. */
  remote: string | undefined;
  /** What of the URL has no counterpart here, or cannot be read. */
  problem: string | undefined;
}

/** The picture behind the URL is one of the web. */
const OF_THE_WEB = /^https?:\/\/[^/]/i;

/** All ways in which a text can be read, the likeliest first; none where it is no URL, or a picture's own. */
export function recognise(text: string, { pathPrefix = "" } = {}): Reading[] {
  const [, scheme = "https:", written = ""] = /^(?:(https?:)\/\/)?([^#\s]+)/i.exec(text.trim()) ??
    [];
  // Of a path alone nobody knows the host.
  const place = written.startsWith("/") ? `-${written}` : written;
  const origin = place.startsWith("-/") ? undefined : `${scheme}//${place.split(/[/?]/, 1)[0]}`;
  const own = readOwn(place, pathPrefix);
  const foreign = Object.values(DIALECTS).flatMap((dialect: Dialect) => {
    const reading = readBy(dialect, place, origin);
    return reading ? [reading] : [];
  });
  const all = own ? [own, ...foreign] : foreign;
  // Where one grammar makes sense of it, others that do not are no help.
  const readable = all.filter(({ remote }) => remote !== undefined);
  return readable.length > 0 ? readable : all;
}

function readBy(dialect: Dialect, place: string, origin: string | undefined): Reading | undefined {
  const before = dialect.before.exec(place)?.[0];
  if (before === undefined) return undefined;
  const [path = "", query = ""] = place.slice(before.length).split(/(?=\?)(.*)/s);
  const server = dialect.title;
  let problem: string | undefined;
  for (const ignoreUnknown of [false, true]) {
    try {
      const { tokens, remote } = dialect.read({ path, query }, { ignoreUnknown });
      const url = OF_THE_WEB.test(remote) ? URL.parse(remote) : URL.parse(remote, origin);
      if (!url || !OF_THE_WEB.test(url.href)) {
        problem ??= `The picture ${JSON.stringify(remote)} is not named by a whole URL`;
        continue;
      }
      return { server, tokens, remote: OF_THE_WEB.test(remote) ? remote : url.href, problem };
    } catch (error) {
      if (!(error instanceof ProxyError)) throw error;
      problem ??= error.message;
    }
  }
  return { server, tokens: [], remote: undefined, problem };
}

/** This program's grammar, and the Go program's: the options say that it is one. */
function readOwn(place: string, pathPrefix: string): Reading | undefined {
  const path = place.slice(Math.max(0, place.indexOf("/")));
  const target = path.startsWith(`${pathPrefix}/`) ? path.slice(pathPrefix.length) : path;
  if (!/^\/[^/]+\/./.test(target)) return undefined;
  try {
    const { remoteUrl, optionsAsSent } = parseRequest(target);
    const options = withoutSignature(optionsAsSent).split(",").filter((token) => token !== "");
    if (optionsAsSent === "") return undefined;
    const tokens = options.filter((token) => token !== "x");
    return { server: "imageproxy", tokens, remote: remoteUrl, problem: undefined };
  } catch (error) {
    if (error instanceof ProxyError) return undefined;
    throw error;
  }
}
