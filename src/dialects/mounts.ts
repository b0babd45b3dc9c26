// Which dialects a server speaks, and where: the words of -dialect and -dialectKey.
import { closest } from "../options/nearest.ts";
import type { Dialect } from "./dialect.ts";
import { DIALECT_NAMES, type DialectName, DIALECTS } from "./table.ts";

/** A dialect at its path. */
export interface Mount {
  name: DialectName;
  dialect: Dialect;
  /** Targets that begin with it, or are it, are the dialect's; ends with a slash unless it is a whole path. */
  path: string;
  /** Texts of the keys whose signatures are valid; none where anything goes unsigned. */
  keys: readonly string[];
}

/**
 * From `imgproxy`, or `imgproxy=/path/`, and `imgproxy=KEY`. Throws a RangeError of one sentence that
 * names the setting.
 */
export function parseMounts(dialects: readonly string[], keys: readonly string[] = []): Mount[] {
  const mounts = dialects.map((entry): Mount => {
    const [text = "", path] = entry.split(/=(.*)/s);
    const name = nameOf(text, "-dialect");
    const dialect: Dialect = DIALECTS[name];
    if (path !== undefined && !path.startsWith("/")) {
      throw new RangeError(`-dialect takes a path that begins with a slash, not "${path}"`);
    }
    return { name, dialect, path: withSlash(path ?? dialect.path, dialect), keys: [] };
  });
  const twice = mounts.find(({ path }, at) => mounts.findIndex((it) => it.path === path) !== at);
  if (twice) throw new RangeError(`-dialect has two dialects at ${twice.path}`);
  const parsed = keys.map((entry) => keyOf(entry));
  const stray = parsed.find(({ name }) => !mounts.some((mount) => mount.name === name));
  if (stray) {
    throw new RangeError(`-dialectKey has a key of ${stray.name}, which -dialect does not name`);
  }
  return mounts.map((mount) => ({
    ...mount,
    keys: parsed.filter(({ name }) => name === mount.name).map(({ key }) => key),
  }));
}

function keyOf(entry: string): { name: DialectName; key: string } {
  const [text = "", key] = entry.split(/=(.*)/s);
  const name = nameOf(text, "-dialectKey");
  const { checkKey, keySyntax }: Dialect = DIALECTS[name];
  if (!checkKey) throw new RangeError(`-dialectKey: the URLs of ${name} bear no signature`);
  try {
    if (!key) throw new Error(`must be ${keySyntax}`);
    checkKey(key);
  } catch (error) {
    throw new RangeError(`-dialectKey: a key of ${name} ${(error as Error).message}`);
  }
  return { name, key };
}

function nameOf(text: string, flag: string): DialectName {
  const name = DIALECT_NAMES.find((each) => each === text);
  if (name) return name;
  const near = closest(text, DIALECT_NAMES);
  throw new RangeError(
    `${flag} names one of ${DIALECT_NAMES.join(", ")}, not "${text}"${
      near ? `; did you mean ${near}?` : ""
    }`,
  );
}

/** A path below which URLs lie ends with a slash; one that is a whole path, as Next.js has it, does not. */
function withSlash(path: string, { path: usual }: Dialect): string {
  return path.endsWith("/") || !usual.endsWith("/") ? path : `${path}/`;
}
