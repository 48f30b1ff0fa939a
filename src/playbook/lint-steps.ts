import { isDeepStrictEqual } from 'node:util';
import { tryParseRef } from '../cluster/ref.ts';
import { type Path, problemAt } from '../document/document.ts';
import { byPlace, valueAt } from '../document/validate.ts';
import type { MisfortuneError } from '../errors.ts';
import { matchOf } from './command-match.ts';
import { kindFits } from './match.ts';
import type { ParsedPlaybook } from './parse.ts';
import type { KubeMatch, Match, Playbook, Step } from './schema.ts';

/**
 * What a playbook's steps are no good for as they stand: conditions without a number, manual steps that the recorder would
 * see, matchers that fit nothing, and steps that wait for these. No cluster is needed.
 */
export function lintSteps({ document, playbook }: ParsedPlaybook): MisfortuneError[] {
  if (!playbook) return [];
  const { steps, harmful, roles } = playbook;
  const blocked = new Map<string, string>();
  const problems: MisfortuneError[] = [];
  const add = (path: Path, code: string, message: string, todo: string): void => {
    problems.push(problemAt(document.place(path), code, message, { todo }));
  };
  const lintDoing = (doing: Doing, path: Path): boolean => {
    const vague = vagueCondition(doing.say ?? '');
    if (vague !== undefined)
      add(
        [...path, 'say'],
        'condition-without-number',
        `"${vague}" has no number: two people would decide it differently.`,
        'Write the value and its unit: "if p95 is above 500 ms".',
      );
    const why = doing.match && neverFits(doing.match, harmful);
    if (why !== undefined)
      add(
        [...path, 'match'],
        'never-matches',
        `Nothing that is done fits the matcher of ${doing.id}: ${why}.`,
        'Use `any` for alternatives, or take out what contradicts.',
      );
    return why !== undefined;
  };
  for (const [index, step] of steps.entries()) {
    const path = ['steps', index];
    lintManual(step, path);
    const own = lintDoing(step, path);
    const branches = (step.anyOf ?? []).map((one, at) => lintDoing(one, [...path, 'anyOf', at]));
    if (own || (branches.length > 0 && branches.every(Boolean)))
      blocked.set(step.id, 'no action fits its matcher');
  }
  for (const id of inOrder(steps)) {
    const index = steps.findIndex((step) => step.id === id);
    const { after } = steps[index]!;
    for (const [at, before] of after.entries()) {
      const why = blocked.get(before);
      if (why === undefined) continue;
      blocked.set(id, `it waits for ${before}`);
      add(
        ['steps', index, 'after', at],
        'unreachable-step',
        `Step ${id} comes after ${before}, which cannot be done: ${why}.`,
        `Correct ${before}, or take it out of \`after\`.`,
      );
    }
  }
  return problems.sort(byPlace);

  /** A command that is seen needs nobody to note it. */
  function lintManual({ id, kind, run = [], match }: Step, path: Path): void {
    if (kind !== 'manual' || match) return;
    const isList = Array.isArray(valueAt(document.value, [...path, 'run']));
    for (const [line, command] of run.entries()) {
      if (!matchOf(command, roles)) continue;
      const place = isList ? [...path, 'run', line] : [...path, 'run'];
      const message = `Step ${id} has a command that the recorder sees, and no matcher: it is done only if somebody notes it.`;
      add(
        place,
        'no-matcher',
        message,
        `match: ${JSON.stringify(matchOf(command, roles))}, without kind: manual.`,
      );
    }
  }
}

type Doing = Pick<Step, 'id' | 'say' | 'match'>;

/** Each step behind those that it waits for; cycles are told when the playbook is read. */
function inOrder(steps: readonly Step[]): string[] {
  const order: string[] = [];
  const walk = (id: string): void => {
    if (order.includes(id)) return;
    for (const before of steps.find((step) => step.id === id)?.after ?? []) walk(before);
    order.push(id);
  };
  for (const { id } of steps) walk(id);
  return order;
}

