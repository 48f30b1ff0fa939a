import { selectorsOf } from './selectors.ts';

/** What a PromQL expression asks of one metric. */
export interface Asked {
  metric: string;
  matchers: { label: string; operator: '=' | '!=' | '=~' | '!~'; value: string }[];
}

/** The metrics of a PromQL expression with their matchers, in order; [] where it does not parse. */
export function askedOf(query: string): Asked[] {
  return selectorsOf(query).flatMap((selector) => {
    const matchers = [
      ...selector.matchAll(/([A-Za-z_]\w*)\s*(=~|!~|!=|=)\s*(["'`])((?:\\.|(?!\3).)*)\3/gs),
    ].map(([, label = '', operator = '=', , value = '']) => ({
      label,
      operator,
      value,
    })) as Asked['matchers'];
    const named = matchers.find(({ label, operator }) => label === '__name__' && operator === '=')?.value;
    const metric = /^[A-Za-z_:][\w:]*/.exec(selector)?.[0] ?? named;
    return metric === undefined
      ? []
      : [{ metric, matchers: matchers.filter(({ label }) => label !== '__name__') }];
  });
}

/** The labels by which a PromQL expression groups or joins. */
export function groupedBy(query: string): string[] {
  const lists = [...query.matchAll(/\b(?:by|without|on|ignoring)\s*\(([^()]*)\)/g)];
  return [...new Set(lists.flatMap(([, list = '']) => list.match(/[A-Za-z_]\w*/g) ?? []))];
}
