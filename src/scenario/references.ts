import type { Check } from '../check/grammar.ts';
import { checkReferences } from '../check/leaves.ts';
import type { Path } from '../document/document.ts';
import type { ParsedScenario } from './parse.ts';
import type { Scenario } from './schema.ts';

/** Every check of a scenario, at its path. */
export function checksOf({
  steadyState,
  faults,
  decoys,
  oracle,
  abort,
  wrongFixes,
}: Scenario): { check: Check; path: Path }[] {
  const listed = (key: string, list: readonly Check[]) =>
    list.map((check, index) => ({ check, path: [key, index] }));
  const within = (key: string, list: readonly { when?: Check; effect?: Check }[]) =>
    list.flatMap(({ when, effect }, index) =>
      Object.entries({ when, effect }).flatMap(([name, check]) =>
        check ? [{ check, path: [key, index, name] }] : [],
      ),
    );
  return [
    ...listed('steadyState', steadyState),
    ...within('faults', faults),
    ...within('decoys', decoys),
    { check: oracle, path: ['oracle'] },
    ...listed('abort', abort),
    ...within('wrongFixes', wrongFixes),
  ];
}

/** What a scenario names of objects, whether a fault makes it or not; checks say themselves what has to be there. */
export function objectsIn({ scenario, refs }: ParsedScenario): { ref: string; path: Path }[] {
  const checks = scenario ? checksOf(scenario) : [];
  const isInCheck = (path: Path) => checks.some((check) => check.path.every((key, at) => path[at] === key));
  const named = checks
    .flatMap(({ check, path }) => checkReferences(check, path))
    .flatMap((one) => ('object' in one ? [{ ref: one.object, path: one.path }] : []));
  return [...refs.filter(({ path }) => !isInCheck(path)), ...named];
}

/** The PromQL of a scenario: that of its checks and of what its params measure. */
export function queriesIn({ scenario, filled }: ParsedScenario): { query: string; path: Path }[] {
  const checks = scenario ? checksOf(scenario) : [];
  const params = Object.entries((filled.params ?? {}) as Record<string, unknown>).flatMap(([name, param]) => {
    const query = (param as { promql?: unknown } | null)?.promql;
    return typeof query === 'string' ? [{ query, path: ['params', name, 'promql'] }] : [];
  });
  const asked = checks
    .flatMap(({ check, path }) => checkReferences(check, path))
    .flatMap((one) => ('query' in one ? [{ query: one.query, path: one.path }] : []));
  return [...params, ...asked];
}

/** The receivers that checks name. */
export function receiversIn(scenario: Scenario): { receiver: string; path: Path }[] {
  return checksOf(scenario)
    .flatMap(({ check, path }) => checkReferences(check, path))
    .flatMap((one) => ('receiver' in one ? [{ receiver: one.receiver, path: one.path }] : []));
}
