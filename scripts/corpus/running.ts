// What a run has found so far, a line a file: a run over thousands of files takes hours, and one that is ended
// goes on where it was. To begin anew, remove the file.
import type { Answer } from "./compare.ts";
import { answerIn, type AnswerLine, lineOf } from "./remembered.ts";
import { type Finding, isOutlier } from "./report.ts";

export interface Found {
  finding: Finding;
  /** The pictures of an outlier, which a sheet shows: ours, and that of each reference. */
  answers?: Readonly<Record<string, Answer>>;
}

interface Line {
  finding: Finding;
  answers?: Readonly<Record<string, AnswerLine>>;
}

export interface Running {
  /** All that was found, by the names of the files. */
  found: ReadonlyMap<string, Found>;
  add(found: Found): Promise<void>;
}

/** Reads what an earlier run left in a file of lines, which is written on; there need be none. */
export async function goOn(path: string): Promise<Running> {
  const found = new Map<string, Found>();
  const before = await Deno.readTextFile(path).catch(() => "");
  const isTorn = before !== "" && !before.endsWith("\n");
  if (isTorn) await Deno.writeTextFile(path, "\n", { append: true });
  for (const text of before.split("\n")) {
    const line = parse(text);
    if (line) found.set(line.finding.file, { finding: line.finding, ...picturesIn(line) });
  }
  return {
    found,
    async add({ finding, answers = {} }) {
      const kept = isOutlier(finding) ? { answers } : {};
      found.set(finding.file, { finding, ...kept });
      const lines = Object.entries(kept.answers ?? {})
        .map(([name, answer]) => [name, lineOf(answer)] as const);
      const line: Line = { finding, ...lines.length > 0 && { answers: Object.fromEntries(lines) } };
      await Deno.writeTextFile(path, `${JSON.stringify(line)}\n`, { append: true });
    },
  };
}

/** A run may be ended in the middle of its last line. */
function parse(text: string): Line | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function picturesIn({ answers }: Line): Pick<Found, "answers"> {
  if (!answers) return {};
  const pictures = Object.entries(answers).map(([name, line]) => [name, answerIn(line)] as const);
  return { answers: Object.fromEntries(pictures) };
}
