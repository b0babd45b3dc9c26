// Pictures in a folder of this machine. A name is followed to where it really leads before anything is
// opened, so that neither dots nor symbolic links lead out of the folder, and only plain files are read.

import { ProxyError } from "../errors.ts";
import { isNotModified } from "../http/conditional.ts";
import { createDeadline, type Deadline, untilAborted } from "../http/origin/deadline.ts";
import { type FetchLimits, withDefaults } from "../http/origin/fetch_limits.ts";
import { tooLarge } from "../http/origin/origin_error.ts";
import { createSlots } from "../http/origin/slots.ts";
import { formatHttpDate } from "../http/http_date.ts";
import { parseFileLocation } from "../cloud/location.ts";
import type { Source, SourceAnswer, SourceKind } from "./source.ts";

export interface FileSourceOptions {
  /** An absolute path. */
  folder: string;
  limits?: Partial<FetchLimits>;
  /** Milliseconds since 1970. */
  now(): number;
}

/** Read at once, in bytes: one trip to the disk's thread for each. */
const PIECE = 128 * 1024;

export const FILE: SourceKind = {
  summary: "A folder of this machine: file:/absolute/folder",
  examples: ["photos=file:/var/www/pictures", "photos=file:/mnt/nas/a%20folder?cache=10m"],
  variables: [],
  open(location, { fail, rules, rule, now }) {
    const { path } = parseFileLocation(location, fail);
    const isAbsolute = path.startsWith("/") || /^[a-z]:[/\\]/i.test(path);
    if (!isAbsolute) throw fail("the folder must be absolute, as in file:/var/www/pictures");
    return createFileSource({
      folder: path.replace(/^\/(?=[a-z]:[/\\])/i, ""),
      limits: { ...rules, ...rule?.limits },
      now,
    });
  },
};

/** Serves the files below a folder. Names come from `objectName()`. */
export function createFileSource({ folder, limits = {}, now }: FileSourceOptions): Source {
  const { maxBytes, totalTimeout, requestsPerHost, waitingPerHost } = withDefaults(limits);
  const slots = createSlots({ maxWaiting: waitingPerHost });
  const closing = new AbortController();

  /** Opens a file and gives its answer; whoever gets a body sees to the deadline and the slot by reading it. */
  async function answer(
    path: string,
    { conditions, deadline, onDone }: {
      conditions: Readonly<Record<string, string>>;
      deadline: Deadline;
      onDone: () => void;
    },
  ): Promise<SourceAnswer> {
    const found = await openBelow(folder, path);
    if (found === undefined) return empty(404);
    const { file, info } = found;
    const headers = headersOf(info);
    const isHeld = isNotModified(headers, { request: conditions, now: now() });
    if (!isHeld && info.size <= maxBytes) {
      const content = { "content-length": String(info.size) };
      const body = bodyOf(file, { folder, deadline, onDone });
      return { status: 200, headers: { ...headers, ...content }, setCookies: [], body };
    }
    file.close();
    if (isHeld) return empty(304, headers);
    throw tooLarge(maxBytes);
  }

  return {
    async open({ name }, { headers, signal, onStart }) {
      const caller = AbortSignal.any([closing.signal, ...(signal ? [signal] : [])]);
      const deadline = createDeadline(totalTimeout, caller);
      let giveBack = () => {};
      const onDone = () => {
        deadline.end();
        giveBack();
      };
      try {
        const place = { signal: deadline.signal, limit: requestsPerHost };
        giveBack = await slots.acquire(folder, place);
        onStart?.();
        const conditions = Object.fromEntries(new Headers(headers));
        const answered = answer(name, { conditions, deadline, onDone });
        const found = await untilAborted(answered, deadline.signal).catch((error) => {
          // A disk that has gone, on a network, may yet open the file: it is let go of then.
          answered.then(({ body }) => body.cancel()).catch(() => {});
          throw error;
        });
        if (found.status === 200) deadline.pause();
        else onDone();
        return found;
      } catch (error) {
        onDone();
        throw fileError(error, folder);
      }
    },
    close() {
      closing.abort(new ProxyError("busy", "The server is shutting down"));
      return Promise.resolve();
    },
  };
}

