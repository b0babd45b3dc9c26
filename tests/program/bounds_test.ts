// What the program keeps in memory for strangers is bounded together: answers that nobody reads, and errors.
import assert from "node:assert/strict";
import { eventually } from "../testing/eventually.ts";
import { COMPILED, type Program, programTest, SOURCE, startProgram } from "../testing/program.ts";
import { answerOf, figureOf } from "../testing/program_answers.ts";
import { startOrigin } from "../testing/proxy.ts";

/** More than any buffer of the system's takes. */
const LARGE = new TextEncoder().encode(
  `<svg xmlns="http://www.w3.org/2000/svg"><!--${"x".repeat(30e6)}--></svg>`,
);
const ORIGIN = ["-allowHosts", "127.0.0.1", "-stopTimeout", "0s"];

/** Asks for a picture and reads nothing of the answer. */
async function askAndWait({ url }: Program, target: string): Promise<Deno.TcpConn> {
  const { hostname, port } = new URL(url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const request = `GET ${target} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`;
  await connection.write(new TextEncoder().encode(request));
  return connection;
}

for (const edition of [SOURCE, COMPILED]) {
  programTest(edition, "lets who has waited longest go where too much is not read", async () => {
    await using origin = startOrigin({ "/1.svg": LARGE, "/2.svg": LARGE });
    await using program = await startProgram(edition, {
      // Enough for one large picture and not for two.
      args: [...ORIGIN, "-maxBytesInFlight", "40MB", "-sendTimeout", "5m"],
    });
    using _first = await askAndWait(program, `/x/${origin.url}/1.svg`);
    await new Promise((resolve) => setTimeout(resolve, 1200));
    using _second = await askAndWait(program, `/x/${origin.url}/2.svg`);
    await eventually(async () => {
      assert.equal(await figureOf(program, "imageproxy_clients_let_go_total"), 1);
    });
    assert.match(program.output(), /took nothing for a time while too much waited/);
  });

  programTest(edition, "weighs the errors that it remembers", async () => {
    await using origin = startOrigin({}, ({ url }) => {
      const headers = url.includes("heavy") ? { vary: `x-${"y".repeat(15_000)}` } : {};
      return new Response("out of order", { status: 500, headers });
    });
    await using program = await startProgram(edition, {
      args: [...ORIGIN, "-errorCacheDuration", "1h"],
    });
    const ask = async (path: string) => {
      const before = origin.requests.length;
      assert.match(await answerOf(`${program.url}/20x/${origin.url}/${path}`), /^502 /);
      return origin.requests.length - before;
    };
    assert.equal(await ask("first"), 1);
    for (let index = 0; index < 100; index++) await ask(`light-${index}`);
    assert.equal(await ask("first"), 0, "a hundred light ones leave room");
    // What they vary by makes each some 30 KB: 400 of them are more than the 8 MB that all may take.
    for (let index = 0; index < 400; index++) await ask(`heavy-${index}`);
    assert.equal(await ask("first"), 1, "it had to give way");
  });
}
