import { PromqlError } from '../../promql/error.ts';
import type { Steps } from '../../promql/evaluate/steps.ts';

/** How long work may keep the event loop to itself, ms: the API server and the game's clock live in it as well. */
const LONGEST_TURN_MS = 10;

/** Says when work has had the event loop long enough. */
export class Turn {
  #began: number | undefined;

  /** True if it is time to yield; then a new turn begins with the next call. */
  get isOver(): boolean {
    const now = performance.now();
    this.#began ??= now;
    if (now - this.#began < LONGEST_TURN_MS) return false;
    this.#began = undefined;
    return true;
  }
}

const waiting: (() => void)[] = [];

/** The next turn of all work together: one piece of it, then everything else that waits for the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setImmediate(release);
  });
}

function release(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(release);
}

/** Does the work with turns in between. What is short enough is done before this returns. */
export async function inTurns<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    await nextTurn();
  }
}

/**
 * Prometheus' query.timeout is two minutes. It is a server of its own: this one shares a thread with the API server and
 * everything else of the sandbox.
 */
export const QUERY_TIMEOUT_MS = 10_000;

/** The pace of queries (QueryLimits): turns in between, and an end when it takes too long or nobody waits any more. */
export function pace({
  timeoutMs = QUERY_TIMEOUT_MS,
  signal,
}: {
  timeoutMs?: number;
  signal?: AbortSignal;
} = {}) {
  return (): (() => boolean) => {
    const turn = new Turn();
    const deadline = performance.now() + Math.min(timeoutMs, QUERY_TIMEOUT_MS);
    return () => {
      if (!turn.isOver) return false;
      if (signal?.aborted) throw new PromqlError('canceled', 'query was canceled');
      if (performance.now() > deadline)
        throw new PromqlError('timeout', 'query timed out in expression evaluation');
      return true;
    };
  };
}
