/** A number with its unit for people: three digits that count, thousands kept whole. */
export function formatNumber(value: number, unit = ''): string {
  const digits =
    Number.isFinite(value) && Math.abs(value) < 1000 ? Number(value.toPrecision(3)) : Math.round(value);
  const text = Number.isFinite(value) ? String(digits) : value > 0 ? 'infinite' : 'minus infinite';
  if (unit === '') return text;
  return unit === '%' || unit.startsWith('/') ? `${text}${unit === '%' ? ' %' : unit}` : `${text} ${unit}`;
}
