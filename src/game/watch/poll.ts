import { setMaxListeners } from 'node:events';
import type { Clock } from '../../clock.ts';
import { describeError } from '../../errors.ts';
import type { GameLog } from '../../log/log.ts';

/**
 * Does a task again and again, `interval` real ms apart from start to start, until the signal fires. Resolves then.
 * An error of the task is not the end: see `Health`.
 */
export async function poll(
  clock: Clock,
  interval: number,
  signal: AbortSignal,
  task: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    const started = clock.mono();
    await task();
    const rest = Math.max(0, interval - (clock.mono() - started));
    await clock.sleep(rest, signal).catch(() => {});
  }
}

/** For a signal that many requests at a time listen to: Node would warn of a leak at eleven. */
export function manyListeners(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}

/** Keeps book of the outside parts that answer or do not, and logs each change once. */
export class Health {
  readonly #log: GameLog;
  readonly #clock: Clock;
  readonly #failing = new Map<string, { since: number; error: string }>();

  constructor(log: GameLog, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** What the task gives, or undefined if the part did not answer. An abort of the signal is no failure. */
  async watch<T>(part: string, signal: AbortSignal, task: () => Promise<T>): Promise<T | undefined> {
    try {
      const result = await task();
      this.#isBack(part);
      return result;
    } catch (error) {
      if (!signal.aborted) this.failed(part, describeError(error));
      return undefined;
    }
  }

  failed(part: string, error: string): void {
    const known = this.#failing.get(part);
    if (known?.error === error) return;
    this.#failing.set(part, { since: known?.since ?? this.#clock.mono(), error });
    this.#log.append({ type: 'monitor-failed', part, error });
  }

  /** For how many real ms a part has not answered; 0 while it does. */
  failingFor(part: string): number {
    const known = this.#failing.get(part);
    return known ? this.#clock.mono() - known.since : 0;
  }

  #isBack(part: string): void {
    const known = this.#failing.get(part);
    if (!known) return;
    this.#failing.delete(part);
    this.#log.append({ type: 'monitor-back', part, afterMs: Math.round(this.#clock.mono() - known.since) });
  }
}
