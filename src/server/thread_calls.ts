// What the threads of one process ask each other: the main server its siblings, and they it.
import type { Removal } from "../cache/removal.ts";
import type { Level, RequestLine } from "../ops/log.ts";
import type { Figures } from "../ops/metrics.ts";
import type { BorrowerMethods, LenderMethods } from "./engine_pool.ts";
import type { Rules } from "../serving/image_server.ts";

/** What siblings ask the main thread. */
export type MainMethods = LenderMethods & {
  figures(): Promise<Figures[]>;
  purge(url: string): Promise<Removal>;
  request(line: RequestLine): void;
  event(event: { level: Level; message: string }): void;
};

/** What the main thread asks a sibling. */
export type SiblingMethods = BorrowerMethods & {
  /** With what the server calls itself towards origins, as all its threads do. */
  start(rules: Rules & { cdnId: string }): Promise<void>;
  reload(rules: Rules): void;
  figures(): Promise<Figures>;
  purge(url: string): Promise<Removal>;
  close(): Promise<void>;
};
