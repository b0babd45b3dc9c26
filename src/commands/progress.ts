// A bar for work that takes a while, on terminals only.

export interface Progress {
  /** One more is done, of this name. */
  step(name: string): void;
  /** Takes the bar away. */
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
  const draw = (name: string) => {
    const filled = Math.round((done / total) * BAR_COLUMNS);
    const bar = "█".repeat(filled) + "░".repeat(BAR_COLUMNS - filled);
    // A file's name must not steer the terminal.
    const line = `${bar} ${done}/${total} ${name.replace(/\p{Cc}/gu, "?")}`;
    write(`\r\x1b[K${[...line].slice(0, Math.max(10, width() - 1)).join("")}`);
  };
  return {
    step(name) {
      done++;
      if (enabled) draw(name);
    },
    end() {
      if (enabled) write("\r\x1b[K");
    },
  };
}
