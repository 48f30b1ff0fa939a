const suffixes: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** Whether two texts are the same Kubernetes quantity, as `1000m` and `1`, or `1Gi` and `1024Mi`. */
export function sameQuantity(a: unknown, b: unknown): boolean {
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left === undefined || right === undefined) return false;
  return Math.abs(left - right) <= Math.abs(left) * 1e-12;
}

function numberOf(quantity: unknown): number | undefined {
  if (typeof quantity !== 'string' && typeof quantity !== 'number') return undefined;
  const match = /^([+-]?\d+(?:\.\d+)?)([eE][+-]?\d+|[numkMGTPE]?i?)$/.exec(String(quantity));
  if (!match) return undefined;
  const [, number, suffix] = match as unknown as [string, string, string];
  if (/^[eE][+-]?\d/.test(suffix)) return Number(number + suffix);
  const factor = suffixes[suffix];
  return factor === undefined ? undefined : Number(number) * factor;
}
