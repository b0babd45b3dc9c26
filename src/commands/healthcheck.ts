// Whether the server on this machine answers, for containers that have no shell to ask with.
import type { CommandSpec } from "./terminal/command_line.ts";
import { currentConfig, messageOf, printProblems } from "./terminal/output.ts";
import type { Address } from "../server/listen.ts";
import { address as addressKind } from "../settings/kinds.ts";

const TIMEOUT_MS = 5000;

export const healthcheck: CommandSpec = {
  name: "healthcheck",
  operands: "",
  summary: "Exit with 0 if the server at the address of the settings answers, else with 1",
  settings: ["addr", "adminAddr", "pathPrefix", "bearerToken", "config"],
  flags: { ready: { summary: "Ask whether it is ready for requests, not just alive" } },
  async run({ settings, flags }) {
    const { config, problems } = await currentConfig(settings);
    if (problems.length > 0) {
      printProblems(problems);
      return 1;
    }
    const address = config.adminAddr ?? config.addr;
    const isPublic = config.adminAddr === undefined;
    const path = (isPublic ? config.pathPrefix : "") +
      (flags.ready === "true" ? "/ready" : "/health-check");
    const token = isPublic ? config.bearerToken : "";
    try {
      const status = await within(TIMEOUT_MS, statusOf(address, { path, token }));
      if (status === 200) return 0;
      printProblems([`The server at ${addressKind.show!(address)} answers ${path} with ${status}`]);
    } catch (error) {
      printProblems([`No answer from ${addressKind.show!(address)}: ${messageOf(error)}`]);
    }
    return 1;
  },
};

/** The status of a GET, over a connection of its own: unix sockets included, and nothing to load. */
async function statusOf(
  address: Address,
  { path, token }: { path: string; token: string },
): Promise<number> {
  using connection = "path" in address
    ? await Deno.connect({ transport: "unix", path: address.path })
    : await Deno.connect({ ...address, hostname: reachable(address.hostname) });
  const authorization = token ? `Authorization: Bearer ${token}\r\n` : "";
  const request =
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${authorization}Connection: close\r\n\r\n`;
  const writer = connection.writable.getWriter();
  await writer.write(new TextEncoder().encode(request));
  writer.releaseLock();
  let head = "";
  const decoder = new TextDecoder();
  for await (const chunk of connection.readable) {
    head += decoder.decode(chunk, { stream: true });
    if (head.includes("\r\n")) break;
  }
  return Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? NaN);
}

/** Where a server can be asked that listens on every address. */
function reachable(hostname: string): string {
  return hostname === "0.0.0.0" ? "127.0.0.1" : hostname === "::" ? "localhost" : hostname;
}

async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`nothing came within ${milliseconds / 1000} s`)),
      milliseconds,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
