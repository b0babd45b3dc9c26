// What the program answers and tells of itself, as whoever asks it from outside finds it.
import assert from "node:assert/strict";
import { eventually } from "./eventually.ts";
import { type Edition, type Program, programTest } from "./program.ts";

/** The status of an answer and the beginning of its body. */
export async function answerOf(url: string, init?: RequestInit): Promise<string> {
  const response = await fetch(url, init);
  const body = await response.bytes();
  return `${response.status} ${new TextDecoder().decode(body.subarray(0, 200))}`;
}

/** All figures of /metrics, by their names with the labels. */
export async function figuresOf({ url }: Program): Promise<Map<string, number>> {
  const page = await (await fetch(`${url}/metrics`)).text();
  const rows = page.split("\n").filter((line) => line && !line.startsWith("#"));
  return new Map(rows.map((row) => {
    const at = row.lastIndexOf(" ");
    return [row.slice(0, at), Number(row.slice(at))];
  }));
}

/** One of them; NaN where there is none. */
export async function figureOf(program: Program, name: string): Promise<number> {
  return (await figuresOf(program)).get(name) ?? NaN;
}

/** Waits until pictures are made. */
export async function isReady({ url }: Program): Promise<void> {
  await eventually(async () => assert.match(await answerOf(`${url}/ready`), /^200/));
}

/** A test of one edition of the program that takes Linux, which shows processes. */
export function linuxTest(edition: Edition, title: string, fn: () => Promise<void>): void {
  const skipped = Deno.build.os === "linux" ? edition.skipped : "it takes Linux";
  programTest({ ...edition, ...(skipped === undefined ? {} : { skipped }) }, title, fn);
}
