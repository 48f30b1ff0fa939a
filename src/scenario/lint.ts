import { membersOf } from '../check/evaluate.ts';
import { type Path, problemAt } from '../document/document.ts';
import { byPlace, valueAt } from '../document/validate.ts';
import type { MisfortuneError } from '../errors.ts';
import { bindingProblems } from '../playbook/bind.ts';
import { lintCommands } from '../playbook/lint-commands.ts';
import type { Playbook } from '../playbook/schema.ts';
import type { Panel } from '../signal/dashboard/panels.ts';
import { suggest } from '../words/nearest.ts';
import type { Finding } from './lint-finding.ts';
import { lintQueries } from './lint-queries.ts';
import { lintRanges } from './lint-ranges.ts';
import { lintTimes } from './lint-times.ts';
import type { ParsedScenario } from './parse.ts';
import { receiversIn } from './references.ts';
import type { FaultUse, Scenario } from './schema.ts';

/** What references are looked up in; what is left out is not checked. */
export interface LintContext {
  playbooks?: Pick<Playbook, 'name' | 'roles' | 'answers'>[];
  /** What a diagnosis may name. */
  mechanisms?: readonly string[];
  /** What two steps both touch, in words; undefined if nothing. */
  clash?(one: Step, other: Step): string | undefined;
  /** Why a step of a type cannot come again and again; undefined if it can. */
  notRepeatable?(type: string): string | undefined;
  /** References of what a step touches, as far as it says so itself. */
  claimed?(step: Step): string[];
  /** Names of the alerting rules. */
  alerts?: readonly string[];
  receivers?: readonly string[];
  /** `panels` left out: it could not be read. */
  dashboards?: readonly { uid: string; panels?: readonly Pick<Panel, 'title'>[] }[];
  /** Names of the series that there are. */
  metrics?: readonly string[];
  /** The commands of misfortune. */
  commands?: readonly string[];
}

/** Says whether references lead somewhere: each that does not, at its place and with the nearest known word. */
export function lintScenario(parsed: ParsedScenario, context: LintContext): MisfortuneError[] {
  const { document, scenario, filled } = parsed;
  if (!scenario) return [];
  const findings: Finding[] = [
    ...lintPlaybook(scenario, context),
    ...lintDiagnosis(scenario, context),
    ...lintFixes(scenario),
    ...lintSteps(scenario, context),
    ...lintAlerts(scenario, context),
    ...lintPanels(scenario, context),
    ...lintRenamed(scenario),
    ...lintTimes(scenario),
    ...lintQueries(parsed, context.metrics),
    ...lintRanges(parsed, context.metrics),
    ...lintRuns(scenario, filled, context),
  ];
  return findings
    .map(({ path, key, code, message, todo }) =>
      problemAt(key ? document.keyPlace(path) : document.place(path), code, message, { todo }),
    )
    .sort(byPlace);
}

type Step = Pick<FaultUse, 'type' | 'spec'>;

function unknown(what: string, word: string, known: readonly string[] | undefined, path: Path): Finding[] {
  if (!known || known.includes(word)) return [];
  return [
    { path, code: `unknown-${what}`, message: `There is no ${what} "${word}".`, todo: suggest(word, known) },
  ];
}

function lintPlaybook({ playbook }: Scenario, { playbooks }: LintContext): Finding[] {
  if (!playbooks) return [];
  const found = playbooks.find(({ name }) => name === playbook.name);
  const names = playbooks.map(({ name }) => name);
  if (!found) return unknown('playbook', playbook.name, names, ['playbook', 'name']);
  return bindingProblems(found as Playbook, playbook.with).map(({ role, code, message, todo }) => {
    const given = role !== undefined && Object.hasOwn(playbook.with, role);
    const path = given ? ['playbook', 'with', role] : ['playbook'];
    return { path, key: code === 'unknown-role', code, message, todo };
  });
}

function lintDiagnosis({ diagnosis }: Scenario, { mechanisms }: LintContext): Finding[] {
  return unknown('mechanism', diagnosis.mechanism, mechanisms, ['diagnosis', 'mechanism']);
}

/** Other names are given to params that there are. */
function lintRenamed({ renamed, params }: Scenario): Finding[] {
  return Object.keys(renamed).flatMap((name) =>
    unknown('param', name, Object.keys(params), ['renamed', name]).map((finding) => ({
      ...finding,
      key: true,
    })),
  );
}

