import { stringify } from 'yaml';
import { parseRef } from '../cluster/ref.ts';
import { type NewScenario, scalar, toFillIn } from './new-documents.ts';
import { newPlaybook } from './new-playbook.ts';

const workloads = ['deployment', 'statefulset', 'daemonset'];

/** The text of a scenario and of its playbook: they lint, and each line to be thought about is marked. */
export function newScenario(given: NewScenario): { scenario: string; playbook: string } {
  return { scenario: scenarioText(given), playbook: newPlaybook({ ...given, ...movesOf(given) }) };
}

function scenarioText(given: NewScenario): string {
  const { name, title, owner, alert, fault, origin, target, namespaces, schemas } = given;
  const { fix, wrong, isWorkload } = movesOf(given);
  const spec = indent(stringify({ [fault.type]: fault.spec }, { lineWidth: 0 }), 4);
  const silent = `{ query: ${scalar(`ALERTS{alertname="${alert}",alertstate="firing"}`)}, absent: true }`;
  const stack = namespaces.every((one) => one === 'shop' || one === 'batch')
    ? 'shop'
    : `{ namespaces: [${namespaces.join(', ')}] }`;
  return `# yaml-language-server: $schema=${schemas.scenario}
apiVersion: misfortune/v1
kind: Scenario
name: ${name}
${toFillIn}: a symptom in the words of who complains; never the cause.
title: ${scalar(title)}
${toFillIn}: 1 (the first look finds it) to 5.
difficulty: 1
tags: []
owner: ${scalar(owner)}
stack: ${stack}
params:
  culprit: ${origin}
${toFillIn}: what the one on call knows at first: a time, a symptom, what is known to have changed; nothing that gives the cause away.
briefing: |
  10:00. ${title.replace(/\s+/g, ' ').trim()}. You are on call.
steadyState:
  ${toFillIn}: how customers feel it. A recorded series and its objective say more than the silence of an alert.
  - id: quiet
    title: ${scalar(`${alert} is quiet`)}
    promql: ${silent}
faults:
  ${toFillIn}: what is broken. \`misfortune scenario faults ${fault.type}\` shows the keys; this is the example of that page.
  - id: broken
${spec}
    ${toFillIn}: what shows, in the metrics, that the fault works, and how long that takes.
    effect: { not: { promql: ${silent} }, within: 5m }
${toFillIn}: decoys, harmless changes that are as new as the fault. Each with a \`why\` for the debrief.
decoys: []
oracle:
  sustained: 30s
  all:
    - id: quiet
      title: ${scalar(`${alert} is quiet`)}
      promql: ${silent}
${
  isWorkload
    ? `    - id: capacity-kept
      title: Replicas
      workload: { ref: ${target}, available: baseline }
`
    : ''
}    ${toFillIn}: one check that names the actor, so that hiding the symptom is no fix; and one that customers are still there.
${toFillIn}: each fix must pass the oracle; two, where there are two ways.
fixes:
  - name: take it back
    run: ${scalar(fix)}
${toFillIn}: what people try first and does not help, each with the check that stays red.
wrongFixes:${wrong.map(({ name: what, run, fails }) => `\n  - { name: ${what}, run: ${scalar(run)}, fails: ${fails} }`).join('') || ' []'}
alerts:
  expected:
    ${toFillIn}: the time it may take (the alert's window and its \`for\`), and the receiver that must be notified.
    - { name: ${scalar(alert)}, within: 5m }
  ${toFillIn}: others that may fire besides; \`misfortune scenario try ${name}\` lists those that do.
  acceptable: []
${toFillIn}: panels that show it, as dashboard/Panel title.
panels:
  expected: []
diagnosis:
  origin: '\${culprit}'
  mechanism: ${fault.mechanism}
playbook:
  name: ${name}
  with: { culprit: '\${culprit}' }
${toFillIn}: three, from vague to nearly the answer.
hints: []
timeout: 15m
${toFillIn}: what happened, what found it, what does not help, and what to change.
debrief: |
  What happened, and why it looked as it did.

  To take away: what to change in alerts, dashboards and habits.
`;
}

interface Moves {
  /** A command that mends it, and the verbs by which it is recognised. */
  fix: string;
  wrong: { name: string; run: string; fails: string }[];
  isWorkload: boolean;
}

/** Commands to begin with. What a fault made is deleted, what it changed in a workload is rolled back. */
function movesOf({ origin, target, fault }: NewScenario): Moves {
  const isWorkload = workloads.includes(parseRef(target).kind);
  const isMade = ['load', 'apply', 'run'].includes(fault.type);
  const isRolledBack = !isMade && workloads.includes(parseRef(origin).kind);
  const { namespace, kind, name } = parseRef(target);
  const on = `${namespace === undefined ? '' : ` -n ${namespace}`} ${kind} ${name}`;
  return {
    isWorkload,
    fix: isMade
      ? 'kubectl delete ${culprit}'
      : isRolledBack
        ? 'kubectl rollout undo ${culprit}'
        : 'kubectl get ${culprit}',
    wrong: isWorkload
      ? [
          { name: 'restart it', run: `kubectl rollout restart${on}`, fails: 'quiet' },
          ...(kind === 'daemonset'
            ? []
            : [{ name: 'switch it off', run: `kubectl scale${on} --replicas=0`, fails: 'capacity-kept' }]),
        ]
      : [],
  };
}

function indent(text: string, by: number): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `${' '.repeat(by)}${line}`.trimEnd())
    .join('\n');
}
