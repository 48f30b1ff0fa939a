/** "3 m 10 s", "45 s", "1.4 s", "1 h 5 m" of milliseconds. */
export function duration(ms: number): string {
  const size = Math.abs(ms);
  if (size < 9950) return `${trim((ms / 1000).toFixed(1))} s`;
  const seconds = Math.round(size / 1000);
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds >= 3600 ? 0 : seconds % 60, 's'],
  ] as const;
  const text = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`);
  return `${ms < 0 ? '−' : ''}${text.join(' ')}`;
}

/** "2026-11-22 07:42:10 UTC" of wall ms: the same on every machine. */
export function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Three digits that matter, never in exponential form. */
export function number(value: number): string {
  if (Number.isNaN(value)) return 'no data';
  if (!Number.isFinite(value)) return value > 0 ? '+∞' : '−∞';
  const size = Math.abs(value);
  if (size >= 1e15) return value.toExponential(1);
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return trim(value.toFixed(1));
  if (size >= 1) return trim(value.toFixed(2));
  if (size >= 0.0005 || size === 0) return trim(value.toFixed(3));
  return value.toExponential(1);
}

/** A value with Grafana's unit. */
export function quantity(value: number, unit: string): string {
  if (!Number.isFinite(value)) return number(value);
  switch (unit) {
    case 's':
      return Math.abs(value) < 1 && value !== 0 ? `${number(value * 1000)} ms` : `${number(value)} s`;
    case 'percentunit':
      return `${number(value * 100)} %`;
    case 'percent':
      return `${number(value)} %`;
    case 'reqps':
    case 'ops':
      return `${number(value)} /s`;
    case 'bytes':
    case 'decbytes':
      return `${number(value / 1024 ** 2)} MiB`;
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

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** A command, query or field between back-ticks, whatever is in it. */
export function quoted(text: string): string {
  return `\`${text.replaceAll('`', "'")}\``;
}

function trim(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
