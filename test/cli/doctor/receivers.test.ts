import { expect, it } from 'vitest';
import { readAlertmanagerConfig } from '../../../src/alerting/config.ts';
import { type Expectation, receiverFindings } from '../../../src/cli/commands/doctor/receivers.ts';
import type { AlertRule } from '../../../src/signal/series.ts';

const routes = readAlertmanagerConfig(
  `
route:
  receiver: everything
  routes:
    - { matchers: [owner="checkout"], receiver: checkout }
    - { matchers: [owner="nobody"], receiver: blackhole }
    - { matchers: [namespace="shop", severity="page"], receiver: pager, mute_time_intervals: [night] }
receivers:
  - { name: everything, email_configs: [{ to: a }] }
  - { name: checkout, slack_configs: [{ channel: a }] }
  - { name: blackhole }
  - { name: pager, webhook_configs: [{ url: a }] }
`,
  { isForeign: true },
);

function rule(name: string, labels: Record<string, string>): AlertRule {
  return {
    ...{ name, labels, group: 'g', file: 'f', query: 'up', for: 0, keepFiringFor: 0, interval: 15 },
    ...{ annotations: {}, health: 'ok' },
  };
}

const expected = (name: string, more: Partial<Expectation> = {}): Expectation => ({
  ...{ scenario: 'haymaker', name, or: [] },
  ...more,
});
const seen = (expectations: Expectation[], rules: AlertRule[], isSandbox = false) =>
  receiverFindings(expectations, rules, routes, { isSandbox }).map((one) => [one.state, one.seen]);

it('names each receiver once, with all alerts that lead there', () => {
  const rules = [rule('Slow', { owner: 'checkout' }), rule('Full', { owner: 'checkout' }), rule('Other', {})];
  expect(seen([expected('Slow'), expected('Wide', { or: ['Full'] })], rules)).toEqual([
    ['ok', 'checkout (slack) is notified of Slow, Full'],
  ]);
});

it('warns where an alert ends with nobody, or where no route takes it', () => {
  const rules = [rule('Lost', { owner: 'nobody' }), rule('Stray', { owner: 'edge', namespace: 'x' })];
  expect(seen([expected('Lost'), expected('Stray')], rules)).toEqual([
    ['warning', 'receiver blackhole has no integration: nobody is notified of Lost'],
    ['warning', expect.stringMatching(/^everything \(email\) is notified of Stray: no route matches it/)],
  ]);
});

it('says on which labels it hangs that only the series bring, those that a rule fills in included', () => {
  const rules = [rule('Slow', { owner: '{{ $labels.team }}', severity: 'page' })];
  expect(seen([expected('Slow')], rules)[0]?.[1]).toContain('Slow (also depends on owner, namespace)');
  expect(
    seen([expected('Slow')], [rule('Slow', { owner: '', namespace: 'shop', severity: 'page' })]),
  ).toEqual([['ok', 'pager (webhook) is notified of Slow, not at all times']]);
});

it('warns where a scenario expects another receiver', () => {
  const rules = [rule('Slow', { owner: 'checkout' })];
  expect(seen([expected('Slow', { receiver: 'checkout' })], rules)).toHaveLength(1);
  expect(seen([expected('Slow', { receiver: 'pager' })], rules)[1]).toEqual([
    ...['warning', 'haymaker expects pager to be notified of Slow; it is routed to checkout'],
  ]);
});

it('does not miss addresses in a sandbox, whose receivers have none', () => {
  expect(seen([expected('Lost')], [rule('Lost', { owner: 'nobody' })], true)).toEqual([
    ['ok', 'blackhole (without an address) is notified of Lost'],
  ]);
});
