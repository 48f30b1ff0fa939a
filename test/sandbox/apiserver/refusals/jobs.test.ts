/** Wrong Jobs and CronJobs, in the words of pkg/apis/batch/validation. */
import { expect, it } from 'vitest';
import { pods, refusalOf, refusalOfChange } from './refused.ts';

const template = pods({ restartPolicy: 'Never' }, { labels: {} });
const job = (spec: object = {}) => ({ kind: 'Job', spec: { template, ...spec } });
const cronJob = (spec: object = {}) => ({
  kind: 'CronJob',
  spec: { schedule: '* * * * *', jobTemplate: { spec: { template } }, ...spec },
});
const indexed = { completionMode: 'Indexed', completions: 3 };
const rule = (more: object) => ({ podFailurePolicy: { rules: [more] } });
const onExit = (more: object) =>
  rule({ action: 'Ignore', onExitCodes: { operator: 'In', values: [1], ...more } });
const codes = 'spec.podFailurePolicy.rules[0].onExitCodes';

it.each([
  [{ parallelism: -1 }, 'spec.parallelism: Invalid value: -1: must be greater than or equal to 0'],
  [{ backoffLimit: -1 }, 'spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0'],
  [
    { ttlSecondsAfterFinished: -1 },
    'spec.ttlSecondsAfterFinished: Invalid value: -1: must be greater than or equal to 0',
  ],
  [
    { completionMode: 'Random' },
    'spec.completionMode: Unsupported value: "Random": supported values: "NonIndexed", "Indexed"',
  ],
  [
    { completionMode: 'Indexed', parallelism: 1 },
    'spec.completions: Required value: when completion mode is Indexed',
  ],
  [
    { ...indexed, parallelism: 100_001 },
    'spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed',
  ],
  [
    { backoffLimitPerIndex: 1 },
    'spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode',
  ],
  [
    { ...indexed, maxFailedIndexes: 1 },
    'spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified',
  ],
  [
    { ...indexed, backoffLimitPerIndex: 1, maxFailedIndexes: 4 },
    'spec.maxFailedIndexes: Invalid value: 4: must be less than or equal to completions',
  ],
  [
    { managedBy: 'me' },
    'spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")',
  ],
  [
    { podReplacementPolicy: 'Never' },
    'spec.podReplacementPolicy: Unsupported value: "Never": supported values: "Failed", "TerminatingOrFailed"',
  ],
  [
    rule({ onExitCodes: { operator: 'In', values: [1] } }),
    'spec.podFailurePolicy.rules[0].action: Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"]',
  ],
  [
    rule({ action: 'Ignore' }),
    'spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required',
  ],
  [
    rule({ action: 'FailIndex', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }),
    'spec.podFailurePolicy.rules[0].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set',
  ],
  [
    rule({ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'Maybe' }] }),
    'spec.podFailurePolicy.rules[0].onPodConditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"',
  ],
  [onExit({ values: [] }), `${codes}.values: Invalid value: []: at least one value is required`],
  [onExit({ values: [0] }), `${codes}.values[0]: Invalid value: 0: must not be 0 for the In operator`],
  [onExit({ values: [2, 1] }), `${codes}.values: Invalid value: [2,1]: must be ordered`],
  [onExit({ values: [1, 1] }), `${codes}.values[1]: Duplicate value: 1`],
  [
    onExit({ containerName: 'other' }),
    `${codes}.containerName: Invalid value: "other": must be one of the container or initContainer names in the pod template`,
  ],
  [
    { ...onExit({}), template: pods({ restartPolicy: 'OnFailure' }) },
    'spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified',
  ],
  [
    { template: pods({ restartPolicy: 'Always' }) },
    'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
  ],
  [
    { ...indexed, successPolicy: { rules: [] } },
    'spec.successPolicy.rules: Required value: at least one rules must be specified when the successPolicy is specified',
  ],
  [
    { ...indexed, successPolicy: { rules: [{ succeededCount: 4 }] } },
    'spec.successPolicy.rules[0].succeededCount: Invalid value: 4: must be less than or equal to 3 (the number of specified completions)',
  ],
  [
    { ...indexed, successPolicy: { rules: [{ succeededIndexes: '1-7' }] } },
    'spec.successPolicy.rules[0].succeededIndexes: Invalid value: "1-7": error parsing succeededIndexes: too large index: "7"',
  ],
  [
    { ...indexed, successPolicy: { rules: [{ succeededIndexes: '1,0' }] } },
    'non-increasing order, previous: 1, current: 0',
  ],
  [
    { manualSelector: true, selector: { matchLabels: { a: 'b' } } },
    '`selector` does not match template `labels`',
  ],
])('a Job with %j is refused', (spec, why) => {
  expect(refusalOf(job(spec))).toContain(why);
});

