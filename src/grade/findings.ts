import { alertFindings } from './alert-findings.ts';
import type { AlertsGrade } from './alerts.ts';
import { dashboardFindings } from './dashboard-findings.ts';
import type { DashboardsGrade } from './dashboards.ts';
import type { GradeInput } from './grade.ts';
import type { PlaybookGrade } from './playbook.ts';
import { playbookFindings } from './playbook-findings.ts';
import type { ResponseGrade } from './response.ts';
import { responseFindings } from './response-findings.ts';
import type { Finding } from './scorecard.ts';

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
