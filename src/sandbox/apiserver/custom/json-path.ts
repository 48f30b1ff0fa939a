/** Simple JSON paths, as printer columns and the scale of a custom kind have them (client-go/util/jsonpath). */
import { fieldOf, isRecord, same } from '../json.ts';

type Step = (value: unknown) => unknown[];

/** What is found at a path such as `.status.conditions[?(@.type=="Ready")].status`; throws SyntaxError. */
export function compilePath(text: string): (value: unknown) => unknown[] {
  const steps = parse(text);
  return (value) => steps.reduce<unknown[]>((found, step) => found.flatMap(step), [value]);
}

const field =
  (name: string): Step =>
  (value) => {
    const found = isRecord(value) ? fieldOf(value, name) : undefined;
    return found === undefined ? [] : [found];
  };

const all: Step = (value) => (Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : []);

const index =
  (place: number): Step =>
  (value) =>
    Array.isArray(value) && value.at(place) !== undefined ? [value.at(place)] : [];

const condition =
  (path: (value: unknown) => unknown[], operator: string | undefined, wanted: unknown): Step =>
  (value) =>
    Array.isArray(value) ? value.filter((item) => holds(path(item), operator, wanted)) : [];

function holds(found: unknown[], operator: string | undefined, wanted: unknown): boolean {
  if (!operator) return found.length > 0;
  const isEqual = found.some((one) => same(one, wanted));
  return operator === '==' ? isEqual : !isEqual;
}

const tokens =
  /\.?\['((?:[^'\\]|\\.)*)'\]|\.?\["((?:[^"\\]|\\.)*)"\]|\[\?\(@((?:[^()"']|"[^"]*"|'[^']*')*?)(?:\s*(==|!=)\s*("[^"]*"|'[^']*'|[\w.-]+))?\s*\)\]|\[(\*|-?\d+)\]|\.(\*|(?:[^.[\]\\]|\\.)+)|(^[^.[\]\\]+)/gy;

function parse(text: string): Step[] {
  const inner = text.trim().replace(/^\{(.*)\}$/s, '$1');
  const path = inner.replace(/^\$/, '');
  const steps: Step[] = [];
  tokens.lastIndex = 0;
  for (let at = 0; at < path.length; at = tokens.lastIndex) {
    tokens.lastIndex = at;
    const match = path === '.' ? null : tokens.exec(path);
    if (!match) {
      if (path === '.') return [];
      throw new SyntaxError(`is invalid JSONPath: unexpected ${JSON.stringify(path.slice(at))}`);
    }
    const [, single, double, filter, operator, wanted, place, name, first] = match;
    const key = single ?? double ?? name ?? first;
    if (filter !== undefined) {
      const value = wanted && /^["']/.test(wanted) ? wanted.slice(1, -1) : literal(wanted);
      steps.push(condition(compilePath(filter.trim() || '.'), operator, value));
    } else if (place !== undefined) steps.push(place === '*' ? all : index(Number(place)));
    else if (key === '*') steps.push(all);
    else steps.push(field(key!.replace(/\\(.)/g, '$1')));
  }
  return steps;
}

function literal(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  if (text === 'true' || text === 'false') return text === 'true';
  return Number(text);
}
