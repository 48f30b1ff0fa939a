import type { Ref } from '../cluster/cluster.ts';
import { formatRef, tryParseRef } from '../cluster/ref.ts';
import { type Path, problemAt } from '../document/document.ts';
import { byPlace, valueAt } from '../document/validate.ts';
import type { MisfortuneError } from '../errors.ts';
import { suggest } from '../words/nearest.ts';
import { kubectlCommands } from './kubectl-command.ts';
import type { ParsedPlaybook } from './parse.ts';
import type { Match } from './schema.ts';

/** Where objects are looked up: a cluster, or manifests. */
export interface ObjectSource {
  /** In words: the cluster, the manifests of the shop. */
  name: string;
  /** Names of the objects of the kind in the namespace; undefined: nothing is known of these. */
  names(ref: Ref): Promise<readonly string[] | undefined>;
}

/** Objects that a playbook names and nobody has. Roles are bound later; pods and the like are made anew all the time. */
export async function lintPlaybookObjects(
  parsed: ParsedPlaybook,
  source: ObjectSource,
): Promise<MisfortuneError[]> {
  const found = await Promise.all(
    objectsOf(parsed).map(async ({ ref, path }) => {
      const names = await source.names(ref);
      if (!names || names.includes(ref.name)) return [];
      const refs = names.map((name) => formatRef({ ...ref, name }));
      const message = `${source.name} has no ${formatRef(ref)}.`;
      const place = parsed.document.place(path);
      return [problemAt(place, 'unknown-object', message, { todo: suggest(formatRef(ref), refs) })];
    }),
  );
  return found.flat().sort(byPlace);
}

const fleeting = /^(po|pods?|rs|replicasets?|jobs?|events?|ev|endpoints?|ep|endpointslices?|leases?)$/;

function objectsOf({ document, playbook }: ParsedPlaybook): { ref: Ref; path: Path }[] {
  const found: { ref: Ref; path: Path }[] = [];
  const add = (text: string, path: Path): void => {
    const ref = /[$<]/.test(text) ? undefined : tryParseRef(text);
    if (ref && !fleeting.test(ref.kind)) found.push({ ref, path });
  };
  const ofMatch = (match: Match | undefined, path: Path): void => {
    if (!match) return;
    const refs = match.kube?.ref ?? [];
    const at = [...path, 'kube', 'ref'];
    const isList = Array.isArray(valueAt(document.value, at));
    for (const [index, ref] of refs.entries()) add(ref, isList ? [...at, index] : at);
    for (const kind of ['all', 'any'] as const)
      for (const [index, one] of (match[kind] ?? []).entries()) ofMatch(one, [...path, kind, index]);
  };
  const ofRun = (run: readonly string[], path: Path): void => {
    const isList = Array.isArray(valueAt(document.value, path));
    for (const [index, line] of run.entries())
      for (const { command, kind, names, options } of kubectlCommands(line)) {
        const namespace = options.get('-n') ?? options.get('--namespace');
        // What a command creates need not be there.
        if (!namespace || kind.includes(',') || /^(create|run|expose|autoscale)$/.test(command)) continue;
        for (const name of names)
          add(`${kind.toLowerCase()}/${namespace}/${name}`, isList ? [...path, index] : path);
      }
  };
  for (const [index, step] of (playbook?.steps ?? []).entries()) {
    const doings = [
      { ...step, path: ['steps', index] as Path },
      ...(step.anyOf ?? []).map((one, at) => ({ ...one, path: ['steps', index, 'anyOf', at] as Path })),
    ];
    for (const { match, run = [], path } of doings) {
      ofMatch(match, [...path, 'match']);
      ofRun(run, [...path, 'run']);
    }
  }
  for (const [index, { match }] of (playbook?.harmful ?? []).entries())
    ofMatch(match, ['harmful', index, 'match']);
  return found;
}
