// One request over a socket of its own, with the target as it is written: client libraries would tidy it up.

export interface Answer {
  status: number;
  /** By lower-case names; fields that came several times are joined by commas. */
  headers: Headers;
  body: Uint8Array<ArrayBuffer>;
}

export interface Asked {
  /** GET unless told. */
  method?: string;
  /** One character a byte. */
  target: string;
  /** `{name}` as a value is the field of that name of the last answer that had one; no field where none had. */
  headers?: Readonly<Record<string, string>>;
}

/** What a server of this machine answers. Throws where it closes the connection without an answer. */
export async function ask(
  port: number,
  { method = "GET", target, headers = {} }: Asked,
): Promise<Answer> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const fields = { Host: "proxy.example", Connection: "close", ...headers };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  const text = `${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n`;
  await connection.write(Uint8Array.from(text, (character) => character.charCodeAt(0)));
  return parse(new Uint8Array(await new Response(connection.readable).arrayBuffer()));
}

function parse(bytes: Uint8Array<ArrayBuffer>): Answer {
  const text = new TextDecoder("latin1").decode(bytes);
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) throw new Error("There is no answer");
  const [first = "", ...lines] = text.slice(0, end).split("\r\n");
  const headers = new Headers(lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  }));
  const body = bytes.slice(end + 4);
  return {
    status: Number(first.split(" ")[1]),
    headers,
    body: headers.get("transfer-encoding") === "chunked" ? unchunked(body) : body,
  };
}

/** A body without the sizes of its chunks (RFC 9112 section 7.1). */
function unchunked(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const chunks: Uint8Array[] = [];
  for (let at = 0;;) {
    const lineEnd = bytes.indexOf(0x0a, at);
    const size = parseInt(new TextDecoder().decode(bytes.subarray(at, lineEnd)), 16);
    if (lineEnd < 0 || !(size > 0)) break;
    chunks.push(bytes.subarray(lineEnd + 1, lineEnd + 1 + size));
    at = lineEnd + 1 + size + 2;
  }
  return Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
}
