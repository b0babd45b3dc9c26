// What a run over a corpus found, as a document.
import type { Judgement, Verdict } from "./compare.ts";

/** A program that pictures are compared with, and the formats that it reads. */
interface Named {
  name: string;
  formats: readonly string[];
}

export interface Run {
  /** What the run before this one found. */
  last: readonly Finding[] | undefined;
  references: readonly Named[];
  /** What is not installed, and therefore says nothing. */
  absent: readonly string[];
  /** How many files there are: more than findings while the run goes on. */
  files: number;
}

export interface Finding extends Judgement {
  file: string;
  /** The format that its bytes tell. */
  format: string;
  /** Our size, or the sentence with which we refuse. */
  ours: string;
  /** The references that show it. */
  shownBy: readonly string[];
}

/** The tables: how many files of each format came out right, and those that did not. */
export function reportOf(
  findings: readonly Finding[],
  { last, references, absent, files }: Run,
): string {
  const formats = [...new Set(findings.map(({ format }) => format))].sort();
  const counts = formats.map((format) => {
    const all = findings.filter((finding) => finding.format === format);
    const count = (verdict: Verdict) => all.filter((finding) => finding.verdict === verdict).length;
    const judged = all.length - count("unjudged");
    const share = judged === 0
      ? ""
      : `${((count("equal") + count("browser")) / judged * 100).toFixed(1)} %`;
    const figures = [
      ...[all.length, judged, count("equal"), count("browser")],
      ...[count("differs"), count("refused")],
    ];
    return `| ${[format, ...figures, share].join(" | ")} |`;
  });
  const outliers = findings.filter(isOutlier);
  const before = new Map(last?.map((finding) => [finding.file, finding]));
  const isNew = (finding: Finding) => {
    const was = before.get(finding.file);
    return last !== undefined && !(was && isOutlier(was));
  };
  const mended = last?.filter((was) => {
    const now = findings.find(({ file }) => file === was.file);
    return isOutlier(was) && now !== undefined && !isOutlier(now);
  }) ?? [];
  const alone = formats.filter((format) =>
    format !== "unknown" && references.filter((one) => one.formats.includes(format)).length < 2
  );
  return [
    "# Comparison",
    "",
    `${findings.length} files, compared with ${
      references.map(({ name }) => name).join(", ")
    }. Judged are those that two of them show`,
    "alike; all others say nothing.",
    "",
    ...findings.length < files ? [`**Not done yet: ${files} files are there.**`, ""] : [],
    ...absent.length > 0 ? [`**Not compared with: ${absent.join("; ")}.**`, ""] : [],
    ...alone.length > 0
      ? [`**Read by fewer than two of them, and so not judged: ${alone.join(", ")}.**`, ""]
      : [],
    "| format | files | judged | equal to two | to Chromium alone | differ | refused | equal of judged |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ...counts,
    "",
    "## Outliers",
    "",
    `${outliers.length}, of which ${outliers.filter(isNew).length} are new since the last run.`,
    ...mended.length > 0 ? [`No longer: ${mended.map(({ file }) => file).join(", ")}.`] : [],
    "",
    "| file | format | ours | mean levels from each reference | new |",
    "| --- | --- | --- | --- | --- |",
    ...outliers.map((finding) => {
      const { file, format, ours, differences, shownBy, verdict } = finding;
      const far = verdict === "refused"
        ? `shown by ${shownBy.join(", ")}`
        : Object.entries(differences).map(([name, levels]) => `${name} ${figure(levels)}`).join(
          ", ",
        );
      const cells = [file, format, ours.slice(0, 80), far, isNew(finding) ? "new" : ""];
      return `| ${cells.map((cell) => cell.replaceAll("|", "/")).join(" | ")} |`;
    }),
    "",
  ].join("\n");
}

export function isOutlier({ verdict }: Finding): boolean {
  return verdict === "differs" || verdict === "refused";
}

function figure(levels: number | null): string {
  // JSON has no Infinity.
  return levels === null || levels === Infinity ? "another size" : levels.toFixed(1);
}
