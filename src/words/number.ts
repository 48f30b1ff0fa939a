/** Three digits that matter; thousands are whole. "no data" of NaN. */
export function number(value: number): string {
  if (Number.isNaN(value)) return 'no data';
  if (!Number.isFinite(value)) return value > 0 ? '+∞' : '−∞';
  const size = Math.abs(value);
  if (size >= 1e15 || (size < 0.0005 && size > 0)) return value.toExponential(1);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return String(Number(value.toFixed(digits)));
}

/** A value with a unit of Grafana's or of a check: "1.94 s", "250 ms", "0.8 %", "618 /s"; "—" where there is no value. */
export function quantity(value: number | null | undefined, unit: string): string {
  if (value === null || value === undefined) return '—';
  if (!Number.isFinite(value)) return number(value);
  switch (unit) {
    case 's':
      return seconds(value);
    case 'percentunit':
    case 'ratio':
      return `${number(value * 100)} %`;
    case 'percent':
      return `${number(value)} %`;
    case 'reqps':
    case 'ops':
      return `${number(value)} /s`;
    case 'bytes':
    case 'decbytes':
      return bytes(value);
    case '':
    case 'short':
    case 'none':
      return number(value);
    default:
      return `${number(value)} ${unit}`;
  }
}

/** 0.87 → "87 %". */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** "1 alert", "3 alerts", "2 queries" with `many` given. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** From so many seconds on a larger unit reads better: the days until a certificate ends. */
const longTimes = [
  { from: 172_800, unit: 'd', seconds: 86_400 },
  { from: 7200, unit: 'h', seconds: 3600 },
  { from: 600, unit: 'min', seconds: 60 },
];

function seconds(value: number): string {
  if (Math.abs(value) < 1 && value !== 0) return `${number(value * 1000)} ms`;
  const long = longTimes.find(({ from }) => Math.abs(value) >= from);
  return long ? `${number(value / long.seconds)} ${long.unit}` : `${number(value)} s`;
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

function bytes(value: number): string {
  const power = Math.floor(Math.log2(Math.abs(value)) / 10);
  const step = Math.min(units.length - 1, Math.max(0, power));
  return `${number(value / 1024 ** step)} ${units[step]}`;
}
