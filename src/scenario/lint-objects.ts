import { type Check, checkKinds } from '../check/grammar.ts';
import type { Cluster, Ref } from '../cluster/cluster.ts';
import { formatRef, parseRef } from '../cluster/ref.ts';
import { type Path, problemAt } from '../document/document.ts';
import { MisfortuneError } from '../errors.ts';
import { suggest } from '../nearest.ts';
import type { ParsedScenario } from './parse.ts';

/** Checks whose object must be there before anything is broken; `stopped` and `absent` name what a fault makes. */
const needObject = new Set(['workload', 'endpoints', 'rollout', 'log']);

/**
 * Asks the cluster for the objects that steady state and oracle speak of: each that is not there, at its place and
 * with the nearest name that there is.
 */
export async function lintObjects(
  { document, scenario }: ParsedScenario,
  cluster: Cluster,
  signal?: AbortSignal,
): Promise<MisfortuneError[]> {
  if (!scenario) return [];
  const uses = [
    ...scenario.steadyState.flatMap((check, index) => refsOf(check, ['steadyState', index])),
    ...refsOf(scenario.oracle, ['oracle']),
  ];
  const found = await Promise.all(uses.map(({ ref, path }) => problemOf(ref, path)));
  return found.filter((problem) => problem !== undefined);

  async function problemOf(text: string, path: Path): Promise<MisfortuneError | undefined> {
    const ref = parseRef(text);
    const place = document.place(path);
    try {
      if (await cluster.get(ref, signal)) return undefined;
    } catch (error) {
      if (!(error instanceof MisfortuneError) || error.code !== 'unknown-kind') throw error;
      return problemAt(place, error.code, error.message, { todo: error.todo });
    }
    const todo = await nearestObject(cluster, ref, signal);
    return problemAt(place, 'unknown-object', `The cluster has no ${text}.`, { todo });
  }
}

async function nearestObject(cluster: Cluster, ref: Ref, signal?: AbortSignal): Promise<string | undefined> {
  const objects = await cluster.list(ref, { namespace: ref.namespace }, signal);
  const names = objects.map(({ metadata }) => formatRef({ ...ref, name: metadata.name }));
  return suggest(formatRef(ref), names);
}

function refsOf(check: Check, path: Path): { ref: string; path: Path }[] {
  const own = checkKinds.flatMap((kind) => {
    const about = check[kind] as { ref?: string; are?: string } | undefined;
    if (!needObject.has(kind) || !about) return [];
    return (['ref', 'are'] as const).flatMap((key) => {
      const ref = about[key];
      return ref === undefined ? [] : [{ ref, path: [...path, kind, key] }];
    });
  });
  const lists = (['all', 'any'] as const).flatMap((kind) =>
    (check[kind] ?? []).flatMap((each, index) => refsOf(each, [...path, kind, index])),
  );
  return [...own, ...lists, ...(check.not ? refsOf(check.not, [...path, 'not']) : [])];
}
