import type { Cluster, ClusterObject, Ref } from '../cluster/cluster.ts';
import { containerNames } from '../cluster/containers.ts';
import { formatRef, parseRef } from '../cluster/ref.ts';
import { type Path, problemAt } from '../document/document.ts';
import { valueAt } from '../document/validate.ts';
import { MisfortuneError } from '../errors.ts';
import { suggest } from '../nearest.ts';
import type { ParsedScenario } from './parse.ts';

/**
 * Asks the cluster for every object that a scenario speaks of (targets of faults, checks, the diagnosis): each that is not
 * there, at its place and with the nearest name that there is. What a fault makes, what is to be absent, and what waits
 * for a param's measured value is not asked for. `isMade`: a fault or decoy makes it.
 */
export async function lintObjects(
  { document, scenario, refs, filled, unmeasured }: ParsedScenario,
  cluster: Cluster,
  { isMade, signal }: { isMade(ref: Ref): boolean; signal?: AbortSignal },
): Promise<MisfortuneError[]> {
  if (!scenario) return [];
  const uses = refs
    .filter(({ ref: text, path }) => {
      const [part, ...inner] = path;
      const ref = parseRef(text);
      // What is measured stands in a reference as 1 until it is.
      const isKnown = unmeasured.length === 0 || ref.name !== '1';
      return part !== 'params' && !inner.includes('absent') && isKnown && !isMade(ref);
    })
    .map(({ ref, path }): Use => ({ ref, path, ...containerBeside(path) }));
  const found = await Promise.all(uses.map(problemOf));
  return found.filter((problem) => problem !== undefined);

  function containerBeside(path: Path): Pick<Use, 'container'> {
    const beside = [...path.slice(0, -1), 'container'];
    const name = valueAt(filled, beside);
    return typeof name === 'string' ? { container: { name, path: beside } } : {};
  }

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
