import { histogramFunctions } from './histogram.ts';
import { labelFunctions } from './labels.ts';
import { dateFunctions, mathFunctions } from './math.ts';
import { overTimeFunctions } from './over-time.ts';
import { rateFunctions } from './rate.ts';
import type { PromqlFunction, Signature } from './signature.ts';
import { vectorFunctions } from './vector.ts';

/** Every function by name. `absent` and `absent_over_time` read the expression itself: see evaluate/absent.ts. */
export const functions: ReadonlyMap<string, PromqlFunction> = new Map<string, PromqlFunction>(
  Object.entries({
    ...rateFunctions,
    ...overTimeFunctions,
    ...mathFunctions,
    ...dateFunctions,
    ...labelFunctions,
    ...histogramFunctions,
    ...vectorFunctions,
  }),
);

/** Types of arguments and result of a function, also of those that are evaluated apart. */
export function signature(name: string): Signature | undefined {
  if (name === 'absent') return { args: ['instant vector'], returns: 'instant vector' };
  if (name === 'absent_over_time') return { args: ['range vector'], returns: 'instant vector' };
  return functions.get(name);
}
