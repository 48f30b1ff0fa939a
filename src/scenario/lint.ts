import { membersOf } from '../check/evaluate.ts';
import { type Path, problemAt } from '../document/document.ts';
import { byPlace } from '../document/validate.ts';
import type { MisfortuneError } from '../errors.ts';
import { suggest } from '../nearest.ts';
import { bindingProblems } from '../playbook/bind.ts';
import type { Playbook } from '../playbook/schema.ts';
import type { Panel } from '../signal/dashboard.ts';
import type { ParsedScenario } from './parse.ts';
import type { Scenario } from './schema.ts';

/** What references are looked up in; what is left out is not checked. */
export interface LintContext {
  playbooks?: Pick<Playbook, 'name' | 'roles' | 'answers'>[];
  /** What a diagnosis may name. */
  mechanisms?: readonly string[];
  /** Names of the alerting rules. */
  alerts?: readonly string[];
  receivers?: readonly string[];
  dashboards?: readonly { uid: string; panels: readonly Pick<Panel, 'title'>[] }[];
}

/** Says whether references lead somewhere: each that does not, at its place and with the nearest known word. */
export function lintScenario(
  { document, scenario }: ParsedScenario,
  context: LintContext,
): MisfortuneError[] {
  if (!scenario) return [];
  const findings: Finding[] = [
    ...lintPlaybook(scenario, context),
    ...lintDiagnosis(scenario, context),
    ...lintFixes(scenario),
    ...lintAlerts(scenario, context),
    ...lintPanels(scenario, context),
    ...lintRenamed(scenario),
  ];
  return findings
    .map(({ path, key, code, message, todo }) =>
      problemAt(key ? document.keyPlace(path) : document.place(path), code, message, { todo }),
    )
    .sort(byPlace);
}

interface Finding {
  path: Path;
  /** It is the key that is wrong, not its value. */
  key?: boolean;
  code: string;
  message: string;
  todo?: string;
}

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

/** A wrong fix names the check of the oracle that it fails. */
function lintFixes({ wrongFixes, oracle }: Scenario): Finding[] {
  const ids = membersOf(oracle).flatMap(({ id }) => id ?? []);
  return wrongFixes.flatMap(({ fails }, index) =>
    unknown('check', fails, ids, ['wrongFixes', index, 'fails']),
  );
}

function lintAlerts({ alerts }: Scenario, context: LintContext): Finding[] {
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
  return [...expected, ...acceptable];
}

function lintPanels({ panels }: Scenario, { dashboards }: LintContext): Finding[] {
  if (!dashboards) return [];
  const uids = dashboards.map(({ uid }) => uid);
  return panels.expected.flatMap(({ dashboard, panel }, index) => {
    const path = ['panels', 'expected', index];
    const found = dashboards.find(({ uid }) => uid === dashboard);
    if (!found) return unknown('dashboard', dashboard, uids, path);
    const titles = found.panels.map(({ title }) => title);
    return unknown('panel', panel, titles, path);
  });
}