/** Faults and decoys: whose names are taken, which touch the same, and whether there is something to play at once. */
function lintSteps(
  { faults, decoys, diagnosis }: Scenario,
  { clash, claimed, notRepeatable }: LintContext,
): Finding[] {
  const steps = [
    ...faults.map((step, index) => ({ step, path: ['faults', index] as Path })),
    ...decoys.map((step, index) => ({ step, path: ['decoys', index] as Path })),
  ];
  const findings: Finding[] = [];
  if (faults.every(({ after, when }) => after > 0 || when))
    findings.push({
      path: ['faults', 0, faults[0]?.when ? 'when' : 'after'],
      code: 'nothing-at-once',
      message: 'All faults have `after` or `when`: the game would begin with nothing broken.',
      todo: 'Remove it from at least one fault.',
    });
  steps.forEach(({ step, path }, index) => {
    const not = step.repeat && notRepeatable?.(step.type);
    if (not)
      findings.push({
        path: [...path, 'repeat'],
        key: true,
        code: 'not-repeatable',
        message: `The fault ${step.id} cannot be repeated: ${not}.`,
        todo: 'Leave repeat out (a kill has every and times of its own), or choose another type.',
      });
    for (const { step: other } of steps.slice(0, index)) {
      if (other.id === step.id)
        findings.push({
          path: [...path, 'id'],
          code: 'duplicate-id',
          message: `The id "${step.id}" is used twice.`,
        });
      const both = clash?.(other, step);
      if (both)
        findings.push({
          path,
          code: 'faults-clash',
          message: `${other.id} and ${step.id} both touch ${both}.`,
          todo: 'Merge them into one fault, or choose another field.',
        });
    }
  });
  decoys.forEach((decoy, index) => {
    if (!claimed?.(decoy).includes(diagnosis.origin)) return;
    const message = `The diagnosis names what the decoy ${decoy.id} touches.`;
    findings.push({
      path: ['decoys', index],
      code: 'decoy-is-origin',
      message,
      todo: 'A decoy is never the root cause.',
    });
  });
  return findings;
}

/** The commands of fixes and wrong fixes. */
function lintRuns({ fixes, wrongFixes }: Scenario, filled: unknown, context: LintContext): Finding[] {
  const known = { misfortune: context.commands, dashboards: context.dashboards?.map(({ uid }) => uid) };
  return Object.entries({ fixes, wrongFixes }).flatMap(([key, list]) =>
    list.flatMap(({ run }, index) => {
      const path = [key, index, 'run'];
      const isList = Array.isArray(valueAt(filled, path));
      return lintCommands(run, (line) => (isList ? [...path, line] : path), known);
    }),
  );
}

/** A wrong fix names the check of the oracle that it fails. */
function lintFixes({ wrongFixes, oracle }: Scenario): Finding[] {
  const ids = membersOf(oracle).flatMap(({ id }) => id ?? []);
  return wrongFixes.flatMap(({ fails }, index) =>
    unknown('check', fails, ids, ['wrongFixes', index, 'fails']),
  );
}

function lintAlerts(scenario: Scenario, context: LintContext): Finding[] {
  const { alerts } = scenario;
  const expected = alerts.expected.flatMap(({ name, or, receiver }, index) => {
    const path = ['alerts', 'expected', index];
    return [
      ...unknown('alert', name, context.alerts, [...path, 'name']),
      ...or.flatMap((other, position) => unknown('alert', other, context.alerts, [...path, 'or', position])),
      ...(receiver ? unknown('receiver', receiver, context.receivers, [...path, 'receiver']) : []),
    ];
  });
  const acceptable = alerts.acceptable.flatMap((name, index) =>
    unknown('alert', name, context.alerts, ['alerts', 'acceptable', index]),
  );
  const checked = receiversIn(scenario).flatMap(({ receiver, path }) =>
    unknown('receiver', receiver, context.receivers, path),
  );
  return [...expected, ...acceptable, ...checked];
}

function lintPanels({ panels }: Scenario, { dashboards }: LintContext): Finding[] {
  if (!dashboards) return [];
  const uids = dashboards.map(({ uid }) => uid);
  return panels.expected.flatMap(({ dashboard, panel }, index) => {
    const path = ['panels', 'expected', index];
    const found = dashboards.find(({ uid }) => uid === dashboard);
    if (!found) return unknown('dashboard', dashboard, uids, path);
    const titles = found.panels?.map(({ title }) => title);
    return unknown('panel', panel, titles, path);
  });
}
