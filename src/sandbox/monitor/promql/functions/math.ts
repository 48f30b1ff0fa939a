import { numberOf, type PromqlFunction, samplesOf, scalar, vector } from './signature.ts';

/** Functions of one value at a time. */
export const mathFunctions: Record<string, PromqlFunction> = {
  abs: each(Math.abs),
  ceil: each(Math.ceil),
  floor: each(Math.floor),
  exp: each(Math.exp),
  ln: each(Math.log),
  log2: each(Math.log2),
  log10: each(Math.log10),
  sqrt: each(Math.sqrt),
  sgn: each(Math.sign),
  sin: each(Math.sin),
  cos: each(Math.cos),
  tan: each(Math.tan),
  asin: each(Math.asin),
  acos: each(Math.acos),
  atan: each(Math.atan),
  sinh: each(Math.sinh),
  cosh: each(Math.cosh),
  tanh: each(Math.tanh),
  asinh: each(Math.asinh),
  acosh: each(Math.acosh),
  atanh: each(Math.atanh),
  deg: each((value) => (value * 180) / Math.PI),
  rad: each((value) => (value * Math.PI) / 180),
  pi: { args: [], returns: 'scalar', call: () => scalar(Math.PI) },
  round: {
    args: ['instant vector', 'scalar'],
    optional: 1,
    returns: 'instant vector',
    call: ([input, nearest]) => {
      // Inverted first, as Prometheus does: 1/0.1 is exact where 0.1 is not.
      const inverse = 1 / (nearest ? numberOf(nearest) : 1);
      return map(samplesOf(input), (value) => Math.floor(value * inverse + 0.5) / inverse);
    },
  },
  clamp: {
    args: ['instant vector', 'scalar', 'scalar'],
    returns: 'instant vector',
    call: ([input, low, high]) =>
      numberOf(high) < numberOf(low)
        ? vector([])
        : map(samplesOf(input), (value) => Math.max(numberOf(low), Math.min(numberOf(high), value))),
  },
  clamp_min: {
    args: ['instant vector', 'scalar'],
    returns: 'instant vector',
    call: ([input, low]) => map(samplesOf(input), (value) => Math.max(numberOf(low), value)),
  },
  clamp_max: {
    args: ['instant vector', 'scalar'],
    returns: 'instant vector',
    call: ([input, high]) => map(samplesOf(input), (value) => Math.min(numberOf(high), value)),
  },
};

function each(compute: (value: number) => number): PromqlFunction {
  return {
    args: ['instant vector'],
    returns: 'instant vector',
    call: ([input]) => map(samplesOf(input), compute),
  };
}

function map(samples: ReturnType<typeof samplesOf>, compute: (value: number) => number) {
  return vector(
    samples.map(({ labels, value }) => ({ labels: labels.withoutName(), value: compute(value) })),
  );
}
