// What references showed in earlier runs, by the bytes of the files: it takes them most of a run, and they change
// only when they are installed anew. To ask them again, remove the file.
import { createHash } from "node:crypto";
import type { Answer } from "./compare.ts";

interface Line extends AnswerLine {
  /** SHA-256 of the file. */
  hash: string;
  reference: string;
}

/** An answer as a line of a file holds it. */
export interface AnswerLine {
  refusal?: string;
  width?: number;
  height?: number;
  small?: { data: string; width: number; height: number };
}

export interface Remembered {
  /** The answer of an earlier run, or that of `ask`, which is remembered. */
  answer(
    question: { bytes: Uint8Array; reference: string },
    ask: () => Promise<Answer>,
  ): Promise<Answer>;
}

/** Reads what a file of lines holds, which is written on; there need be none. */
export async function remember(path: string): Promise<Remembered> {
  const known = new Map<string, Answer>();
  for (const text of (await Deno.readTextFile(path).catch(() => "")).split("\n")) {
    if (text === "") continue;
    const line: Line = JSON.parse(text);
    known.set(`${line.reference} ${line.hash}`, answerIn(line));
  }
  return {
    async answer({ bytes, reference }, ask) {
      const hash = createHash("sha256").update(bytes).digest("hex");
      const key = `${reference} ${hash}`;
      const before = known.get(key);
      if (before !== undefined) return before;
      const answer = await ask();
      known.set(key, answer);
      const line = JSON.stringify({ hash, reference, ...lineOf(answer) });
      await Deno.writeTextFile(path, `${line}\n`, { append: true });
      return answer;
    },
  };
}

export function lineOf(answer: Answer): AnswerLine {
  if (typeof answer === "string") return { refusal: answer };
  const { width, height, small } = answer;
  const data = new Uint8Array(small.data.buffer).toBase64();
  return { width, height, small: { data, width: small.width, height: small.height } };
}

export function answerIn({ refusal, width, height, small }: AnswerLine): Answer {
  if (!small) return refusal ?? "";
  const data = new Uint8ClampedArray(Uint8Array.fromBase64(small.data).buffer);
  return { width: width!, height: height!, small: { ...small, data } };
}
