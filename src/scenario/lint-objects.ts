import type { Cluster, ClusterObject, Ref } from '../cluster/cluster.ts';
import { containerNames } from '../cluster/containers.ts';
import { formatRef, parseRef, tryParseRef } from '../cluster/ref.ts';
import { type Path, problemAt } from '../document/document.ts';
import { valueAt } from '../document/validate.ts';
import { MisfortuneError } from '../errors.ts';
import { commandEffect } from '../playbook/command-effect.ts';
import { mistyped, suggest } from '../words/nearest.ts';
import type { ParsedScenario } from './parse.ts';
import { objectsIn } from './references.ts';
import type { Scenario } from './schema.ts';

/**
 * Asks the cluster for every object that a scenario speaks of (targets of faults, checks, the diagnosis): each that is not
 * there, at its place and with the nearest name that there is. What a fault makes, what is to be absent, and what waits
 * for a param's measured value is not asked for. `isMade`: a fault or decoy makes it.
 */
export async function lintObjects(
  parsed: ParsedScenario,
  cluster: Cluster,
  { isMade, signal }: { isMade(ref: Ref): boolean; signal?: AbortSignal },
): Promise<MisfortuneError[]> {
  const { document, scenario, filled, unmeasured } = parsed;
  if (!scenario) return [];
  const refs = objectsIn(parsed);
  const uses = refs
    .filter(({ ref: text, path }) => {
      const ref = parseRef(text);
      // What is measured stands in a reference as 1 until it is.
      const isKnown = unmeasured.length === 0 || ref.name !== '1';
      return path[0] !== 'params' && isKnown && !isMade(ref);
    })
    .map(({ ref, path }): Use => ({ ref, path, ...containerBeside(path) }));
  const known = new Set(refs.map(({ path }) => path.join('\n')));
  const bound = boundRefs(scenario.playbook.with).filter(
    ({ ref, path }) => !known.has(path.join('\n')) && !isMade(parseRef(ref)),
  );
  const run = runTargets(scenario, filled).filter(({ ref }) => !isMade(parseRef(ref)));
  const found = await Promise.all([...uses, ...bound, ...run].map(problemOf));
  return found.filter((problem) => problem !== undefined);

  function containerBeside(path: Path): Pick<Use, 'container'> {
    const beside = [...path.slice(0, -1), 'container'];
    const name = valueAt(filled, beside);
    return typeof name === 'string' ? { container: { name, path: beside } } : {};
  }

  async function problemOf({
    ref: text,
    path,
    container,
    isWritten,
  }: Use): Promise<MisfortuneError | undefined> {
    const ref = parseRef(text);
    const place = document.place(path);
    try {
      const object = await cluster.get(ref, signal);
      if (object) return containerProblem(object, text, container);
    } catch (error) {
      if (!(error instanceof MisfortuneError) || error.code !== 'unknown-kind') throw error;
      if (isWritten && !isSlip(error.todo)) return undefined;
      return problemAt(place, error.code, error.message, { todo: error.todo });
    }
    const names = await namesBeside(cluster, ref, signal);
    if (isWritten && !mistyped(ref.name, names)) return undefined;
    const todo = suggest(
      formatRef(ref),
      names.map((name) => formatRef({ ...ref, name })),
    );
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

/** What the roles of a playbook are bound to, where it is plainly an object: kind/namespace/name. */
function boundRefs(bound: Readonly<Record<string, unknown>>): Use[] {
  return Object.entries(bound).flatMap(([role, value]) =>
    typeof value === 'string' &&
    /^[a-z][a-z0-9.-]*\/[a-z0-9-]+\/[a-z0-9.-]+$/.test(value) &&
    tryParseRef(value)
      ? [{ ref: value, path: ['playbook', 'with', role] }]
      : [],
  );
}

/** What the commands of fixes and wrong fixes write. A command before them may make it: only a slip of the pen is told. */
function runTargets({ fixes, wrongFixes }: Scenario, filled: unknown): Use[] {
  return Object.entries({ fixes, wrongFixes }).flatMap(([key, list]) =>
    list.flatMap(({ run }, index) => {
      const path = [key, index, 'run'];
      const isList = Array.isArray(valueAt(filled, path));
      return run.flatMap((command, line): Use[] => {
        const { kind, namespace, name } = commandEffect(command) ?? {};
        const ref = `${kind}/${namespace}/${name}`;
        if (!kind || !namespace || !name || !tryParseRef(ref)) return [];
        return [{ ref, path: isList ? [...path, line] : path, isWritten: true }];
      });
    }),
  );
}

function isSlip(todo: string | undefined): boolean {
  return todo?.startsWith('Did you mean') === true;
}

interface Use {
  /** By a command, which is not ours to read. */
  isWritten?: boolean;
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

async function namesBeside(cluster: Cluster, ref: Ref, signal?: AbortSignal): Promise<string[]> {
  const objects = await cluster.list(ref, { namespace: ref.namespace }, signal);
  return objects.map(({ metadata }) => metadata.name);
}
