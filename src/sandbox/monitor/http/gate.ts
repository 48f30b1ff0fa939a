import { PromqlError } from '../../../promql/error.ts';

/** Lets so many queries be evaluated at a time; the others wait, as in Prometheus' query queue. */
export class QueryGate {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** Rejects with PromqlError `timeout` if the queue takes longer than `timeoutMs`, `canceled` if `signal` is aborted. */
  async run<T>(
    work: () => Promise<T>,
    { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
  ): Promise<T> {
    if (!(timeoutMs > 0)) throw timedOut();
    if (this.#free > 0) this.#free--;
    else await this.#turn(timeoutMs, signal);
    try {
      return await work();
    } finally {
      const [next] = this.#waiting;
      if (next) next();
      else this.#free++;
    }
  }

  #turn(timeoutMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (then: () => void) => {
        this.#waiting.delete(enter);
        clearTimeout(timer);
        signal.removeEventListener('abort', cancel);
        then();
      };
      const enter = () => end(resolve);
      const cancel = () =>
        end(() => reject(new PromqlError('canceled', 'query was canceled in query queue')));
      const timer = setTimeout(() => end(() => reject(timedOut())), timeoutMs);
      this.#waiting.add(enter);
      signal.addEventListener('abort', cancel);
    });
  }
}

function timedOut(): PromqlError {
  return new PromqlError('timeout', 'query timed out in query queue');
}
