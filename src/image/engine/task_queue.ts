// The transforms that wait for a worker. They are taken in turn by client, and of a client in turn by origin,
// so that nobody waits behind all that somebody else has asked for. Those that were found to be large or long
// wait for room as well, and are passed by the others.
import { ProxyError } from "../../errors.ts";
import type { Cost, TransformedImage, TransformJob } from "../plan/job.ts";
import { picturesOf, SMALL_JOB } from "../plan/job.ts";

/** For whom a picture is made, as strings that are compared and nothing else. */
export interface Asker {
  client: string;
  origin: string;
}

export interface Task {
  job: TransformJob;
  asker: Asker;
  /** What it was found to need; undefined while it is taken for small. */
  cost?: Cost;
  /** Whether nobody wants it any more. */
  isGone?: boolean;
  /** Whether it has been given to a worker before. */
  hasBegun?: boolean;
  /** How often it was broken off because another in the same process took too long. */
  interruptions?: number;
  /** How often the process that it was in has died. */
  deaths?: number;
  /** When it came, by performance.now(), and the milliseconds until a worker took it up. */
  arrived: number;
  queued: number;
  /** When a worker took it up. */
  begun: number;
  onStart: (() => void) | undefined;
  resolve(image: TransformedImage): void;
  reject(error: unknown): void;
}

export interface QueueLimits {
  /** Tasks that may wait together. */
  maxWaiting: number;
  /** Bytes of their originals together; any unless told. */
  maxWaitingBytes: number | undefined;
  /** Bytes that the tasks whose cost is known may take together, in work. */
  memory: number;
  /** Long tasks that may be in work together. */
  maxLong: number;
}

/** What is in work. */
export interface Load {
  /** Bytes that it takes, as far as that is known. */
  bytes: number;
  /** Long tasks. */
  long: number;
}

export interface TaskQueue {
  /**
   * Has a task wait, where `free` workers are about to take up as many. Where there is no room it takes the
   * place of the last task of whoever has most waiting, which is rejected as "busy"; false where that is its
   * own client.
   */
  add(task: Task, free: number): boolean;
  /** Puts tasks back that were broken off, before all others of their client and origin. */
  putBack(tasks: readonly Task[]): void;
  /** Puts a task back that was found to need so much; rejects it if that can never be granted. */
  postpone(task: Task, cost: Cost): void;
  /** The next whose turn it is and for which there is room. */
  take(load: Load): Task | undefined;
  /** Whether the task was still waiting. */
  remove(task: Task): boolean;
  rejectAll(error: ProxyError): void;
  length(): number;
}

/** Whether so much time must not be taken by every worker at once. */
export function isLong(cost: Cost | undefined): boolean {
  return (cost?.milliseconds ?? 0) > SMALL_JOB.milliseconds;
}

export function createTaskQueue(
  { maxWaiting, maxWaitingBytes = Infinity, memory, maxLong }: QueueLimits,
): TaskQueue {
  /** Clients in the order of their turns, and so the origins of each; the tasks of each of these as they came. */
  const clients = new Map<string, Map<string, Task[]>>();
  let length = 0;

  function lineOf({ client, origin }: Asker): Task[] {
    const origins = clients.get(client) ?? new Map<string, Task[]>();
    clients.set(client, origins);
    const line = origins.get(origin) ?? [];
    origins.set(origin, line);
    return line;
  }

  function putFirst(task: Task): void {
    lineOf(task.asker).unshift(task);
    length++;
  }

  function remove(task: Task): boolean {
    const { client, origin } = task.asker;
    const origins = clients.get(client);
    const line = origins?.get(origin);
    const index = line?.indexOf(task) ?? -1;
    if (!origins || !line || index < 0) return false;
    line.splice(index, 1);
    length--;
    if (line.length === 0) origins.delete(origin);
    if (origins.size === 0) clients.delete(client);
    return true;
  }

  /** Gives a client and one of its origins the last turn. */
  function passTurn({ client, origin }: Asker): void {
    const origins = clients.get(client);
    if (!origins) return;
    moveToEnd(clients, client);
    moveToEnd(origins, origin);
  }

  function waitingFor(client: string): Task[] {
    return [...clients.get(client)?.values() ?? []].flat();
  }

  function waiting(): Task[] {
    return [...clients.keys()].flatMap(waitingFor);
  }

  /** Whether there is no room for so many bytes more behind those that are about to be taken up. */
  function isFull(bytes: number, free: number): boolean {
    if (length < free) return false;
    const left = waiting().slice(free);
    const held = bytesOf(left);
    return left.length >= maxWaiting || (held > 0 && held + bytes > maxWaitingBytes);
  }

  /** The last task of the client that has most waiting, where that is more than the newcomer's. */
  function displacedBy(newcomer: Task): Task | undefined {
    const measure = length < maxWaiting ? bytesOf : (tasks: readonly Task[]) => tasks.length;
    const own = measure([...waitingFor(newcomer.asker.client), newcomer]);
    const greediest = [...clients.keys()].map(waitingFor)
      .reduce((most, tasks) => measure(tasks) > measure(most) ? tasks : most, []);
    if (measure(greediest) <= own) return undefined;
    return greediest.reduce((last, task) => task.arrived > last.arrived ? task : last);
  }

  return {
    add(task, free) {
      while (isFull(bytesOf([task]), free)) {
        const displaced = displacedBy(task);
        if (!displaced) return false;
        remove(displaced);
        displaced.reject(tooMany());
      }
      lineOf(task.asker).push(task);
      length++;
      return true;
    },
    putBack: (tasks) => tasks.toReversed().forEach(putFirst),
    postpone(task, cost) {
      if (task.isGone) return;
      if (cost.bytes <= memory) return putFirst(Object.assign(task, { cost }));
      task.reject(
        new ProxyError(
          "too_large",
          `The image takes some ${Math.ceil(cost.bytes / 1e6)} MB to transform, where ${
            Math.floor(memory / 1e6)
          } MB is the limit`,
        ),
      );
    },
    take(load) {
      let waitsForMemory = false;
      for (const origins of clients.values()) {
        for (const line of origins.values()) {
          for (const task of line) {
            if (isLong(task.cost) && load.long >= maxLong) continue;
            if (isLarge(task.cost)) {
              // Or others would for ever take the memory that it waits for.
              const hasRoom: boolean = !waitsForMemory && load.bytes + task.cost!.bytes <= memory;
              waitsForMemory ||= !hasRoom;
              if (!hasRoom) continue;
            }
            passTurn(task.asker);
            remove(task);
            return task;
          }
        }
      }
      return undefined;
    },
    remove,
    rejectAll(error) {
      for (const task of waiting()) task.reject(error);
      clients.clear();
      length = 0;
    },
    length: () => length,
  };
}

/** What a client is told whose task cannot wait. */
export function tooMany(): ProxyError {
  return new ProxyError("busy", "Too many images wait to be transformed; try again soon", {
    retryAfter: 1,
  });
}

function isLarge(cost: Cost | undefined): boolean {
  return (cost?.bytes ?? 0) > SMALL_JOB.bytes;
}

function bytesOf(tasks: readonly Task[]): number {
  return tasks.flatMap(({ job }) => picturesOf(job)).reduce((sum, { length }) => sum + length, 0);
}

function moveToEnd<K, V>(map: Map<K, V>, key: K): void {
  const value = map.get(key)!;
  map.delete(key);
  map.set(key, value);
}
