import type { Clock } from '../clock.ts';
import type { CheckResult } from '../log/events.ts';
import { evaluate } from './evaluate.ts';
import type { Check } from './grammar.ts';
import type { CheckContext } from './kind.ts';
import { samplingMs } from './sustained.ts';

/**
 * Samples a check until it holds once or `within` ms are over; the last result tells which. Used for the effect of
 * a fault, which has to show but not to last.
 */
export async function waitUntilHolds(
  check: Check,
  context: CheckContext,
  options: { within: number; clock: Clock; every?: number },
): Promise<{ result: CheckResult; afterMs: number }> {
  const { within, clock, every = samplingMs } = options;
  const start = clock.mono();
  for (;;) {
    const result = await evaluate(check, context);
    const afterMs = clock.mono() - start;
    if (result.holds || afterMs >= within) return { result, afterMs };
    await clock.sleep(Math.min(every, within - afterMs), context.signal);
  }
}
