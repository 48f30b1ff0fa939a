const units = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;

const pattern = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+)ms)?$/;

/** Milliseconds of `30s`, `5m`, `1h30m`, `1.5s`, `250ms`; undefined for anything else. `0s` is a duration. */
export function parseDuration(text: string): number | undefined {
  const match = pattern.exec(text);
  if (!match || text === '') return undefined;
  const [, days = '0', hours = '0', minutes = '0', seconds = '0', millis = '0'] = match;
  const total =
    Number(days) * units.d +
    Number(hours) * units.h +
    Number(minutes) * units.m +
    Number(seconds) * units.s +
    Number(millis);
  return Math.round(total);
}

/** The shortest form that `parseDuration` reads back: 5_400_000 → `1h30m`. Takes whole, not negative milliseconds. */
export function formatDuration(ms: number): string {
  let rest = Math.round(ms);
  let text = '';
  for (const [unit, size] of Object.entries(units)) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text || '0s';
}
