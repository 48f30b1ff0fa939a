import { expect } from 'vitest';
import {
  action,
  claim,
  createJob,
  dash,
  deleteJob,
  diagnosis,
  edit,
  getAll,
  mitigated,
  oracle,
  played,
  request,
  scale,
  suspend,
} from './played.ts';
import { truthTable } from './truth.ts';

const origin = 'job.batch/batch/report-export';
const looked = [dash(20), getAll(25)];

const mended = [deleteJob(125), oracle(135, true), dash(157), claim(160, true), ...mitigated(160, 25)];

/** A read that is in no step of the playbook, of what is called as the origin. */
const lookedFirst = (rest: Partial<Parameters<typeof request>[0]>) => {
  const job = { verb: 'watch', group: 'batch', resource: 'jobs', namespace: 'batch', name: 'report-export' };
  return [
    oracle(5, false),
    action(20, 'kubectl get job report-export -w', { requests: [request({ ...job, ...rest })] }),
  ];
};

truthTable('what was done, and taken back', [
  {
    title: 'case G3: the fix is undone and made again',
    game: () =>
      played([
        ...[oracle(10, false), dash(49), getAll(49), suspend(50, true)],
        ...[oracle(60, true), suspend(86, false), oracle(90, false), claim(124, false)],
        ...[deleteJob(125), oracle(135, true), dash(157), claim(160, true), ...mitigated(160, 25)],
      ]),
    says: [
      /took step stop-the-source back: the service failed again/,
      /from 00:00 until 00:50, by the fault; ended by kubectl patch job report-export/,
      /from 01:26 until 02:05, by kubectl patch job report-export .*"suspend":false.*ended by kubectl delete job/,
      '2 outages',
      '1 claim was made before the step verify.',
    ],
    never: [/followed to the end, in order/, /Step verify came/, /did not show that the failure went on/],
    card: ({ playbook }) => {
      const stop = playbook.steps.find(({ id }) => id === 'stop-the-source');
      expect(stop).toMatchObject({ status: 'done', at: 125_000, by: expect.stringContaining('delete job') });
      expect(stop?.rating).not.toBe('P');
      expect(playbook.steps.find(({ id }) => id === 'verify')).toMatchObject({ status: 'done', at: 157_000 });
      expect(playbook.score).toBeLessThan(1);
    },
  },
  {
    title: 'the fix is undone and the game times out: the step is open, with its cause',
    game: () =>
      played([
        ...[...looked, suspend(30, true), oracle(40, true), suspend(50, false), oracle(60, false)],
        [240, { type: 'ended', ending: 'timed-out', why: 'the time was over' }],
      ]),
    says: [/from 00:50 until the end/, /undone after 50 s by/],
    never: [/led through/],
    card: ({ playbook }) =>
      expect(playbook.steps.find(({ id }) => id === 'stop-the-source')).toMatchObject({
        status: 'missing',
        rating: 'U',
      }),
  },
  {
    title: 'a Job is made again after its deletion',
    game: () =>
      played([
        ...[oracle(10, false), ...looked, deleteJob(30), oracle(40, true), createJob(60), oracle(70, false)],
        ...[deleteJob(80), oracle(90, true), dash(95), claim(110, true), ...mitigated(110, 20)],
      ]),
    says: [/`?kubectl create job report-export -n batch`? took step stop-the-source back/, '2 outages'],
    never: [/led through/],
  },
  {
    title: 'the workload of the fix is made small again, and nobody is hurt',
    game: () =>
      played([
        ...[oracle(10, false), ...looked, deleteJob(30), oracle(40, true), scale(45, 2, 4), scale(50, 4, 2)],
        ...[dash(55), claim(70, true), ...mitigated(70, 30)],
      ]),
    says: [],
    never: [/back: the service failed/, /outages/, /went on failing/],
    card: ({ playbook }) =>
      expect(playbook.steps.find(({ id }) => id === 'stop-the-source')).toMatchObject({
        status: 'done',
        rating: 'P',
      }),
  },
  {
    title: 'a stranger write breaks the service again: the mitigating step is open until that is put back',
    game: () =>
      played([
        ...[
          oracle(10, false),
          ...looked,
          deleteJob(30),
          oracle(40, true),
          scale(60, 2, 0),
          oracle(65, false),
        ],
        ...[scale(80, 0, 2), oracle(95, true), dash(100), claim(110, true), ...mitigated(110, 15)],
      ]),
    says: [/--replicas=0`? took step stop-the-source back/],
    never: [/Step stop-the-source was not reached/],
    card: ({ playbook }) =>
      expect(playbook.steps.find(({ id }) => id === 'stop-the-source')?.status).toBe('done'),
  },
  {
    title: 'the fault comes again by itself: nobody took the fix back',
    game: () =>
      played([
        ...[oracle(10, false), ...looked, deleteJob(30), oracle(40, true), scale(42, 2, 3)],
        [50, { type: 'turn-begun', fault: 'flood', turn: 2, until: 0 }],
        ...[oracle(55, false), oracle(75, true), dash(80), claim(95, true), ...mitigated(95, 20)],
      ]),
    says: [],
    never: [/took step .* back/, /outages/],
  },
  {
    title: 'un-suspending is not suspending, and a patch that changes nothing is no patch',
    game: () =>
      played([
        ...[oracle(10, false), ...looked, suspend(30, false)],
        edit(35, 'kubectl patch job report-export', []),
        [240, { type: 'ended', ending: 'timed-out', why: 'the time was over' }],
      ]),
    says: [/stop-the-source, verify were not reached|Steps? stop-the-source/],
    card: ({ playbook }) =>
      expect(playbook.steps.find(({ id }) => id === 'stop-the-source')?.status).toBe('missing'),
  },
]);

truthTable('changes that no step asks for', [
  {
    title: 'case G4: a change after the fix, by another responder',
    game: () =>
      played([
        ...[oracle(10, false), ...looked, suspend(48, true), scale(56, 2, 4, 'other'), oracle(62, true)],
        ...[dash(70), claim(84, true), ...mitigated(84, 22)],
      ]),
    says: [
      /--replicas=4`? \(other\), 8 s after the fix, is in no step; the scenario lists it as part of the fix “more replicas first, then the job”/,
      /"suspend":true\}\}'`? \(one\)/,
      'Took part: one, other.',
    ],
    never: [/went on failing|did not restore/],
    card: ({ playbook }) => expect(playbook.unplanned[0]).toMatchObject({ who: 'other', afterFixMs: 8000 }),
  },
  {
    title: 'an unknown change after the fix: nothing is said of its effect',
    game: () =>
      played([
        ...[oracle(10, false), ...looked, deleteJob(48)],
        edit(56, 'kubectl label deployment checkout -n shop tier=x', [
          { path: 'metadata.labels.tier', to: 'x' },
        ]),
        ...[oracle(62, true), dash(70), claim(84, true), ...mitigated(84, 22)],
      ]),
    says: [/8 s after the fix, in no step/],
    never: [/went on failing|does not say whether/],
  },
  {
    title: 'the wrong fix of the scenario is named',
    game: () =>
      played([
        ...[oracle(10, false), ...looked, scale(30, 2, 0)],
        [240, { type: 'ended', ending: 'timed-out', why: 'the time was over' }],
      ]),
    says: [
      /--replicas=0`? is the wrong fix “shut the shop” of the scenario, which fails the check capacity-kept/,
    ],
  },
  {
    title:
      'a number that is in no fix is called by none that goes both ways; the limits are known by their words',
    game: () =>
      played([
        ...[oracle(10, false), ...looked, scale(30, 2, 7)],
        edit(40, 'kubectl set resources deployment checkout -n shop --limits=cpu=1', [
          {
            path: 'spec.template.spec.containers[name=checkout].resources.limits.cpu',
            from: '500m',
            to: '1',
          },
        ]),
        [240, { type: 'ended', ending: 'timed-out', why: 'the time was over' }],
      ]),
    says: [/wrong fix “twice the CPU limit”/],
    never: [/“more replicas first, then the job”|“buy more capacity/],
  },
  {
    title: 'a wrong fix that is put back: that is no fix, costs nothing and is told as that',
    game: () =>
      played([
        ...[oracle(10, false), ...looked, scale(30, 2, 0), scale(35, 0, 2), deleteJob(48), oracle(62, true)],
        ...[dash(70), claim(84, true), ...mitigated(84, 22)],
      ]),
    says: [/wrong fix “shut the shop”/, /--replicas=2.* in no step; it puts back what/],
    never: [/“more replicas first/, /replicas=2.* (went on failing|is the wrong fix)/],
    card: ({ playbook }) => expect(playbook.extra).toBe(1),
  },
  {
    title: 'a change before the fix that did not help is told as that',
    game: () =>
      played([
        ...[oracle(10, false), ...looked],
        edit(
          30,
          'kubectl set env deployment edge -n shop A=b',
          [{ path: 'spec.x', from: 'a', to: 'b' }],
          'edge',
        ),
        ...[deleteJob(80), oracle(90, true), dash(95), claim(110, true), ...mitigated(110, 20)],
      ]),
    says: [
      /does not say whether `?kubectl set env deployment edge -n shop A=b`? would help: .* went on failing/,
    ],
  },
]);

truthTable('what was said', [
  {
    title: 'case G2: claims before anything was looked at, and the game ends by itself',
    game: () =>
      played([
        ...[
          oracle(5, false),
          claim(8, false),
          deleteJob(10),
          claim(11, false),
          claim(12, false),
          claim(24, false),
        ],
        ...[oracle(25, true), ...mitigated(49, 24)],
      ]),
    says: [
      '4 claims were made before the step verify; the first before any change.',
      'ended without an accepted claim',
      'No claim was accepted: the game ended by itself',
    ],
    never: [/way to verify|did not show/, /· verified \d/],
    card: ({ response }) =>
      expect(response.times.find(({ name }) => name === 'verified')).not.toHaveProperty('at'),
  },
  {
    title: 'a claim after the step verify was done: the step did not tell, with the values of that claim',
    game: () =>
      played([
        ...[oracle(5, false), ...looked, deleteJob(30), dash(35), claim(37, false)],
        ...[oracle(45, true), claim(60, true), ...mitigated(60, 15)],
      ]),
    says: ['Step verify was done, and did not show that the failure went on: fast: 2.68 s'],
    never: [/before the step verify/],
  },
  {
    title: 'a claim that the end of the game overtook was not refuted',
    game: () =>
      played([
        ...[oracle(5, false), ...looked],
        [60, { type: 'claimed', who: 'one', accepted: false, failing: [] }],
        [60, { type: 'ended', ending: 'aborted', why: 'one aborted the game' }],
      ]),
    says: ['the game ended before it was decided'],
    never: [/refuted|it was not\)|claim was made before/],
  },
  {
    title: 'case G8: a diagnosis before anything was opened',
    game: () =>
      played([
        ...[oracle(5, false), diagnosis(11, 'deployment/shop/checkout', 'config')],
        [240, { type: 'ended', ending: 'timed-out', why: 'the time was over' }],
      ]),
    says: [
      'The diagnosis (deployment/shop/checkout, config) was made before anything was opened; the origin was job.batch/batch/report-export.',
      'origin wrong (deployment/shop/checkout; it was job.batch/batch/report-export), mechanism wrong (config; it was load)',
    ],
    never: [/visible pointed/, /right diagnosis \d/],
  },
  {
    title: 'a wrong diagnosis after a look names what was opened before it, and nothing else',
    game: () =>
      played([
        ...[oracle(5, false), dash(8), diagnosis(11, 'deployment/shop/checkout', 'load'), getAll(20)],
        [240, { type: 'ended', ending: 'timed-out', why: 'the time was over' }],
      ]),
    says: [/came after `?open dashboard shop-overview`?; the origin was/],
    never: [/came after .*get pods/, /before anything/],
  },
  {
    title: 'case G9: right origin, wrong mechanism',
    game: () =>
      played([
        ...[oracle(5, false), ...looked, diagnosis(33, origin, 'config')],
        ...[deleteJob(40), oracle(50, true), dash(55), claim(70, true), ...mitigated(70, 20)],
      ]),
    says: ['origin right at 33 s, mechanism wrong (config; it was load)', 'origin right, mechanism wrong'],
    never: [/right diagnosis \d/, /config \(right\)/],
    card: ({ response }) => {
      expect(response.times.find(({ name }) => name === 'diagnosed')).not.toHaveProperty('at');
      expect(response.diagnosis.tries[0]).toMatchObject({ originRight: true, mechanismRight: false });
    },
  },
  {
    title: 'mechanism right and origin wrong',
    game: () =>
      played([
        ...[oracle(5, false), ...looked, diagnosis(33, 'deployment/shop/edge', 'load')],
        [240, { type: 'ended', ending: 'timed-out', why: 'the time was over' }],
      ]),
    says: [
      /origin wrong \(deployment\/shop\/edge; it was job\.batch\/batch\/report-export\), mechanism right at 33 s/,
    ],
    never: [/right diagnosis \d/],
  },
  {
    title:
      'several diagnoses of which only the last is right; one names the origin alone, then the mechanism',
    game: () =>
      played([
        ...[oracle(5, false), ...looked, diagnosis(30, 'deployment/shop/edge', 'config')],
        ...[diagnosis(40, origin, undefined), diagnosis(52, undefined, 'load')],
        [240, { type: 'ended', ending: 'timed-out', why: 'the time was over' }],
      ]),
    says: [/right diagnosis 52 s/, 'origin right, no mechanism named', 'no origin named, mechanism right'],
  },
  {
    title: 'a right diagnosis that was given up is none; two people are told apart',
    game: () =>
      played([
        ...[
          oracle(5, false),
          ...looked,
          diagnosis(30, origin, 'load'),
          diagnosis(40, 'deployment/shop/edge', 'load'),
        ],
        diagnosis(50, origin, 'config', 'other'),
        [240, { type: 'ended', ending: 'timed-out', why: 'the time was over' }],
      ]),
    says: [/diagnosis: job\.batch\/batch\/report-export, config: .*\(other\)/, 'Took part: one, other.'],
    never: [/right diagnosis \d/],
  },
  {
    title: 'case G12: a hint that was taken at once was not needed; one after a look asks the playbook',
    game: () =>
      played([
        [12, { type: 'hint-taken', who: 'one', index: 0, text: 'Nothing was deployed.' }],
        ...[oracle(5, false), ...looked],
        [40, { type: 'hint-taken', who: 'one', index: 1, text: 'Compare.' }],
        [240, { type: 'ended', ending: 'timed-out', why: 'the time was over' }],
      ]),
    says: ['A hint was taken 40 s after the injection', '2 hints'],
    never: [/hints? (was|were) needed/],
  },
  {
    title: 'a look at the origin in no step is a candidate for the playbook',
    game: () => played([...lookedFirst({}), ...[diagnosis(40, origin, 'load')], ...mended]),
    says: [/kubectl get .*looked at the origin before it was diagnosed and is in no step/],
    never: [],
  },
  ...[
    { why: 'that is of another kind', request: { resource: 'configmaps', group: '' } },
    { why: 'that there was not', request: { status: 404 } },
  ].map(({ why, request: other }) => ({
    title: `a look at something of the origin's name ${why} is none at the origin`,
    game: () => played([...lookedFirst(other), ...[diagnosis(40, origin, 'load')], ...mended]),
    says: [/kubectl get job report-export -w/],
    never: [/looked at the origin/],
  })),
]);
