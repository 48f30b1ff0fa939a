import { type NewScenario, scalar, toFillIn } from './new-documents.ts';

/** The text of a playbook that goes with a new scenario: one step of each phase. */
export function newPlaybook({ name, title, alert, schemas, fix }: NewScenario & { fix: string }): string {
  const mends = fix.startsWith('kubectl get')
    ? `    ${toFillIn}: the command that mends it, and what it is recognised by: verb, object, changed fields.`
    : `    ${toFillIn}: other ways to mend it go into anyOf.`;
  const verbs = fix.startsWith('kubectl delete') ? '[delete, patch, update]' : '[patch, update]';
  return `# yaml-language-server: $schema=${schemas.playbook}
apiVersion: misfortune/v1
kind: Playbook
name: ${name}
${toFillIn}: what the one on call sees when opening it; it may fit several causes.
title: ${scalar(title)}
${toFillIn}: let the runbook_url of this alert end in ${name}, so that the page leads here.
answers: [${scalar(alert)}]
roles: { culprit: ref }
steps:
  ${toFillIn}: the dashboard that shows how bad it is: \`misfortune dash NAME\`, matched by { dashboard: NAME }.
  - id: how-bad
    phase: triage
    say: How many are affected, and since when?
    run: kubectl get pods,jobs -A
    match: { kube: { verb: list, resource: [pods, jobs] } }
  ${toFillIn}: the look that tells this cause from others.
  - id: find-the-cause
    phase: diagnose
    after: [how-bad]
    say: What has changed?
    run: kubectl describe \${culprit}
    match: { kube: { verb: get, ref: '\${culprit}' } }
    reveals: '\${culprit}'
${mends}
  - id: mend
    phase: mitigate
    after: [find-the-cause]
    say: Take it back.
    run: ${scalar(fix)}
    match: { kube: { verb: ${verbs}, ref: '\${culprit}' } }
  - id: tell
    phase: communicate
    kind: manual
    say: Tell customers and owners what was wrong, and until when.
  - id: verify
    phase: verify
    after: [mend]
    within: 5m
    say: Is it as before?
    run: kubectl get pods -A
    match: { kube: { verb: list, resource: pods } }
${toFillIn}: what makes it worse, and why.
harmful: []
`;
}
