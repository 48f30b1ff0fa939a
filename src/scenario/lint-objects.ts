import { type Check, checkKinds } from '../check/grammar.ts';
import type { Cluster, ClusterObject, Ref } from '../cluster/cluster.ts';
import { containerNames } from '../cluster/containers.ts';
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
  const found = await Promise.all(uses.map(problemOf));
  return found.filter((problem) => problem !== undefined);

  async function problemOf({ ref: text, path, container }: Use): Promise<MisfortuneError | undefined> {
    const ref = parseRef(text);
    const place = document.place(path);
    try {
      const object = await cluster.get(ref, signal);
      if (object) return containerProblem(object, text, container);
    } catch (error) {
      if (!(error instanceof MisfortuneError) || error.code !== 'unknown-kind') throw error;
      return problemAt(place, error.code, error.message, { todo: error.todo });
    }
    const todo = await nearestObject(cluster, ref, signal);
    return problemAt(place, 'unknown-object', `The cluster has no ${text}.`, { todo });
  }

  function containerProblem(
    object: ClusterObject,
    text: string,
    container: Use['container'],
  ): MisfortuneError | undefined {
    const there = containerNames(podSpecOf(object));
    if (!container || there.length === 0 || there.includes(container.name)) return undefined;
    const message = `${text} has no container "${container.name}"; it has ${there.join(', ')}.`;
    const todo = suggest(container.name, there);
    return problemAt(document.place(container.path), 'unknown-container', message, { todo });
  }
}

interface Use {
  ref: string;
  path: Path;
  /** The container that a check names. */
  container?: { name: string; path: Path };
}

/** The spec of the pods that an object makes, or is. */
function podSpecOf({ kind, spec }: ClusterObject): unknown {
  type Nested = { template?: { spec?: unknown }; jobTemplate?: { spec?: Nested } };
  if (kind === 'Pod') return spec;
  const nested = (spec ?? {}) as Nested;
  return (nested.jobTemplate?.spec ?? nested).template?.spec;
}

async function nearestObject(cluster: Cluster, ref: Ref, signal?: AbortSignal): Promise<string | undefined> {
  const objects = await cluster.list(ref, { namespace: ref.namespace }, signal);
  const names = objects.map(({ metadata }) => formatRef({ ...ref, name: metadata.name }));
  return suggest(formatRef(ref), names);
}

function refsOf(check: Check, path: Path): Use[] {
  const own = checkKinds.flatMap((kind): Use[] => {
    const about = check[kind] as { ref?: string; are?: string; container?: string } | undefined;
    if (!needObject.has(kind) || !about) return [];
    const { container } = about;
    return (['ref', 'are'] as const).flatMap((key) => {
      const ref = about[key];
      if (ref === undefined) return [];
      const named = container !== undefined && {
        container: { name: container, path: [...path, kind, 'container'] },
      };
      return [{ ref, path: [...path, kind, key], ...named }];
    });
  });
  const lists = (['all', 'any'] as const).flatMap((kind) =>
    (check[kind] ?? []).flatMap((each, index) => refsOf(each, [...path, kind, index])),
  );
  return [...own, ...lists, ...(check.not ? refsOf(check.not, [...path, 'not']) : [])];
}
