import { type Path, problemAt } from '../document/document.ts';
import { valueAt } from '../document/validate.ts';
import { MisfortuneError } from '../errors.ts';
import { suggest } from '../words/nearest.ts';
import type { ParsedScenario } from './parse.ts';
import type { FaultUse } from './schema.ts';

type Step = Pick<FaultUse, 'id' | 'type' | 'spec'>;

/** An operation, as far as lint looks at it. */
interface Draft {
  verb: string;
  changes?: readonly unknown[];
}

/** What a plan refuses because of what is written, not because of how the cluster is just now. */
const ofTheDocument = new Set([
  ...['unknown-port', 'untranslated-port', 'unknown-list', 'unknown-upstream', 'no-upstreams', 'no-weights'],
  ...['unknown-key', 'which-container', 'no-probe', 'not-restartable', 'not-a-workload', 'unknown-field'],
  ...[
    'no-such-field',
    'untouchable-field',
    'immutable',
    'refused-kind',
    'last-upstream',
    'nothing-to-change',
  ],
  ...['namespace-not-allowed', 'taken', 'invalid'],
]);

/**
 * Compiles each fault and decoy against a cluster, without changing anything: ports, keys, entries, containers and fields
 * that its target does not have, each at the place of the word that is wrong. `namespaces`: all that there are.
 */
export async function lintFaults(
  { document, scenario, filled, unmeasured }: ParsedScenario,
  { compile, namespaces }: { compile(step: Step): Promise<Draft[]>; namespaces: readonly string[] },
  signal?: AbortSignal,
): Promise<MisfortuneError[]> {
  // What is measured stands as 1 until it is.
  if (!scenario || unmeasured.length > 0) return [];
  const problems: MisfortuneError[] = [];
  for (const list of ['faults', 'decoys'] as const) {
    for (const [index, step] of scenario[list].entries()) {
      const error = await refusal(step);
      if (!error) continue;
      const path = [list, index, step.type];
      problems.push(inWords(error, placeIn(path, error.message)));
    }
  }
  return problems;

  function placeIn(path: Path, message: string) {
    const word = namedIn(message, valueAt(filled, path), path);
    return word?.isKey ? document.keyPlace(word.path) : document.place(word?.path ?? path);
  }

  async function refusal(step: Step): Promise<MisfortuneError | undefined> {
    try {
      const idle = (await compile(step)).find(({ changes }) => changes?.length === 0);
      if (!idle) return undefined;
      const todo =
        'The API server drops fields that it does not know: `kubectl explain` tells which there are.';
      return new MisfortuneError('nothing-to-change', `The fault ${step.id} changes nothing.`, { todo });
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof MisfortuneError && ofTheDocument.has(error.code)) return error;
      // Objects that are not there are told by lintObjects; all else may be otherwise in a game.
      return undefined;
    }
  }

  function inWords(
    { code, message, todo }: MisfortuneError,
    place: Parameters<typeof problemAt>[0],
  ): MisfortuneError {
    if (code !== 'namespace-not-allowed') return problemAt(place, code, message, { todo });
    const name = / in namespace ([^;]+);/.exec(message)?.[1] ?? '';
    return problemAt(place, 'unknown-namespace', `The cluster has no namespace "${name}".`, {
      todo: suggest(name, namespaces),
    });
  }
}

/** The longest word of a spec that a message names; the object that it speaks of only if there is no other. */
function namedIn(message: string, spec: unknown, path: Path): Word | undefined {
  const named = wordsIn(spec, path).filter(({ word }) => contains(message, word));
  // A value before a key of the user's own, before a key of the schema, before the object.
  const weight = ({ word, path: at, isKey }: Word) => {
    if (!isKey) return word.includes('/') ? 0 : 2_000 + word.length;
    return at.length > path.length + 1 ? 1_000 + word.length : word.length;
  };
  return named.sort((a, b) => weight(b) - weight(a))[0];
}

interface Word {
  word: string;
  path: Path;
  isKey: boolean;
}

function wordsIn(value: unknown, path: Path): Word[] {
  if (typeof value === 'string' || typeof value === 'number')
    return [{ word: String(value), path, isKey: false }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => {
    const at = [...path, Array.isArray(value) ? Number(key) : key];
    const own = Array.isArray(value) ? [] : [{ word: key, path: at, isKey: true }];
    return [...wordsIn(part, at), ...own];
  });
}

function contains(message: string, word: string): boolean {
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return word !== '' && new RegExp(`(^|[^\\w/-])${escaped}($|[^\\w/-])`).test(message);
}
