// What a dialect is: the URLs of another server, read into options and a remote URL of this one, so that
// nothing behind the grammar knows who was asked for what.
import { ProxyError } from "../errors.ts";
import { quote } from "../options/option.ts";

/** A request target below the dialect's path, as received and not decoded. */
export interface ForeignTarget {
  /** What follows the dialect's path, without the query. */
  path: string;
  /** From the question mark on; empty where there is none. */
  query: string;
}

export interface ReadSettings {
  /** Leave out options that have no counterpart, and those that cannot be read, instead of refusing them. */
  ignoreUnknown: boolean;
}

/** What a foreign URL asks for, in this program's own words. */
export interface ForeignRequest {
  /** Option tokens, as between the slashes of this program's own URLs. */
  tokens: readonly string[];
  /** The remote URL, plain: absolute, or relative to the base URL. */
  remote: string;
  /** What the server's own signature says; undefined where the URL bears none, or says that it bears none. */
  signature?: ForeignSignature | undefined;
}

export interface ForeignSignature {
  /** As sent. */
  given: string;
  /** What a key makes of the signed part; the text of a key is one that the dialect's `checkKey` let pass. */
  expected(key: string): readonly Uint8Array[];
  /** The bytes that the given one stands for. */
  bytes: Uint8Array;
}

/** How an option of the other server comes over: the same, nearly (the note says how it differs), or not. */
export type Verdict = "same" | "nearly" | "not";

/** A row of docs/dialects.md. */
export interface ForeignOption {
  /** As the other server's documentation writes it. */
  syntax: string;
  verdict: Verdict;
  /** This program's option, where there is one. */
  ours?: string;
  /** How it differs, or what comes nearest. */
  note?: string;
}

/** An option as its dialect reads it. One without `read` has no counterpart. */
export interface ForeignEntry<State> extends ForeignOption {
  /** By which it is written. */
  names: readonly string[];
  /** Notes what the option says. Throws a ProxyError "malformed" that names it. */
  read?(option: WrittenOption, state: State): void;
}

/** One option of a URL, taken apart. */
export interface WrittenOption {
  /** As sent, for messages. */
  text: string;
  name: string;
  args: readonly string[];
}

export interface Dialect {
  /** The server's name as its makers write it. */
  title: string;
  /** Where its URLs begin unless the setting says otherwise; ends with a slash, or is a whole path. */
  path: string;
  /** Whether the picture is named by the query's `url`, so that at `/` nothing but the query tells an image. */
  inQuery?: boolean;
  /**
   * What of a URL anywhere on the web, from its host on, lies before the dialect's own part: what is found of
   * it is enough to tell the URL from a picture's own.
   */
  before: RegExp;
  /** A URL of its own, for people; the picture's host is images.example.com. */
  example: string;
  /** Every option of its documentation. */
  options: readonly ForeignOption[];
  /** Throws a ProxyError "malformed" that names what cannot be read, and what comes nearest here. */
  read(target: ForeignTarget, settings: ReadSettings): ForeignRequest;
  /** How a key is written, for people; undefined where the server knows no signatures. */
  keySyntax?: string;
  /** Throws an Error whose message completes "the key of {dialect}". */
  checkKey?(key: string): void;
  /** The target with a valid signature; the target may bear another, or none. */
  sign?(target: ForeignTarget, key: string): string;
}

/** Has the entry of its name read each option; a later one outdoes an earlier. */
export function readOptions<State>(
  options: readonly WrittenOption[],
  entries: readonly ForeignEntry<State>[],
  { state, ignoreUnknown }: { state: State; ignoreUnknown: boolean },
): State {
  for (const option of options) {
    try {
      const entry = entries.find(({ names }) => names.includes(option.name));
      if (!entry) throw malformedOption(option.text, "there is no such option");
      if (!entry.read) throw noCounterpart(option.text, entry.ours ?? entry.note);
      entry.read(option, state);
    } catch (error) {
      if (!ignoreUnknown || !(error instanceof ProxyError)) throw error;
    }
  }
  return state;
}

/** The error for an option that has no counterpart here. */
export function noCounterpart(option: string, nearest?: string): ProxyError {
  return new ProxyError(
    "malformed",
    `This server has nothing like the option ${quote(option)}${
      nearest === undefined ? "" : `; the nearest is ${nearest}`
    }`,
  );
}

/** The error for an option that cannot be read; `accepted` completes the sentence. */
export function malformedOption(option: string, accepted: string): ProxyError {
  return new ProxyError("malformed", `Cannot parse option ${quote(option)}: ${accepted}`);
}
