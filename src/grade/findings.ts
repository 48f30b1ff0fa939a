import { alertFindings } from './alerts/alert-findings.ts';
import type { AlertsGrade } from './alerts/alerts.ts';
import { dashboardFindings } from './dashboards/dashboard-findings.ts';
import type { DashboardsGrade } from './dashboards/dashboards.ts';
import type { Finding } from './finding.ts';
import type { GradeInput } from './input.ts';
import type { PlaybookGrade } from './playbook/playbook.ts';
import { playbookFindings } from './playbook/playbook-findings.ts';
import type { ResponseGrade } from './response/response.ts';
import { responseFindings } from './response/response-findings.ts';

export interface Graded {
  alerts: AlertsGrade;
  dashboards: DashboardsGrade;
  playbook: PlaybookGrade;
  response: ResponseGrade;
}

const order: Finding['kind'][] = ['gap', 'improvement', 'good'];

/** What to change first: gaps before improvements, and within them alerts, dashboards, playbook, response. */
export function findingsOf(input: GradeInput, graded: Graded): Finding[] {
  const all = [
    ...alertFindings(graded.alerts, input),
    ...dashboardFindings(graded.dashboards),
    ...playbookFindings(graded.playbook),
    ...responseFindings(graded.response, graded.playbook),
  ];
  return all
    .map((finding, index) => ({ finding, index }))
    .sort((a, b) => order.indexOf(a.finding.kind) - order.indexOf(b.finding.kind) || a.index - b.index)
    .map(({ finding }) => finding);
}
