// The host of docs/embedding.md as whoever follows that page has it, but for its port.
import { cp } from "node:fs/promises";

const ROOT = new URL("../../", import.meta.url);
const PAGE = await Deno.readTextFile(new URL("docs/embedding.md", ROOT));
/** What a clone has that a host needs. */
const CLONED = ["deno.json", "deno.lock", "main.ts", "src", "docs/pictures"];

export interface DocumentedHost extends AsyncDisposable {
  url: string;
  /** Ends it as a supervisor does; gives its exit code, and what it wrote on stderr. */
  stop(): Promise<{ code: number; said: string }>;
}

/**
 * Starts it in a folder of its own with a copy of the proxy. Without `packages`, a folder that Deno then fetches them
 * to, it has to do with what has been fetched for the proxy, and takes no network.
 */
export async function startDocumentedHost(
  { packages }: { packages?: string } = {},
): Promise<DocumentedHost> {
  const folder = await Deno.makeTempDir({ prefix: "imageproxy-host-" });
  try {
    await writeHost(folder);
    if (packages === undefined) await cp(new URL("deno.lock", ROOT), `${folder}/deno.lock`);
    const from = packages === undefined ? ["--cached-only"] : [];
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", ...from, ...flags(), "server.ts"],
      cwd: folder,
      env: {
        ...{ NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
        ...(packages !== undefined && { DENO_DIR: packages }),
      },
      stdout: "null",
      stderr: "piped",
    }).spawn();
    let said = "";
    const url = Promise.withResolvers<string>();
    const read = (async () => {
      for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
        said += text;
        const found = /Listening on (http:\S+?)\/?\s/.exec(said);
        if (found) url.resolve(found[1]!);
      }
      url.reject(new Error(said));
    })();
    const stop = async () => {
      child.kill("SIGTERM");
      const { code } = await child.status;
      await read;
      return { code, said };
    };
    let stopped: ReturnType<typeof stop> | undefined;
    return {
      url: await url.promise,
      stop: () => stopped ??= stop(),
      async [Symbol.asyncDispose]() {
        await (stopped ??= stop());
        await Deno.remove(folder, { recursive: true });
      },
    };
  } catch (error) {
    await Deno.remove(folder, { recursive: true });
    throw error;
  }
}

async function writeHost(folder: string): Promise<void> {
  for (const path of CLONED) {
    await cp(new URL(path, ROOT), `${folder}/imageproxy/${path}`, { recursive: true });
  }
  await Deno.writeTextFile(`${folder}/deno.json`, pasted("json"));
  await Deno.writeTextFile(`${folder}/server.ts`, pasted("ts").replace("port: 8000", "port: 0"));
}

/** The page's first block of the language. */
function pasted(language: string): string {
  const [, code] = new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, "m").exec(PAGE)!;
  return code!;
}

function flags(): string[] {
  const [, words] = /^deno run ((?:.|\\\n)*?) server\.ts$/m.exec(PAGE)!;
  return words!.split(/[\s\\]+/);
}
