import { general } from './go-number.ts';
import { timeText } from './value.ts';

/** Four significant digits, as Go's %.4g. */
function fourDigits(value: number): string {
  return general(value, 4);
}

/** With a metric prefix: 1234567 is `1.235M`. */
export function humanize(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return fourDigits(value);
  let rest = value;
  let prefix = '';
  if (Math.abs(value) >= 1) {
    for (const next of ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y']) {
      if (Math.abs(rest) < 1000) break;
      prefix = next;
      rest /= 1000;
    }
  } else {
    for (const next of ['m', 'u', 'n', 'p', 'f', 'a', 'z', 'y']) {
      if (Math.abs(rest) >= 1) break;
      prefix = next;
      rest *= 1000;
    }
  }
  return fourDigits(rest) + prefix;
}

/** With a binary prefix: 2048 is `2ki`. */
export function humanize1024(value: number): string {
  if (Math.abs(value) <= 1 || !Number.isFinite(value)) return fourDigits(value);
  let rest = value;
  let prefix = '';
  for (const next of ['ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei', 'Zi', 'Yi']) {
    if (Math.abs(rest) < 1024) break;
    prefix = next;
    rest /= 1024;
  }
  return fourDigits(rest) + prefix;
}

/** 0.0123 is `1.23%`. */
export function humanizePercentage(value: number): string {
  return `${fourDigits(value * 100)}%`;
}

/** Seconds as `1h 2m 3s`; below a second with a metric prefix. */
export function humanizeDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return fourDigits(seconds);
  if (seconds === 0) return '0s';
  if (Math.abs(seconds) < 1) return `${humanize(seconds)}s`;
  const sign = seconds < 0 ? '-' : '';
  const total = Math.trunc(Math.abs(seconds));
  const [days, hours, minutes, rest] = [
    Math.trunc(total / 86_400),
    Math.trunc(total / 3600) % 24,
    Math.trunc(total / 60) % 60,
    total % 60,
  ];
  if (days > 0) return `${sign}${days}d ${hours}h ${minutes}m ${rest}s`;
  if (hours > 0) return `${sign}${hours}h ${minutes}m ${rest}s`;
  if (minutes > 0) return `${sign}${minutes}m ${rest}s`;
  return `${sign}${fourDigits(Math.abs(seconds))}s`;
}

/** The last second that a date can name. */
const LAST_TIME = 8.64e12;

/** Unix seconds as Go prints a UTC time: `2026-01-02 03:04:05 +0000 UTC`. */
export function humanizeTimestamp(seconds: number): string {
  if (!Number.isFinite(seconds) || Math.abs(seconds) > LAST_TIME) return fourDigits(seconds);
  return timeText(new Date(seconds * 1000));
}
