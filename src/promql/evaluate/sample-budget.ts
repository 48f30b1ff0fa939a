import { PromqlError } from '../error.ts';

/** How many samples an evaluation holds at a time, and may hold. */
export class SampleBudget {
  readonly #maximum: number;
  #held = 0;

  constructor(maximum: number) {
    this.#maximum = maximum;
  }

  get held(): number {
    return this.#held;
  }

  /** Throws PromqlError if that many more would be too many. */
  check(samples: number): void {
    if (this.#held + samples <= this.#maximum) return;
    throw new PromqlError(
      'execution',
      'query processing would load too many samples into memory in query execution',
    );
  }

  /** Throws PromqlError. */
  hold(samples: number): void {
    this.check(samples);
    this.#held += samples;
  }

  /** Holds again what it held at some time before, and no more. */
  release(mark: number): void {
    this.#held = mark;
  }
}
