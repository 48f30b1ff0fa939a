/** How long work may keep the event loop to itself, ms: the API server and the game's clock live in it as well. */
const LONGEST_TURN_MS = 10;

/**
 * Work that pauses now and then: what it yields says nothing, what it returns is its result. Small work never
 * pauses (Turn).
 */
export type Steps<T> = Generator<void, T, void>;

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

/** Does the work at once. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
