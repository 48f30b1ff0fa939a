import { alertFindings } from './alerts/alert-findings.ts';
import type { AlertsGrade } from './alerts/alerts.ts';
import { dashboardFindings } from './dashboards/dashboard-findings.ts';
import type { DashboardsGrade } from './dashboards/dashboards.ts';
import type { Finding } from './finding.ts';
import type { GradeInput } from './input.ts';
import { courseOf, type Moments } from './moments.ts';
import type { PlaybookGrade } from './playbook/playbook.ts';
import { playbookFindings } from './playbook/playbook-findings.ts';
import type { MeasuredImpact } from './response/impact.ts';
import type { ResponseGrade } from './response/response.ts';
import { responseFindings } from './response/response-findings.ts';

export interface Graded {
  alerts: AlertsGrade;
  dashboards: DashboardsGrade;
  playbook: PlaybookGrade;
  response: ResponseGrade;
}

const order: Finding['kind'][] = ['gap', 'improvement', 'good'];

/**
 * What to change first: by what the service went through in the time that a finding is about (minutes, then customers);
 * where that is the same or not known gaps before improvements, and alerts, dashboards, playbook, response. Last what is
 * to be kept.
 */
export function findingsOf(
  input: GradeInput,
  graded: Graded,
  moments: Moments,
  impact: MeasuredImpact | undefined,
): Finding[] {
  const course = courseOf(moments);
  const all = [
    ...alertFindings(graded.alerts, input, course),
    ...dashboardFindings(graded.dashboards, course),
    ...playbookFindings(graded.playbook, course),
    ...responseFindings(graded.response, graded.playbook, course),
  ];
  return all
    .map((finding, index) => ({ finding: priced(finding, impact), index }))
    .sort((a, b) => inOrder(a.finding, b.finding) || a.index - b.index)
    .map(({ finding }) => finding);
}

function priced(finding: Finding, impact: MeasuredImpact | undefined): Finding {
  const { span } = finding;
  return span && impact ? { ...finding, cost: impact.costOf(span) } : finding;
}

function inOrder(a: Finding, b: Finding): number {
  const kept = Number(a.kind === 'good') - Number(b.kind === 'good');
  const minutes = (b.cost?.impactMs ?? 0) - (a.cost?.impactMs ?? 0);
  const customers = (b.cost?.customersLost ?? 0) - (a.cost?.customersLost ?? 0);
  return kept || minutes || customers || order.indexOf(a.kind) - order.indexOf(b.kind);
}
