import { describeError } from '../../../errors.ts';
import type { readAllRules } from '../../../signal/rules/all.ts';
import type { Ruler } from '../../../signal/series.ts';
import { type Finding, missing, ok, warning } from './finding.ts';

/** Who evaluates rules beside Prometheus, and how many. A Grafana that was not asked for this may have none. */
export function rulerFindings(
  rulers: readonly Ruler[],
  { alerting, silent }: Awaited<ReturnType<typeof readAllRules>>,
): Finding[] {
  return rulers.flatMap(({ part, alertmanager }) => {
    const error = silent.find((one) => one.part === part);
    const isGrafana = alertmanager !== undefined;
    const todo = isGrafana
      ? 'Allow the Grafana account in misfortune.yaml to read alert rules.'
      : 'Start it, or correct its entry under rulers in misfortune.yaml.';
    if (error) return (isGrafana ? warning : missing)(part, describeError(error.why), todo);
    const own = alerting.filter(({ ruler }) => ruler === part);
    if (own.length === 0 && isGrafana) return [];
    if (own.length === 0)
      return warning(part, 'has no alerting rule that Prometheus does not have', 'Is the tenant right?');
    const other = own.filter(({ notPromql }) => notPromql).length;
    const left = other > 0 ? `; ${other} not in PromQL: they are counted, but not evaluated` : '';
    return ok(part, `${own.length} alerting rules${left}`);
  });
}
