// Every command, in the order of the help text.
import type { CommandSpec } from "./terminal/command_line.ts";
import { cache } from "./cache.ts";
import { completions } from "./completions.ts";
import { config } from "./config.ts";
import { encrypt } from "./encrypt.ts";
import { healthcheck } from "./healthcheck.ts";
import { help } from "./help.ts";
import { info } from "./info.ts";
import { serve } from "./serve.ts";
import { sign } from "./sign.ts";
import { transform } from "./transform.ts";
import { translate } from "./translate.ts";
import { version } from "./version.ts";

export const COMMANDS: readonly CommandSpec[] = [
  serve,
  sign,
  encrypt,
  translate,
  transform,
  info,
  healthcheck,
  cache,
  config,
  completions,
  help,
  version,
];
