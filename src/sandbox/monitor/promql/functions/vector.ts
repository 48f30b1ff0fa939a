import { LabelSet } from '../../tsdb/labels.ts';
import type { Sample } from '../value.ts';
import { numberOf, type PromqlFunction, samplesOf, scalar, textOf, vector } from './signature.ts';

/** Functions between scalars and vectors, and of order. */
export const vectorFunctions: Record<string, PromqlFunction> = {
  vector: {
    args: ['scalar'],
    returns: 'instant vector',
    call: ([input]) => vector([{ labels: LabelSet.empty, value: numberOf(input) }]),
  },
  scalar: {
    args: ['instant vector'],
    returns: 'scalar',
    call: ([input]) => {
      const samples = samplesOf(input);
      return scalar(samples.length === 1 ? samples[0]!.value : Number.NaN);
    },
  },
  sort: {
    args: ['instant vector'],
    returns: 'instant vector',
    call: ([input]) => vector(sorted(samplesOf(input), (a, b) => a - b)),
  },
  sort_desc: {
    args: ['instant vector'],
    returns: 'instant vector',
    call: ([input]) => vector(sorted(samplesOf(input), (a, b) => b - a)),
  },
  sort_by_label: byLabel(1),
  sort_by_label_desc: byLabel(-1),
};

/** NaN comes last in both directions. */
function sorted(samples: readonly Sample[], compare: (a: number, b: number) => number): Sample[] {
  return [...samples].sort((a, b) => {
    if (Number.isNaN(a.value) || Number.isNaN(b.value)) {
      return Number(Number.isNaN(a.value)) - Number(Number.isNaN(b.value));
    }
    return compare(a.value, b.value);
  });
}

function byLabel(direction: 1 | -1): PromqlFunction {
  return {
    args: ['instant vector', 'string'],
    variadic: true,
    optional: 1,
    returns: 'instant vector',
    call: ([input, ...names]) =>
      vector(
        [...samplesOf(input)].sort((a, b) => {
          for (const name of names) {
            const order = natural.compare(a.labels.get(textOf(name)), b.labels.get(textOf(name)));
            if (order !== 0) return direction * order;
          }
          return direction * (a.labels.key < b.labels.key ? -1 : 1);
        }),
      ),
  };
}

const natural = new Intl.Collator('en', { numeric: true });
