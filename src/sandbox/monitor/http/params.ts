import { LONGEST_MS, parseDuration } from '../../../promql/duration.ts';
import { PromqlError } from '../../../promql/error.ts';
import type { Matcher } from '../../../promql/series/matcher.ts';
import { parse } from '../../../promql/syntax/parse.ts';
import { parseValue } from '../../../promql/value.ts';

function invalid(name: string, problem: string): PromqlError {
  return new PromqlError('bad_data', `invalid parameter "${name}": ${problem}`);
}

/** What Go's ParseFloat takes, apart from hexadecimal numbers. Undefined for other text. */
function float(text: string): number | undefined {
  if (/^[+-]?(\d[\d_]*\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) {
    const number = Number(text.replaceAll('_', ''));
    return Number.isFinite(number) ? number : undefined;
  }
  return parseValue(text);
}

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

function dateTime(text: string): number | undefined {
  const [, year, month, day] = RFC3339.exec(text) ?? [];
  const lastDay = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  const ms = Number(day) <= lastDay ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

/** The first and last ms that a date can name; whole numbers of ms are exact in between. */
const LAST_TIME = 8.64e15;
/** What Prometheus makes of NaN and infinity: the year 1677. */
const NO_TIME = -9_223_372_036_854;

/** Prometheus makes 0 of what is too large for its integers. */
function milliseconds(seconds: number): number {
  if (!Number.isFinite(seconds)) return NO_TIME;
  if (Math.abs(seconds) >= 2 ** 63) return 0;
  return Math.round(Math.max(-LAST_TIME, Math.min(LAST_TIME, seconds * 1000)));
}

/** ms since epoch from Unix seconds or RFC 3339. */
export function timeParam(params: URLSearchParams, name: string, fallback?: number): number {
  const text = params.get(name);
  if (text === null || text === '') {
    if (fallback !== undefined) return fallback;
    throw invalid(name, `cannot parse "" to a valid timestamp`);
  }
  const seconds = float(text);
  const ms = seconds === undefined ? dateTime(text) : milliseconds(seconds);
  if (ms === undefined) throw invalid(name, `cannot parse "${text}" to a valid timestamp`);
  return ms;
}

/** ms from seconds or a duration such as 15s; NaN is none. */
export function durationParam(params: URLSearchParams, name: string, fallback?: number): number {
  const text = params.get(name);
  if (text === null || text === '') {
    if (fallback !== undefined) return fallback;
    throw invalid(name, `cannot parse "" to a valid duration`);
  }
  const seconds = float(text);
  const ms = seconds === undefined ? parseDuration(text) : Number.isNaN(seconds) ? 0 : seconds * 1000;
  if (ms === undefined) throw invalid(name, `cannot parse "${text}" to a valid duration`);
  if (Math.abs(ms) > LONGEST_MS)
    throw invalid(name, `cannot parse "${text}" to a valid duration. It overflows int64`);
  return ms;
}

/** Every `match[]` as matchers. */
export function matchParams(params: URLSearchParams): (readonly Matcher[])[] {
  return params.getAll('match[]').map((text) => {
    const expr = withName('match[]', () => parse(text));
    if (expr.kind !== 'selector' || expr.offsetMs !== 0 || expr.at !== undefined)
      throw invalid('match[]', `expected a series selector, got ${text}`);
    return expr.matchers;
  });
}

/** Names the parameter in a parse error, as Prometheus does. */
export function withName<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof PromqlError && error.type === 'bad_data') throw invalid(name, error.message);
    throw error;
  }
}

export function limited<T>(
  items: readonly T[],
  params: URLSearchParams,
): { items: readonly T[]; warnings?: string[] } {
  const limit = Number(params.get('limit') ?? 0);
  if (!Number.isInteger(limit) || limit < 0) throw invalid('limit', 'limit must be a non-negative integer');
  if (limit === 0 || items.length <= limit) return { items };
  return { items: items.slice(0, limit), warnings: ['results truncated due to limit'] };
}