interface OpenFile {
  file: Deno.FsFile;
  info: Deno.FileInfo;
}

/** The plain file of that name below the folder; undefined where there is none. */
async function openBelow(folder: string, name: string): Promise<OpenFile | undefined> {
  // On Windows these lead to other drives, streams and folders.
  if (Deno.build.os === "windows" && /[\\:]/.test(name)) return undefined;
  if (name.endsWith("/")) return undefined;
  const root = await Deno.realPath(folder);
  try {
    const path = await pathBelow(root, name);
    // Before it is opened: to open a FIFO waits for who writes into it.
    if (path === undefined || !(await Deno.stat(path)).isFile) return undefined;
    const file = await Deno.open(path);
    try {
      const info = await file.stat();
      // Links may have been turned meanwhile: what was opened must still be what lies below the folder.
      if (await isStill(info, await pathBelow(root, name))) return { file, info };
    } catch (error) {
      file.close();
      throw error;
    }
    file.close();
    return undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Where a name really leads, if that is below the real path `root`. */
async function pathBelow(root: string, name: string): Promise<string | undefined> {
  const path = await Deno.realPath(`${root}/${name}`);
  const separator = Deno.build.os === "windows" ? "\\" : "/";
  const start = root.endsWith(separator) ? root : root + separator;
  return path.startsWith(start) ? path : undefined;
}

async function isStill(opened: Deno.FileInfo, path: string | undefined): Promise<boolean> {
  if (path === undefined) return false;
  const found = await Deno.lstat(path);
  return opened.isFile && found.isFile && opened.ino === found.ino && opened.dev === found.dev;
}

const MISSING = ["ENOTDIR", "ENAMETOOLONG", "ELOOP", "EINVAL"];

function isMissing(error: unknown): boolean {
  if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
    return true;
  }
  if (error instanceof Deno.errors.FilesystemLoop) return true;
  // What a link to a device or into /proc comes to, wherever Deno keeps those to itself.
  if (error instanceof Deno.errors.NotCapable) return true;
  return error instanceof Error && "code" in error && MISSING.includes(String(error.code));
}

/** The same bytes have the same tag; a file that was changed or put in place of another has another. */
function headersOf({ size, mtime, ino }: Deno.FileInfo): Record<string, string> {
  const time = mtime?.getTime() ?? 0;
  return {
    etag: `"${size.toString(16)}-${time.toString(16)}-${(ino ?? 0).toString(16)}"`,
    ...(mtime ? { "last-modified": formatHttpDate(time) } : {}),
  };
}

/** Reads piece by piece. The clock stops while nobody asks for the next one. */
function bodyOf(
  file: Deno.FsFile,
  { folder, deadline, onDone }: { folder: string; deadline: Deadline; onDone: () => void },
): ReadableStream<Uint8Array> {
  function end(): void {
    onDone();
    file.close();
  }
  return new ReadableStream({
    async pull(controller) {
      deadline.resume();
      const piece = new Uint8Array(PIECE);
      try {
        const count = await untilAborted(file.read(piece), deadline.signal);
        if (count !== null) {
          controller.enqueue(piece.subarray(0, count));
          return deadline.pause();
        }
        end();
        controller.close();
      } catch (error) {
        end();
        controller.error(fileError(error, folder));
      }
    },
    cancel: end,
  }, { highWaterMark: 0 });
}

function fileError(error: unknown, what: string): unknown {
  if (error instanceof ProxyError || !(error instanceof Error)) return error;
  if (error.name === "AbortError") return error;
  const cause = new Error(`${what}: ${error.message}`, { cause: error });
  return new ProxyError("bad_origin", "The source of the picture cannot be read", { cause });
}

function empty(status: number, headers: Record<string, string> = {}): SourceAnswer {
  return { status, headers, setCookies: [], body: new Blob([]).stream() };
}
