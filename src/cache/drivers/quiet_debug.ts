// Imported before ioredis. Its logger, the package `debug`, lists every variable of the environment when it
// loads, which takes the permission to read them all. Where it believes to be in a browser it does not.
import process from "node:process";

const shown = process as { browser?: boolean };
shown.browser = true;

/** To be called once ioredis is loaded, for those who ask the same question later. */
export function endPretence(): void {
  delete shown.browser;
}
