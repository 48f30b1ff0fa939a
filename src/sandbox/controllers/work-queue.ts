import { ApiError, type SandboxClock } from '../api.ts';

export interface WorkQueue {
  /** Has `key` reconciled soon; a key that already waits is not added twice. */
  add(key: string): void;
  /** The same after `ms` milliseconds; of several delays of one key the shortest counts. */
  addAfter(key: string, ms: number): void;
}

export interface Dispatcher {
  /**
   * A queue whose keys are handed to `reconcile` one at a time. A throw brings the key back with back-off.
   * Keys of a queue that is `last` wait (within reason) until no other queue has any: what steers other objects
   * should see them as they will be, not on their way.
   */
  queue(name: string, reconcile: (key: string) => void, options?: { last?: boolean }): WorkQueue;
  /** Resolves when nothing waits; delayed keys do not count. */
  settled(): Promise<void>;
  stop(): void;
}

const FIRST_RETRY_MS = 5;
const LONGEST_RETRY_MS = 30_000;
/** After so many keys the event loop gets its turn, which may bring new ones. */
const TASKS_A_TURN = 100;
/** After so many turns even a queue that is last has its keys seen to, lest a busy cluster starve it. */
const PATIENCE = 10;

/**
 * One first-come-first-served line for the keys of all controllers, so that what one controller changed is
 * acted on in the order of the changes. Work is done between turns of the event loop, never inside a watch.
 */
export function createDispatcher(
  clock: SandboxClock,
  onError: (controller: string, key: string, error: unknown, retryMs: number) => void = () => {},
): Dispatcher {
  const waiting: (() => void)[] = [];
  const waitingLast: (() => void)[] = [];
  /** Turns in a row in which those that are last had to wait. */
  let passedOver = 0;
  let idle: (() => void)[] = [];
  const timers = new Set<() => void>();
  let scheduled = false;
  let stopped = false;

  function run(): void {
    scheduled = false;
    for (let left = TASKS_A_TURN; left > 0 && !stopped; left--) waiting.shift()?.();
    if (waiting.length === 0 || ++passedOver >= PATIENCE) {
      passedOver = 0;
      for (const task of waitingLast.splice(0)) if (!stopped) task();
    }
    if (waiting.length + waitingLast.length > 0) schedule();
    else wake();
  }

  function schedule(): void {
    if (scheduled || stopped) return;
    scheduled = true;
    setImmediate(run);
  }

  function wake(): void {
    const resolvers = idle;
    idle = [];
    for (const resolve of resolvers) resolve();
  }

  function later(action: () => void, ms: number): () => void {
    const cancel = clock.setTimeout(() => {
      timers.delete(cancel);
      action();
    }, ms);
    timers.add(cancel);
    return () => {
      timers.delete(cancel);
      cancel();
    };
  }

  return {
    queue(name, reconcile, { last = false } = {}) {
      const queued = new Set<string>();
      const failures = new Map<string, number>();
      const delayed = new Map<string, { at: number; cancel: () => void }>();

      function add(key: string): void {
        if (stopped || queued.has(key)) return;
        queued.add(key);
        (last ? waitingLast : waiting).push(() => attempt(key));
        schedule();
      }

      function attempt(key: string): void {
        queued.delete(key);
        try {
          reconcile(key);
          failures.delete(key);
        } catch (error) {
          if (isNamespaceTerminating(error)) return;
          const count = failures.get(key) ?? 0;
          failures.set(key, count + 1);
          const retryMs = Math.min(FIRST_RETRY_MS * 2 ** count, LONGEST_RETRY_MS);
          onError(name, key, error, retryMs);
          addAfter(key, retryMs);
        }
      }

      function addAfter(key: string, ms: number): void {
        if (stopped) return;
        if (ms <= 0) {
          add(key);
          return;
        }
        const at = clock.now() + ms;
        const planned = delayed.get(key);
        if (planned && planned.at <= at) return;
        planned?.cancel();
        const cancel = later(() => {
          delayed.delete(key);
          add(key);
        }, ms);
        delayed.set(key, { at, cancel });
      }

      return { add, addAfter };
    },
    settled() {
      return waiting.length === 0 || stopped
        ? Promise.resolve()
        : new Promise((resolve) => idle.push(resolve));
    },
    stop() {
      stopped = true;
      waiting.length = 0;
      waitingLast.length = 0;
      for (const cancel of timers) cancel();
      timers.clear();
      wake();
    },
  };
}

/** Nothing can be made in a namespace that is going; trying again would not help. */
function isNamespaceTerminating(error: unknown): boolean {
  if (!(error instanceof ApiError) || error.code !== 403) return false;
  const causes = (error.details?.causes ?? []) as { reason?: string }[];
  return causes.some(({ reason }) => reason === 'NamespaceTerminating');
}

/** Keys are `namespace/name`; cluster-scoped objects have an empty namespace. */
export function keyOf(object: { metadata: { namespace?: string; name: string } }): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

export function splitKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
