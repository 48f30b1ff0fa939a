/** Paths of recorded cases: `a.b`, `[key=value]` picks that element, `[*]` all, `["a/b"]` a key with dots. */

export function readPath(value: unknown, path: string): unknown {
  let current: unknown = value;
  for (const [, name, quoted, bracket] of path.matchAll(/([^.[\]]+)|\["([^"]*)"\]|\[([^\]]*)\]/g)) {
    if (current === undefined || current === null) return undefined;
    const key = name ?? quoted;
    if (key !== undefined) current = Array.isArray(current) ? each(current, key) : field(current, key);
    else if (bracket === '*') current = Array.isArray(current) ? current : undefined;
    else current = pick(current, bracket!);
  }
  return current;
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

function each(list: unknown[], key: string): unknown {
  return list.map((item) => field(item, key));
}

function pick(list: unknown, condition: string): unknown {
  if (!Array.isArray(list)) return undefined;
  if (/^\d+$/.test(condition)) return list[Number(condition)];
  const [key = '', wanted] = condition.split('=');
  return list.find((item) => String(field(item, key)) === wanted);
}