const degree =
  /\b(too (much|many|high|low|long|slow|few)|high|higher|low|lower|slow|slower|large|larger|big|bigger|long|longer|heavy|excessive(ly)?|elevated|abnormal(ly)?|unusual(ly)?|significant(ly)?|increased|increasing|growing|rising|degraded|spik(es|ing))\b/i;
const condition = /\b(?:if|unless|once|in case|(?<!(?:since|from|until|and|or) )when)\b[^,.;:?!]*/gi;
/** What a value is compared with is named: its limit, the other one. */
const compared = /\bthan (?!(usual|normal|expected|before|average|always)\b)/i;
const counted = /\d|\$\{|\b(none|no|zero|one|two|three|half|twice|all|every|each)\b/i;

/** The first condition of a text that compares without a number: "if latency is high". */
export function vagueCondition(text: string): string | undefined {
  const clauses = [...text.replace(/\s+/g, ' ').matchAll(condition)].map(([clause]) => clause.trim());
  return clauses.find((clause) => degree.test(clause) && !counted.test(clause) && !compared.test(clause));
}

/** Why no action can fit; undefined: one may. */
function neverFits(match: Match, harmful: Playbook['harmful']): string | undefined {
  if (harmful.some((harm) => isDeepStrictEqual(harm.match, match)))
    return 'the playbook calls the same harmful, and harm comes first';
  return contradiction(match);
}

function contradiction(match: Match): string | undefined {
  const { all = [], any = [], kube } = match;
  const looks = (['promql', 'dashboard', 'panel', 'alert'] as const).filter(
    (key) => match[key] !== undefined,
  );
  if (kube && looks.length > 0)
    return `kube and ${looks.join(', ')} stand side by side, and no action is both`;
  const within = all.map(contradiction).find((why) => why !== undefined);
  if (within !== undefined) return within;
  const alternatives = any.map(contradiction);
  if (any.length > 0 && alternatives.every((why) => why !== undefined)) return alternatives[0];
  return kube && contradictionOf(kube);
}

function contradictionOf({
  verb = [],
  ref = [],
  resource,
  namespace,
  name,
  ...fields
}: KubeMatch): string | undefined {
  const field = (['paths', 'sets', 'raises', 'lowers'] as const).find((key) => fields[key] !== undefined);
  const still = ['get', 'list', 'watch', 'read', 'connect', 'delete'];
  if (field && verb.length > 0 && verb.every((one) => still.includes(one)))
    return `${field} asks for changed fields, and ${verb.join(', ')} changes none`;
  const refs = ref.map((text) => (text.includes('${') ? undefined : tryParseRef(text)));
  if (refs.length === 0 || refs.some((one) => one === undefined)) return undefined;
  const known = refs.flatMap((one) => one ?? []);
  const isOpen = (words: readonly string[]) => words.some((word) => word.includes('${'));
  if (resource && !isOpen(resource) && !known.some(({ kind, group }) => fitsKind(resource, kind, group)))
    return `ref ${ref.join(', ')} is of none of the kinds ${resource.join(', ')}`;
  if (name && !isOpen(name) && !known.some((one) => name.includes(one.name)))
    return `ref ${ref.join(', ')} has none of the names ${name.join(', ')}`;
  const spaces = known.flatMap((one) => one.namespace ?? []);
  if (
    namespace &&
    !isOpen(namespace) &&
    spaces.length === known.length &&
    !spaces.some((one) => namespace.includes(one))
  )
    return `ref ${ref.join(', ')} is in none of the namespaces ${namespace.join(', ')}`;
  return undefined;
}

function fitsKind(resources: readonly string[], kind: string, group = ''): boolean {
  const plurals = [kind, `${kind}s`, `${kind}es`, kind.replace(/y$/, 'ies')];
  return resources.some((word) => plurals.some((resource) => kindFits(word, { resource, group })));
}
