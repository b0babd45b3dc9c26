// A signature lets whoever holds it have the picture: it goes to nobody's log.

/** The request target with the value of every signature token, and all that looks like one, blotted out. */
export function maskTarget(target: string): string {
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
