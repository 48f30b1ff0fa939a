/** How often checks are sampled while a game runs, ms. Stated in docs/checks.md. */
export const samplingMs = 2_000;

/**
 * Samples further apart than this say nothing about the time between them, in multiples of the sampling
 * interval: a window does not go on over such a hole (a suspended laptop, a blocked process).
 */
const holeFactor = 5;

/** Tells how long something has held without a break. Times are monotonic ms. */
export class Sustained {
  readonly #hole: number;
  #since: number | undefined;
  #last: number | undefined;

  constructor(
    /** How long it must hold, ms. */
    readonly window: number,
    options: { samplingMs?: number } = {},
  ) {
    this.#hole = (options.samplingMs ?? samplingMs) * holeFactor;
  }

  /** Adds a sample. A gap counts as not holding: what is not seen is not claimed. */
  add(at: number, holds: boolean): { heldForMs: number; sustained: boolean } {
    const hole = this.#last !== undefined && at - this.#last > this.#hole;
    this.#last = at;
    if (!holds) this.#since = undefined;
    else if (this.#since === undefined || hole) this.#since = at;
    const heldForMs = this.#since === undefined ? 0 : at - this.#since;
    return { heldForMs, sustained: holds && heldForMs >= this.window };
  }

  reset(): void {
    this.#since = undefined;
    this.#last = undefined;
  }
}
