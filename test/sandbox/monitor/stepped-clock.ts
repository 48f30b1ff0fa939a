import type { SandboxClock } from '../../../src/sandbox/api.ts';

/** A clock that stands still until a test moves it. */
export class SteppedClock implements SandboxClock {
  #now: number;
  readonly #timers = new Set<{ at: number; action: () => void; every: number | undefined }>();

  constructor(now = 1_767_225_600_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  setTimeout(action: () => void, ms: number): () => void {
    return this.#add(action, ms, undefined);
  }

  setInterval(action: () => void, ms: number): () => void {
    return this.#add(action, ms, ms);
  }

  /** Runs every timer that is due on the way, in order, and lets promises settle after each. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#now = due.at;
      if (due.every === undefined) this.#timers.delete(due);
      else due.at += due.every;
      due.action();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#now = end;
  }

  #add(action: () => void, ms: number, every: number | undefined): () => void {
    const timer = { at: this.#now + ms, action, every };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }
}
