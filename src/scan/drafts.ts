import { Document } from 'yaml';
import type { AlertRule } from '../signal/series.ts';
import type { Coverage } from './coverage.ts';

/** First documents of a team, to be changed by people. */
export interface Draft {
  /** Relative to where they are written. */
  file: string;
  text: string;
}

export interface DraftOptions {
  /** What misfortune.yaml calls the cluster. */
  cluster: string;
  context: string;
  kubeconfig?: string;
  namespaces: readonly string[];
  endpoints: Record<string, { url: string } | { service: string }>;
}

/** Words of an alert that a load is likely to raise. */
const raisedByLoad = /laten|durat|slow|saturat|throttl|cpu|queue|overload|p9\d|budget|apdex|seconds/i;

/**
 * The alert that a load on this service is likeliest to raise: its own before shared ones, none that fires now, and none
 * whose expression cannot be asked here: the draft makes a check of it.
 */
export function alertFor(
  { alerts }: Coverage,
  firing: ReadonlySet<string>,
): (Coverage['alerts'][number] & { likely: boolean }) | undefined {
  const usable = alerts
    .filter(({ rule }) => rule.health !== 'err' && !rule.notPromql && !firing.has(rule.name))
    .map((cover) => ({ ...cover, likely: raisedByLoad.test(`${cover.name} ${cover.rule.query}`) }));
  return usable.sort(
    (a, b) =>
      Number(b.likely) - Number(a.likely) || a.ofServices - b.ofServices || (a.name < b.name ? -1 : 1),
  )[0];
}

function likelihood({ name }: { name: string }): number {
  return raisedByLoad.test(name) ? 1 : 0;
}

/** A misfortune.yaml for this cluster. */
export function draftConfig(options: DraftOptions): Draft {
  const { cluster, context, kubeconfig, namespaces, endpoints } = options;
  const document = documentOf({
    apiVersion: 'misfortune/v1',
    kind: 'Config',
    scenarios: ['./scenarios'],
    playbooks: ['./playbooks'],
    clusters: {
      [cluster]: {
        context,
        ...(kubeconfig && { kubeconfig }),
        namespaces: [...namespaces],
        ...endpoints,
        limits: { minutes: 40, requestsPerSecond: 500, workloads: '50%', nodes: 1 },
      },
    },
  });
  document.commentBefore =
    ' Each namespace must also carry a label, set by its owner:\n' +
    namespaces
      .map((name) => `   kubectl label namespace ${name} misfortune.dev/game-days=allowed`)
      .join('\n');
  return { file: 'misfortune.yaml', text: document.toString({ lineWidth: 0 }) };
}

/**
 * A scenario that puts a load on the service, judged by the alert, and the playbook for it. The numbers are a beginning:
 * `validate` says whether the load has an effect.
 */
