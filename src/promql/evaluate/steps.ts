/**
 * Work that pauses now and then: what it yields says nothing, what it returns is its result. When to pause is for who
 * asked for the work to say (`pause` of QueryLimits).
 */
export type Steps<T> = Generator<void, T, void>;

/** Does the work at once. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Samples that are looked at between two questions whether to pause. */
export const WORK_A_PAUSE = 50_000;
