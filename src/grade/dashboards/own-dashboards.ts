import { list, record, text } from '../../signal/dashboard/json-value.ts';
import { panelsOf } from '../../signal/dashboard/panels.ts';
import { classicModel } from '../../signal/dashboard/schema-v2.ts';
import type { Dashboard } from '../../signal/series.ts';
import type { GradeInput } from '../input.ts';

/**
 * The uids of the dashboards that are the team's own, among those that a cluster brings along for everybody: they are
 * expected, an alert that mattered or the playbook leads to them, or they are written for the stack (a query, a saved
 * value or a tag names one of its namespaces). None of that: those that were opened, else all.
 */
export function ownDashboards(input: GradeInput): ReadonlySet<string> {
  const { dashboards, state, scenario } = input;
  const expected = new Set(scenario.panels.expected.map(({ dashboard }) => dashboard));
  const links = linksOf(input);
  const namespaces = namespacesOf(input);
  const own = dashboards.filter((one) => {
    return expected.has(one.uid) || isLinked(one.uid, links) || namespaces.some((name) => names(one, name));
  });
  if (own.length > 0) return uids(own);
  const looked = new Set(state.actions.flatMap(({ dashboard }) => dashboard?.uid ?? []));
  const opened = dashboards.filter(({ uid }) => looked.has(uid));
  return uids(opened.length > 0 ? opened : dashboards);
}

function uids(dashboards: readonly Dashboard[]): ReadonlySet<string> {
  return new Set(dashboards.map(({ uid }) => uid));
}

/** Annotations of the alerts that are expected or came, and the playbook: what leads people to a dashboard. */
function linksOf({ rules, scenario, state, playbook }: GradeInput): string {
  const { expected, acceptable } = scenario.alerts;
  const mattering = new Set([
    ...expected.flatMap(({ name, or }) => [name, ...or]),
    ...acceptable,
    ...state.alerts.map(({ name }) => name),
  ]);
  const leading = (rules?.alerting ?? []).filter(({ name }) => mattering.has(name));
  return JSON.stringify([leading.map(({ annotations }) => annotations), playbook.steps]);
}

function isLinked(uid: string, links: string): boolean {
  return (
    ['/', '"', '?', '#', '&'].some((end) => links.includes(`/d/${uid}${end}`)) || links.includes(`"${uid}"`)
  );
}

/** Those of the stack, as its metrics were asked for. */
function namespacesOf({ series }: GradeInput): string[] {
  const query = series?.queries.find(({ kind }) => kind === 'stack')?.query ?? '';
  return /namespace=~"([^"]*)"/.exec(query)?.[1]?.split('|').filter(Boolean) ?? [];
}

function names({ model }: Dashboard, namespace: string): boolean {
  const { tags, templating } = classicModel(model);
  const variables = list(record(templating).list).filter(({ type }) => type !== 'datasource');
  const saved = variables.flatMap(({ current, query }) => [
    ...[record(current).value].flat(),
    ...(typeof query === 'string' ? query.split(',').map((each) => each.trim()) : []),
  ]);
  if ([...saved, ...[tags].flat()].includes(namespace)) return true;
  const written = [
    ...panelsOf({ model }).flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ...variables.map(({ query }) => text(query)),
  ];
  return written.some((query) => query.split(/["'`|()]/).includes(namespace));
}
