// Which program this is, and what it is built on.
import type { CommandSpec } from "./terminal/command_line.ts";
import { versions } from "../version.ts";

export const version: CommandSpec = {
  name: "version",
  operands: "",
  summary: "Print the versions of the program, Deno and ImageMagick (also --version)",
  settings: [],
  async run() {
    const { startWorkers } = await import("./files/workers.ts");
    await using workers = await startWorkers({ workers: 1 });
    const { version, deno, imagemagick } = versions(workers.pool.engineVersion());
    console.log(`imageproxy ${version} (Deno ${deno}, ImageMagick ${imagemagick})`);
    return 0;
  },
};
