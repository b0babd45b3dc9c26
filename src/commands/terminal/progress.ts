// How far work that takes a while has come, on terminals only: counts first, since a narrow terminal shows
// no more, then a bar, then the name of what was done last.
import { printable } from "../../ops/printable.ts";

export interface Progress {
  /** One more is done, of this name, for better or worse. */
  step(name: string, outcome?: "failed"): void;
  /** Takes the line away. */
  end(): void;
}

export interface ProgressOptions {
  enabled: boolean;
  write(text: string): void;
  /** Columns of the terminal. */
  width(): number;
}

const BAR_COLUMNS = 24;

export function createProgress(
  total: number,
  { enabled, write, width }: ProgressOptions,
): Progress {
  let done = 0;
  let failed = 0;
  const draw = (name: string) => {
    const filled = Math.round((done / total) * BAR_COLUMNS);
    const bar = "█".repeat(filled) + "░".repeat(BAR_COLUMNS - filled);
    const counts = `${done}/${total}${failed > 0 ? `, ${failed} failed` : ""}`;
    const columns = Math.max(10, width() - 1);
    const isRoomy = counts.length + BAR_COLUMNS + 16 <= columns;
    const line = [counts, ...(isRoomy ? [bar] : []), printable(name)].join(" ");
    write(`\r\x1b[K${[...line].slice(0, columns).join("")}`);
  };
  return {
    step(name, outcome) {
      done++;
      if (outcome === "failed") failed++;
      if (enabled) draw(name);
    },
    end() {
      if (enabled) write("\r\x1b[K");
    },
  };
}