it('the last Pod of an Indexed Job must have a name that is one', () => {
  const name = 'j'.repeat(62);
  expect(refusalOf({ ...job(indexed), metadata: { name } })).toBe(
    `metadata.name: Invalid value: "${name}": will not able to create pod with invalid DNS label: ${name}-2`,
  );
});

it.each([
  ['completions', 2, 'spec.completions: Invalid value: 2: field is immutable'],
  ['completionMode', 'Indexed', 'spec.completionMode: Invalid value: "Indexed": field is immutable'],
  ['selector', { matchLabels: { a: 'b' } }, 'spec.selector: Invalid value'],
  ['managedBy', 'a.example/b', 'spec.managedBy: Invalid value: "a.example/b": field is immutable'],
  ['template', pods({ restartPolicy: 'OnFailure' }), 'spec.template: Invalid value'],
])('the %s of a Job stays', (field, value, why) => {
  const right = job({ completions: 1, parallelism: 1 });
  expect(refusalOfChange(right, ({ spec }) => Object.assign(spec, { [field]: value }))).toContain(why);
});

it('an Indexed Job grows with its parallelism, and only so', () => {
  const right = job({ ...indexed, parallelism: 3 });
  expect(refusalOfChange(right, ({ spec }) => Object.assign(spec, { completions: 5, parallelism: 5 }))).toBe(
    'accepted',
  );
  expect(refusalOfChange(right, ({ spec }) => Object.assign(spec, { completions: 5 }))).toBe(
    'spec.completions: Invalid value: 5: can only be modified in tandem with spec.parallelism',
  );
});

it('where the Pods of a Job go may change before it first starts, and what they run may not', () => {
  const right = job({ suspend: true });
  const changed = (more: object) =>
    refusalOfChange(right, ({ spec }) => Object.assign(spec.template.spec, more));
  expect(changed({ nodeSelector: { zone: 'a' } })).toBe('accepted');
  expect(changed({ restartPolicy: 'OnFailure' })).toContain('spec.template: Invalid value');
});

it.each([
  [
    { schedule: '61 * * * *' },
    'spec.schedule: Invalid value: "61 * * * *": end of range (61) above maximum (59): 61',
  ],
  [{ schedule: 'TZ=UTC * * * * *' }, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'],
  [{ timeZone: 'Mars/Base' }, 'spec.timeZone: Invalid value: "Mars/Base": unknown time zone Mars/Base'],
  [
    { timeZone: 'Local' },
    'spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
  ],
  [
    { concurrencyPolicy: 'Maybe' },
    'spec.concurrencyPolicy: Unsupported value: "Maybe": supported values: "Allow", "Forbid", "Replace"',
  ],
  [
    { startingDeadlineSeconds: -1 },
    'spec.startingDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0',
  ],
  [
    { jobTemplate: { spec: { template, manualSelector: true } } },
    'spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"',
  ],
  [
    { jobTemplate: { spec: { template, selector: { matchLabels: { a: 'b' } } } } },
    'spec.jobTemplate.spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: `selector` will be auto-generated',
  ],
])('a CronJob with %j is refused', (spec, why) => {
  expect(refusalOf(cronJob(spec))).toContain(why);
});
