// What credentials are found with.

export interface CloudContext {
  /** Reads an environment variable. */
  env: (name: string) => string | undefined;
  fetch?: typeof fetch | undefined;
}