export function draftScenario(
  coverage: Coverage,
  alert: AlertRule,
  { namespaces, path }: { namespaces: readonly string[]; path?: string },
): Draft[] {
  const { service, panels } = coverage;
  const { namespace, name, workload, probePath = '/' } = service;
  const job = 'nightly-sync';
  const quiet = { id: 'quiet', title: alert.name, promql: { query: alert.query, absent: true } };
  const title = `${name}-under-load`;
  const playbook = playbookName(name);
  const [panel] = [...panels].sort((a, b) => likelihood(b) - likelihood(a) || a.ofServices - b.ofServices);
  const scenario = documentOf({
    apiVersion: 'misfortune/v1',
    kind: 'Scenario',
    name: title,
    title: `Users of ${name} complain`,
    difficulty: 1,
    tags: ['load'],
    owner: alert.labels.owner ?? alert.labels.team ?? name,
    stack: { namespaces: [...namespaces] },
    params: { rate: 100, job, culprit: `job.batch/${namespace}/\${job}` },
    renamed: { job: 'invoice-export' },
    briefing: `Users of ${name} complain that it is slow or fails. Nobody has deployed anything.\n`,
    steadyState: [quiet],
    faults: [
      {
        id: 'flood',
        load: {
          target: `service/${namespace}/${name}`,
          path: path ?? probePath,
          rate: '${rate}',
          disguise: { name: '${job}', namespace },
        },
        effect: { not: { promql: quiet.promql }, within: '2m' },
      },
    ],
    oracle: {
      sustained: '30s',
      all: [
        quiet,
        ...(workload ? [{ id: 'capacity-kept', workload: { ref: workload, available: 'baseline' } }] : []),
        { id: 'source-stopped', stopped: { ref: '${culprit}' } },
      ],
    },
    fixes: [{ name: 'delete the job', run: 'kubectl delete ${culprit}' }],
    ...(workload && {
      wrongFixes: [
        {
          name: 'shut it down',
          run: `kubectl -n ${namespace} scale ${workload.split('/')[0]?.split('.')[0]} ${workload.split('/')[2]} --replicas=0`,
          fails: 'capacity-kept',
        },
      ],
    }),
    alerts: { expected: [{ name: alert.name, within: `${Math.ceil(alert.for) + 120}s` }] },
    ...(panel && { panels: { expected: [panel.name] } }),
    diagnosis: { origin: '${culprit}', mechanism: 'load' },
    playbook: { name: playbook, with: { service: name, namespace, culprit: '${culprit}' } },
    hints: [`Who calls ${name}, and how often?`],
    timeout: '15m',
    debrief: `A Job in the namespace ${namespace} called ${name} without a pause. Stop the source, not the service.\n`,
  });
  commentOn(scenario, ['params', 'rate'], ' requests per second: raise it until the effect is seen');
  if (path === undefined)
    commentOn(scenario, ['faults', 0, 'load', 'path'], ' take one that costs as much as what users do');
  return [
    { file: `scenarios/${title}.yaml`, text: scenario.toString({ lineWidth: 0 }) },
    { file: `playbooks/${playbook}.yaml`, text: draftPlaybook(playbook, name, alert, panel?.name) },
  ];
}

/** What the playbook of a service is called. */
export function playbookName(service: string): string {
  return `${service}-is-slow`;
}

function draftPlaybook(
  playbook: string,
  service: string,
  alert: AlertRule,
  panel: string | undefined,
): string {
  const look = panel
    ? { run: `misfortune dash ${panel.split('/')[0]}`, match: { dashboard: panel.split('/')[0] } }
    : {
        run: 'kubectl -n ${namespace} top pods',
        match: { kube: { verb: ['get', 'list'], resource: ['pods'], namespace: '${namespace}' } },
      };
  const steps = [
    {
      id: 'look',
      phase: 'triage',
      say: `Is ${service} slow, failing or overloaded, and since when?`,
      ...look,
    },
    {
      id: 'find-the-source',
      phase: 'diagnose',
      after: ['look'],
      say: 'What runs there that did not run before, and calls it?',
      run: 'kubectl get pods,jobs -n ${namespace}',
      match: { kube: { verb: 'list', resource: ['pods', 'jobs'] } },
      reveals: '${culprit}',
    },
    {
      id: 'stop-the-source',
      phase: 'mitigate',
      after: ['find-the-source'],
      say: 'Stop the source, not the service.',
      run: 'kubectl delete ${culprit}',
      match: { kube: { verb: ['delete', 'patch', 'update'], ref: '${culprit}' } },
    },
    {
      id: 'tell',
      phase: 'communicate',
      kind: 'manual',
      say: 'Tell users what was wrong and until when, and the owner of the source that it is stopped.',
    },
    {
      id: 'verify',
      phase: 'verify',
      after: ['stop-the-source'],
      within: '5m',
      say: 'It is as before.',
      ...look,
    },
  ];
  const document = documentOf({
    apiVersion: 'misfortune/v1',
    kind: 'Playbook',
    name: playbook,
    title: `${service} is slow`,
    answers: [alert.name],
    roles: { service: 'name', namespace: 'name', culprit: 'ref' },
    steps,
    harmful: [
      {
        match: { kube: { verb: 'delete', ref: ['service/${namespace}/${service}'] } },
        why: 'its users need it; it is the victim, not the source',
      },
    ],
  });
  return document.toString({ lineWidth: 0 });
}

/** What is there twice is written twice: these documents have no anchors. */
function documentOf(value: object): Document {
  return new Document(value, { aliasDuplicateObjects: false });
}

function commentOn(document: Document, path: (string | number)[], comment: string): void {
  const node = document.getIn(path, true) as { comment?: string } | undefined;
  if (node) node.comment = comment;
}
