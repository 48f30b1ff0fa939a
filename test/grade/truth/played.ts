import { join } from 'node:path';
import { readDocument } from '../../../src/document/read.ts';
import type { GradeInput } from '../../../src/grade/input.ts';
import type { CheckResult, EventBody, GameEvent } from '../../../src/log/events.ts';
import { reduceAll } from '../../../src/log/state.ts';
import { packageRoot } from '../../../src/paths.ts';
import { bindPlaybook } from '../../../src/playbook/bind.ts';
import { parsePlaybook } from '../../../src/playbook/parse.ts';
import type { Action, KubeRequest, ValueChange } from '../../../src/recorder/action.ts';
import { recordedGame } from './truth.ts';

/** Wall ms of the injection. */
export const injectedAt = 1_700_000_000_000;

/** What happened, each with its second since the injection. */
export type Happened = [seconds: number, body: EventBody];

const head: EventBody = {
  type: 'game-created',
  game: 'by-hand',
  scenario: 'haymaker',
  title: 'Paying takes forever',
  difficulty: 2,
  briefing: '',
  owner: 'checkout',
  playbook: 'latency-without-a-deploy',
  timeout: 1200,
  hints: 3,
  sandbox: true,
  cluster: 'sandbox',
  speed: 5,
  seed: 1,
  player: 'one',
  version: '1',
  signals: [],
  dashboards: [],
};

/** A game of haymaker at speed 5 out of its events, with the playbook as it is shipped. */
export async function played(happened: Happened[]): Promise<GradeInput> {
  const recorded = await recordedGame('haymaker-mitigated');
  const { document } = await readDocument(join(packageRoot, 'playbooks/latency-without-a-deploy.yaml'));
  const { playbook } = parsePlaybook(document!);
  const bodies: Happened[] = [
    [-5, head],
    [0, { type: 'injected' }],
    [1, { type: 'phase-entered', phase: 'respond' }],
    [5, { type: 'alert-notified', name: 'CheckoutLatencyHigh', labels: {}, receivers: ['checkout'] }],
    ...happened,
  ];
  const events = bodies
    .sort(([a], [b]) => a - b)
    .map(([seconds, body], index): GameEvent => {
      const at = injectedAt + seconds * 1000;
      return { v: 1, seq: index + 1, at, mono: seconds * 1000, ...body };
    });
  const { series: _, ...input } = recorded;
  const roles = recorded.scenario.playbook.with;
  return { ...input, state: reduceAll(events), playbook: bindPlaybook(playbook!, roles) };
}

export const oracle = (seconds: number, holds: boolean, heldFor = 0): Happened => {
  const check: CheckResult = { id: 'fast', holds, seen: holds ? '0.1 s' : '2.68 s (expected below 250 ms)' };
  return [seconds, { type: 'oracle-checked', checks: [check], holds, heldForMs: heldFor * 1000 }];
};

export const mitigated = (seconds: number, heldFor: number): Happened[] => [
  oracle(seconds, true, heldFor),
  [seconds, { type: 'ended', ending: 'mitigated', why: `the oracle held for ${heldFor} s` }],
];

export const claim = (seconds: number, accepted: boolean, who = 'one'): Happened => [
  seconds,
  {
    type: 'claimed',
    who,
    accepted,
    failing: accepted ? [] : [{ id: 'fast', holds: false, seen: '2.68 s (expected below 250 ms)' }],
  },
];

export const diagnosis = (
  seconds: number,
  origin: string | undefined,
  mechanism: string | undefined,
  who = 'one',
): Happened => [
  seconds,
  {
    type: 'diagnosed',
    who,
    origin,
    mechanism,
    originRight: origin?.includes('report-export') === true,
    mechanismRight: mechanism === 'load',
  },
];

let counter = 0;

export function action(seconds: number, title: string, rest: Partial<Action>, who = 'one'): Happened {
  const at = injectedAt + seconds * 1000;
  counter += 1;
  const id = `a${counter}`;
  const whole: Action = {
    ...{ id, at, until: at, who, surface: 'kubectl', effect: 'read', title, requests: [] },
    ...rest,
  };
  return [seconds, { type: 'action-seen', action: whole }];
}

export const dash = (seconds: number, who = 'one', uid = 'shop-overview'): Happened =>
  action(seconds, `open dashboard ${uid}`, { surface: 'dash', dashboard: { uid } }, who);

export const request = (rest: Partial<KubeRequest>): KubeRequest => ({
  ...{ verb: 'list', group: '', version: 'v1', resource: 'pods', status: 200 },
  ...rest,
});

export const getAll = (seconds: number, who = 'one'): Happened =>
  action(
    seconds,
    'kubectl get pods,jobs -A',
    {
      requests: [
        request({ allNamespaces: true }),
        request({ resource: 'jobs', group: 'batch', allNamespaces: true }),
      ],
    },
    who,
  );

/** A write to the job that floods, or to a Deployment of the shop. */
export function write(
  seconds: number,
  title: string,
  rest: Partial<KubeRequest> & { changes?: ValueChange[] },
  who = 'one',
): Happened {
  const paths = rest.changes?.map(({ path }) => path);
  const one = request({ verb: 'patch', ...rest, ...(paths && { paths }) });
  return action(seconds, title, { effect: 'mutate', requests: [one] }, who);
}

const job = { resource: 'jobs', group: 'batch', namespace: 'batch', name: 'report-export' };
const checkout = { resource: 'deployments', group: 'apps', namespace: 'shop', name: 'checkout' };

export const suspend = (seconds: number, to: boolean, who = 'one'): Happened =>
  write(
    seconds,
    `kubectl patch job report-export -n batch -p '{"spec":{"suspend":${to}}}'`,
    { ...job, changes: [{ path: 'spec.suspend', ...(to ? {} : { from: true }), to }] },
    who,
  );

export const deleteJob = (seconds: number, who = 'one'): Happened =>
  write(seconds, 'kubectl delete job report-export -n batch', { ...job, verb: 'delete' }, who);

export const createJob = (seconds: number, who = 'one'): Happened =>
  write(seconds, 'kubectl create job report-export -n batch', { ...job, verb: 'create' }, who);

export const scale = (seconds: number, from: number, to: number, who = 'one', name = 'checkout'): Happened =>
  write(
    seconds,
    `kubectl scale deployment ${name} -n shop --replicas=${to}`,
    { ...checkout, name, subresource: 'scale', changes: [{ path: 'spec.replicas', from, to }] },
    who,
  );

export const edit = (
  seconds: number,
  title: string,
  changes: ValueChange[],
  name = 'checkout',
  who = 'one',
): Happened => write(seconds, title, { ...checkout, name, changes }, who);
