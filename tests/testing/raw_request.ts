// Requests that no client library would send.

export interface RawRequest {
  /** The bytes between the method and the version, one character a byte. */
  target: string;
  host?: string;
  /** Lines that follow the Host header, each ended by \r\n. */
  headers?: string;
}

/** The status line of the answer; empty where the server just closed the connection. */
export async function requestRaw(
  url: string,
  { target, host = "localhost", headers = "" }: RawRequest,
): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(url).port) });
  const text = `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n${headers}Connection: close\r\n\r\n`;
  await connection.write(Uint8Array.from(text, (character) => character.charCodeAt(0)));
  let answer = "";
  const buffer = new Uint8Array(4096);
  for (;;) {
    const count = await connection.read(buffer).catch(() => null);
    if (count === null) return answer;
    answer += new TextDecoder("latin1").decode(buffer.subarray(0, count));
    const end = answer.indexOf("\r\n");
    if (end >= 0) return answer.slice(0, end);
  }
}
