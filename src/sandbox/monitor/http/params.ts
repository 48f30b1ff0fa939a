import { parseDuration } from '../promql/duration.ts';
import { PromqlError } from '../promql/error.ts';
import { parse } from '../promql/parse.ts';
import type { Matcher } from '../tsdb/matcher.ts';

function invalid(name: string, problem: string): PromqlError {
  return new PromqlError('bad_data', `invalid parameter "${name}": ${problem}`);
}

/** ms since epoch from Unix seconds or RFC 3339. */
export function timeParam(params: URLSearchParams, name: string, fallback?: number): number {
  const text = params.get(name);
  if (text === null || text === '') {
    if (fallback !== undefined) return fallback;
    throw invalid(name, `cannot parse "" to a valid timestamp`);
  }
  const ms = /^[+-]?[\d.]+(e[+-]?\d+)?$/i.test(text) ? Number(text) * 1000 : Date.parse(text);
  if (!Number.isFinite(ms)) throw invalid(name, `cannot parse "${text}" to a valid timestamp`);
  return Math.round(ms);
}

/** ms from seconds or a duration such as 15s. */
export function durationParam(params: URLSearchParams, name: string, fallback?: number): number {
  const text = params.get(name);
  if (text === null || text === '') {
    if (fallback !== undefined) return fallback;
    throw invalid(name, `cannot parse "" to a valid duration`);
  }
  const ms = /^[+-]?[\d.]+(e[+-]?\d+)?$/i.test(text) ? Number(text) * 1000 : parseDuration(text);
  if (ms === undefined || !Number.isFinite(ms))
    throw invalid(name, `cannot parse "${text}" to a valid duration`);
  return Math.round(ms);
}

/** Every `match[]` as matchers. */
export function matchParams(params: URLSearchParams): (readonly Matcher[])[] {
  return params.getAll('match[]').map((text) => {
    const expr = withName('match[]', () => parse(text));
    if (expr.kind !== 'selector') throw invalid('match[]', `expected a series selector, got ${text}`);
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
