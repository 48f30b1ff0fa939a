/** Takes control and escape sequences out of text that came from a cluster, a log or a person. */
export function clean(text: string): string {
  return text
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b./g, '')
    .replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, ' ');
}

/** "07:42" of a duration, with hours only where there are any. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (part: number) => String(part).padStart(2, '0');
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return seconds >= 3600 ? `${Math.floor(seconds / 3600)}:${rest}` : rest;
}

/** A number with its unit, three digits that matter: 1.94 s, 250 ms, 0.8 %, 618 /s. */
export function quantity(value: number | null | undefined, unit: string): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '—';
  switch (unit) {
    case 's':
      return Math.abs(value) < 1 ? `${short(value * 1000)} ms` : `${short(value)} s`;
    case 'percentunit':
    case 'ratio':
      return `${short(value * 100)} %`;
    case 'percent':
      return `${short(value)} %`;
    case 'reqps':
    case '/s':
      return `${short(value)} /s`;
    case 'bytes':
      return bytes(value);
    case '':
    case 'short':
    case 'none':
      return short(value);
    default:
      return `${short(value)} ${unit}`;
  }
}

function short(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? '+∞' : '−∞';
  const size = Math.abs(value);
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1).replace(/\.0$/, '');
  return value.toFixed(2).replace(/\.?0+$/, '') || '0';
}

function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step =
    value === 0 ? 0 : Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.abs(value)) / 10)));
  return `${short(value / 1024 ** step)} ${units[step]}`;
}

/** "today", "yesterday", "12 days ago", "never". */
export function ago(at: number | undefined, now: number): string {
  if (at === undefined) return 'never';
  const days = Math.floor((now - at) / 86_400_000);
  if (days <= 0) return 'today';
  return days === 1 ? 'yesterday' : `${days} days ago`;
}

/** Wraps at words; a word that is longer than the line is cut. */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    let line = '';
    for (const word of paragraph.split(/(?<=\s)/)) {
      if ((line + word).trimEnd().length <= width) line += word;
      else {
        if (line) lines.push(line.trimEnd());
        let rest = word;
        while (rest.trimEnd().length > width) {
          lines.push(rest.slice(0, width));
          rest = rest.slice(width);
        }
        line = rest;
      }
    }
    return [...lines, line.trimEnd()];
  });
}
