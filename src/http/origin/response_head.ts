// The head of an answer, read as origins write it and not only as RFC 9112 has it: bare line feeds, folded
// lines and blanks before a colon still come from old servers, and every browser shows their pictures.
// Refused is what leaves open where the answer ends, or what could make one header field out of two.
import { ProxyError } from "../../errors.ts";

/** Where the body of an answer ends (RFC 9112 section 6.3). */
export type Framing =
  | { kind: "none" }
  | { kind: "length"; bytes: number }
  | { kind: "chunked" }
  | { kind: "close" };

export interface ResponseHead {
  status: number;
  /** Names in lower case, values one character a byte; fields that no reader agrees on are left out. */
  headers: [name: string, value: string][];
  framing: Framing;
  /**
   * Whether the next answer may come over the same connection. Not where anything had to be forgiven: two
   * readers might disagree on where such an answer ends.
   */
  isReusable: boolean;
  /** Whether the origin said that it closes the connection behind this answer. */
  closes: boolean;
  /** Seconds for which the origin keeps an idle connection, where it says so. */
  keepAliveSeconds?: number;
}

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// deno-lint-ignore no-control-regex -- control characters are what is looked for
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;

/**
 * Reads the text of a head, one character a byte, from the status line to the empty line. Throws a
 * bad_origin ProxyError whose cause says what is wrong.
 */
export function parseResponseHead(text: string): ResponseHead {
  const ended = text.split("\n").slice(0, -1);
  const [statusLine = "", ...fieldLines] = ended.map((line) => line.replace(/\r$/, ""));
  if (/[\r\0]/.test([statusLine, ...fieldLines].join(""))) {
    throw invalidHttp("a carriage return or NUL within a line of the head");
  }
  const { status, isTidy: hasTidyStatus, isOld } = readStatusLine(statusLine);
  const { headers, isTidy: hasTidyFields } = readFields(fieldLines.filter((line) => line !== ""));
  const { framing, isPlain } = framingOf(status, headers);
  const isTidy = ended.every((line) => line.endsWith("\r")) && hasTidyStatus && hasTidyFields;
  const tokens = listed(headers, "connection");
  const closes = tokens.includes("close") || (isOld && !tokens.includes("keep-alive"));
  const seconds = /(?:^|[\s,;])timeout=(\d{1,6})/i.exec(valueOf(headers, "keep-alive"))?.[1];
  return {
    status,
    headers: framing.kind === "length" ? withOneLength(headers, framing.bytes) : headers,
    framing,
    isReusable: isTidy && isPlain && !closes && framing.kind !== "close",
    closes,
    ...(seconds === undefined ? {} : { keepAliveSeconds: Number(seconds) }),
  };
}

/** RFC 9112 section 4; any version of HTTP/1, in any case, and blanks by the dozen. */
function readStatusLine(line: string): { status: number; isTidy: boolean; isOld: boolean } {
  const [, minor, code] = /^HTTP\/1\.(\d)[ \t]+(\d{3})(?:[ \t].*)?$/i.exec(line) ?? [];
  const status = Number(code);
  if (!(status >= 100)) throw invalidHttp(`the status line ${JSON.stringify(line.slice(0, 80))}`);
  return { status, isTidy: /^HTTP\/1\.[01] \d/.test(line), isOld: minor === "0" };
}

function readFields(lines: readonly string[]): Pick<ResponseHead, "headers"> & { isTidy: boolean } {
  const fields: [name: string, value: string][] = [];
  let isTidy = true;
  for (const line of lines) {
    if (/^[ \t]/.test(line)) {
      const last = fields.at(-1);
      if (!last) throw invalidHttp("a folded line before the first field");
      // RFC 9112 section 5.2: a folded line goes on with the value before it.
      last[1] = `${last[1]} ${blanksTrimmed(line)}`;
      isTidy = false;
      continue;
    }
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon));
    if (!NAME.test(name)) isTidy = false;
    // Kept for now under whatever name, so that lines folded after it stay with it.
    fields.push([blanksTrimmed(name).toLowerCase(), blanksTrimmed(line.slice(colon + 1))]);
  }
  if (fields.some(([name, value]) => FRAMING.includes(name) && CONTROL.test(value))) {
    throw invalidHttp("a control character in Content-Length or Transfer-Encoding");
  }
  const headers = fields.filter(([name, value]) => NAME.test(name) && !CONTROL.test(value));
  return { headers, isTidy: isTidy && headers.length === fields.length };
}

const FRAMING = ["content-length", "transfer-encoding"];

/** Throws where the fields contradict each other, or say what cannot be understood. */
function framingOf(
  status: number,
  headers: ResponseHead["headers"],
): { framing: Framing; isPlain: boolean } {
  const codings = listed(headers, "transfer-encoding");
  const lengths = listed(headers, "content-length");
  const coded = codings.filter((coding) => coding !== "identity");
  if (status < 200 || status === 204 || status === 304) {
    return { framing: { kind: "none" }, isPlain: coded.length === 0 };
  }
  const said = headers.some(([name]) => name === "content-length");
  if (said && (lengths.length === 0 || lengths.some((length) => !/^\d+$/.test(length)))) {
    throw invalidHttp("a Content-Length that is no number");
  }
  if (coded.some((coding) => coding !== "chunked")) {
    throw invalidHttp(`the transfer encoding ${codings.join(", ").slice(0, 80)}`);
  }
  if (coded.length > 0 && lengths.length > 0) {
    throw otherLength("a Content-Length beside a Transfer-Encoding");
  }
  if (coded.length > 0) return { framing: { kind: "chunked" }, isPlain: codings.length === 1 };
  if (new Set(lengths.map(Number)).size > 1) throw otherLength("two lengths that differ");
  const [length] = lengths;
  return length === undefined
    ? { framing: { kind: "close" }, isPlain: true }
    : { framing: { kind: "length", bytes: Number(length) }, isPlain: lengths.length === 1 };
}

/** The fields with their length said once, however often it came. */
function withOneLength(headers: ResponseHead["headers"], bytes: number): ResponseHead["headers"] {
  const isLength = ([name]: [string, string]) => name === "content-length";
  const first = headers.findIndex(isLength);
  return headers.flatMap((field, index) =>
    !isLength(field) ? [field] : index === first ? [[field[0], String(bytes)]] : []
  );
}

/** The items of a field that is a list, in lower case, of all its lines. */
function listed(headers: ResponseHead["headers"], name: string): string[] {
  return valueOf(headers, name).toLowerCase().split(",").map(blanksTrimmed).filter((item) => item);
}

function valueOf(headers: ResponseHead["headers"], name: string): string {
  return headers.filter((field) => field[0] === name).map(([, value]) => value).join(",");
}

function blanksTrimmed(text: string): string {
  // Each run of blanks is tried once: a head may be nothing but blanks, and a letter behind them.
  return text.replace(/^[ \t]+|(?<![ \t])[ \t]+$/g, "");
}

/** The refusal of bytes that are no HTTP, or that no two readers read alike. */
export function invalidHttp(found: string): ProxyError {
  return new ProxyError("bad_origin", "The origin's answer is not valid HTTP", {
    cause: new Error(`It has ${found}`),
  });
}

/** The refusal of an answer that ends elsewhere than it says. */
export function otherLength(found: string): ProxyError {
  return new ProxyError("bad_origin", "The origin's answer is not as long as it says", {
    cause: new Error(`It has ${found}`),
  });
}
