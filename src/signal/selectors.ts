import { parser } from '@prometheus-io/lezer-promql';

/**
 * The vector selectors of a PromQL expression as they are written (`up{job="x"}`), without ranges and offsets, in order
 * and without repeats; [] where it does not parse.
 */
export function selectorsOf(query: string): string[] {
  const found = new Set<string>();
  let broken = false;
  parser.parse(query).iterate({
    enter: ({ name, from, to, type }) => {
      broken ||= type.isError;
      if (name === 'VectorSelector') found.add(query.slice(from, to).trim());
    },
  });
  return broken ? [] : [...found];
}
