import { formatDuration, parseDuration } from '../../../promql/duration.ts';

type Json = Record<string, unknown>;

/**
 * A dashboard for a world that runs `speed` times faster: the ranges, offsets and subqueries that are written in its
 * queries, its minimum steps and its choices of intervals are divided, as those of rules are. A panel and the rule beside
 * it then have the same windows. What is computed from scrapes (`$__rate_interval`) is right without it.
 */
export function dashboardAtSpeed(model: Readonly<Json>, speed: number): Json {
  return speed === 1 ? { ...model } : (scaled(model, speed, '') as Json);
}

/** Fields that hold PromQL, and those that hold durations: of targets, panels and variables. */
const queries = ['expr', 'query', 'definition'];
const durations = ['interval', 'auto_min'];

function scaled(value: unknown, speed: number, key: string): unknown {
  if (Array.isArray(value)) return value.map((one) => scaled(one, speed, key));
  if (typeof value === 'string') {
    if (queries.includes(key)) return queryAtSpeed(value, speed);
    return durations.includes(key) ? durationAtSpeed(value, speed) : value;
  }
  if (value === null || typeof value !== 'object') return value;
  const { type } = value as Json;
  if (type === 'interval') return choicesAtSpeed(value as Json, speed);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, scaled(one, speed, name)]));
}

/** An interval variable: `1m,5m,1h`, what of it was saved, and the options that Grafana made of it. */
function choicesAtSpeed(variable: Json, speed: number): Json {
  const every = (value: unknown): unknown => {
    if (typeof value === 'string') return value.replace(/[^,]+/g, (word) => durationAtSpeed(word, speed));
    if (Array.isArray(value)) return value.map(every);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, every(one)]));
  };
  const { query, current, options, auto_min } = variable;
  const written = { query, current, options, auto_min };
  return { ...variable, ...(every(written) as Json) };
}

/** Strings and comments stay; `[5m]`, `[1h:1m]` and `offset 1d` are divided. `[$__range]` is a variable's affair. */
const parts =
  /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|#[^\n]*|\[\s*\w+\s*(?::\s*\w*\s*)?\]|\boffset\s+-?\s*\w+/gi;

function queryAtSpeed(query: string, speed: number): string {
  return query.replace(parts, (part) => {
    if (!part.startsWith('[') && !/^offset/i.test(part)) return part;
    return part.replace(/\b\d\w*/g, (word) => durationAtSpeed(word, speed));
  });
}

/** Whatever is no duration stays. At least one millisecond. */
function durationAtSpeed(written: string, speed: number): string {
  const ms = parseDuration(written.trim().replace(/^>/, ''));
  if (ms === undefined || ms === 0) return written;
  const divided = formatDuration(Math.max(1, Math.round(ms / speed)));
  return written.trim().startsWith('>') ? `>${divided}` : divided;
}
