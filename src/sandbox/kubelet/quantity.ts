const SUFFIX: Record<string, number> = {
  '': 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** A Kubernetes quantity (`250m`, `64Mi`, `1e3`) as a number; undefined if it is none. */
export function parseQuantity(text: string | number | undefined): number | undefined {
  const match = /^([+-]?[0-9.]+(?:[eE][+-]?\d+)?)([numkMGTP]?i?)$/.exec(String(text ?? ''));
  const factor = match && SUFFIX[match[2]!];
  return match && factor !== undefined && factor !== null ? Number(match[1]) * factor : undefined;
}
