// A signature lets whoever holds it have the picture, and a password is nobody's business: neither goes to a log.
import { withoutUserinfo } from "../options/userinfo.ts";

/**
 * The request target with the value of every signature token, and all that looks like one, blotted out, and
 * the user name and password of every URL. Below each of `foreignPaths`, which end with a slash, a signature of
 * another server's stands first.
 */
export function maskTarget(target: string, foreignPaths: readonly string[] = []): string {
  const masked = withoutSignatures(target, foreignPaths);
  // The slash at its start is the path's own.
  return masked.slice(0, 1) + withoutUserinfo(masked.slice(1));
}

function withoutSignatures(target: string, foreignPaths: readonly string[]): string {
  const foreign = foreignPaths
    .filter((path) => target.startsWith(path))
    .reduce((longest, path) => path.length > longest.length ? path : longest, "");
  if (foreign !== "") {
    return foreign + target.slice(foreign.length).replace(/^[^/?:]{16,}(?=[/?]|$)/, "***");
  }
  const end = /^\/[^/?]*/.exec(target)?.[0].length ?? 0;
  const options = target.slice(0, end);
  // Without a token the common case costs one test.
  if (!/s[\w-]{16}/i.test(options)) return target;
  const masked = options.replace(
    /(^\/|,|%2c)(s|%73)[\w-]{16,}(?:=|%3d)*(?=,|%2c|$)/gi,
    (_, before: string, letter: string) => `${before}${letter}***`,
  );
  return masked + target.slice(end);
}
