import { PromqlError } from '../../../promql/error.ts';
import { print } from '../../../promql/syntax/print.ts';
import { formatValue } from '../../../promql/value.ts';
import type { ActiveAlert } from '../../../rules/alert-states.ts';
import type { RuleGroup, RuleStatus } from '../../../rules/group.ts';

/** `data` of /api/v1/rules with its filters type, rule_name[], rule_group[], file[], exclude_alerts. */
export function formatRules(groups: readonly RuleGroup[], params: URLSearchParams): { groups: unknown[] } {
  const type = params.get('type') ?? '';
  if (!['', 'alert', 'record'].includes(type)) {
    throw new PromqlError('bad_data', `invalid parameter "type": not supported value "${type}"`);
  }
  const among = (name: string, value: string) => {
    const wanted = params.getAll(name);
    return wanted.length === 0 || wanted.includes(value);
  };
  const kind = { '': undefined, alert: 'alerting', record: 'recording' }[type];
  const excludeAlerts = params.get('exclude_alerts') === 'true';
  const formatted = groups
    .filter(({ definition }) => among('rule_group[]', definition.name) && among('file[]', definition.file))
    .map((group) => ({
      name: group.definition.name,
      file: group.definition.file,
      rules: group.rules
        .filter(({ definition }) => kind === undefined || definition.kind === kind)
        .filter(({ definition }) => among('rule_name[]', definition.name))
        .map((rule) => formatRule(rule, excludeAlerts)),
      interval: group.definition.intervalMs / 1000,
      limit: group.definition.limit,
      evaluationTime: group.evaluationTime,
      lastEvaluation: timestamp(group.lastEvaluation),
    }))
    .filter(({ rules }) => rules.length > 0);
  return { groups: formatted };
}

/** `data` of /api/v1/alerts. */
export function formatAlerts(groups: readonly RuleGroup[]): { alerts: unknown[] } {
  const alerts = groups.flatMap((group) => group.rules.flatMap(({ alerting }) => alerting?.alerts ?? []));
  return { alerts: alerts.map(formatAlert) };
}

function formatRule(rule: RuleStatus, excludeAlerts: boolean): unknown {
  const { definition, alerting } = rule;
  const shared = {
    name: definition.name,
    query: print(definition.expr),
    labels: definition.labels,
    health: rule.health,
    ...(rule.lastError !== '' && { lastError: rule.lastError }),
    evaluationTime: rule.evaluationTime,
    lastEvaluation: timestamp(rule.lastEvaluation),
    type: definition.kind,
  };
  if (definition.kind === 'recording') return shared;
  return {
    state: alerting?.state ?? 'inactive',
    ...shared,
    duration: definition.forMs / 1000,
    keepFiringFor: definition.keepFiringForMs / 1000,
    annotations: definition.annotations,
    ...(!excludeAlerts && { alerts: (alerting?.alerts ?? []).map(formatAlert) }),
  };
}

function formatAlert(alert: ActiveAlert): unknown {
  return {
    labels: alert.labels,
    annotations: alert.annotations,
    state: alert.state,
    activeAt: timestamp(alert.activeAt),
    ...(alert.keptSince !== undefined && { keepFiringSince: timestamp(alert.keptSince) }),
    value: exponent(alert.value),
  };
}

/** Alert values are printed as Go's %e shortest: 0.5 is 5e-01. */
function exponent(value: number): string {
  if (!Number.isFinite(value)) return formatValue(value);
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

/** Go's zero time before the first evaluation. */
function timestamp(ms: number): string {
  return ms === 0 ? '0001-01-01T00:00:00Z' : new Date(ms).toISOString();
}
