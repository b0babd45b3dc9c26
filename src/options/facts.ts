// Options that have the answer tell something of the picture instead of showing it.
import type { Option } from "./option.ts";
import { type OptionName, OPTIONS, type Options } from "./table.ts";

// deno-lint-ignore no-explicit-any -- entries of all value types
export type Fact = Pick<Option<any>, "tell" | "tellsOf"> & { name: OptionName };

/** The facts that are asked for, in the order of the table; none where the picture is. */
export function factsOf(options: Options): Fact[] {
  return FACTS.filter(({ name }) => options[name] !== undefined);
}

/** Whether the answer is to be something other than a picture. */
export function asksFacts(options: Options): boolean {
  return FACTS.some(({ name }) => options[name] !== undefined);
}

const FACTS: readonly Fact[] = Object.entries(OPTIONS)
  .filter(([, option]) => "tell" in option || "tellsOf" in option)
  .map(([name, option]) => ({ ...option, name: name as OptionName }));
