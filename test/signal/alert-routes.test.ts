import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAlertmanagerConfig } from '../../src/sandbox/monitor/alertmanager/config.ts';
import { routesFor } from '../../src/sandbox/monitor/alertmanager/route.ts';
import { LabelSet } from '../../src/sandbox/monitor/tsdb/labels.ts';
import { destinationsOf, readAlertRoutes } from '../../src/signal/alert-routes.ts';

const config = `
global: { slack_api_url: https://hooks.example/hush-hush }
route:
  receiver: everything
  group_by: [alertname]
  routes:
    - matchers: [team="shop"]
      receiver: shop
      continue: true
      routes:
        - { matchers: ['severity =~ "page|critical"', 'drill != "yes"'], receiver: shop-pager }
        - { matchers: ['{severity="info"}'], receiver: nobody }
        - { matchers: [severity="warning"] }
    - matchers: ['{"app.kubernetes.io/part of"="till", region!~"eu-.*"}']
      receiver: till
    - { match: { severity: page }, receiver: pager, active_time_intervals: [office] }
    - { match_re: { alertname: '(?i)DISK.*|node.+' }, receiver: hosts }
receivers:
  - { name: everything, email_configs: [{ to: all@example.com }] }
  - { name: shop, slack_configs: [{ channel: '#shop' }], webhook_configs: [{ url: https://hooks.example/secret }] }
  - { name: shop-pager, pagerduty_configs: [{ routing_key: 0123456789abcdef }] }
  - { name: till, webhook_configs: [] }
  - { name: pager, opsgenie_configs: [{ api_key: hush-hush }] }
  - { name: hosts, msteams_configs: [{ webhook_url: https://hooks.example/secret }] }
  - { name: nobody }
`;
const routes = readAlertRoutes(config);
const told = (labels: Record<string, string>) =>
  destinationsOf(routes, labels).destinations.map(({ receiver }) => receiver);

describe('the routes of an alert', () => {
  it.each([
    ['goes to the root where no route takes it', { alertname: 'A' }, ['everything']],
    ['goes to the deepest route', { team: 'shop', severity: 'critical' }, ['shop-pager']],
    ['goes on after continue', { team: 'shop', severity: 'page' }, ['shop-pager', 'pager']],
    [
      'counts a label that is not there as empty',
      { team: 'shop', severity: 'page', drill: '' },
      ['shop-pager', 'pager'],
    ],
    ['stays with a parent whose children do not take it', { team: 'shop', severity: 'none' }, ['shop']],
    [
      'stays with a parent where a negated matcher fails',
      { team: 'shop', severity: 'page', drill: 'yes' },
      ['shop', 'pager'],
    ],
    ['inherits the receiver', { team: 'shop', severity: 'warning' }, ['shop']],
    [
      'knows quoted labels of any characters',
      { 'app.kubernetes.io/part of': 'till', region: 'us' },
      ['till'],
    ],
    ['wants every matcher', { 'app.kubernetes.io/part of': 'till', region: 'eu-1' }, ['everything']],
    ['anchors expressions', { alertname: 'NoDisk' }, ['everything']],
    ['knows match_re', { alertname: 'DiskFull' }, ['hosts']],
  ])('%s', (_, labels, receivers) => {
    expect(told(labels as Record<string, string>)).toEqual(receivers);
  });

  it('tells who has no integration, what is only the default, and what is not for all times', () => {
    const about = (labels: Record<string, string>) => destinationsOf(routes, labels).destinations[0];
    const all = { isDefault: false, isTimed: false };
    expect(about({ team: 'shop' })).toEqual({ receiver: 'shop', integrations: ['slack', 'webhook'], ...all });
    expect(about({ team: 'shop', severity: 'info' })).toEqual({
      receiver: 'nobody',
      integrations: [],
      ...all,
    });
    expect(about({ 'app.kubernetes.io/part of': 'till' })).toMatchObject({ integrations: [] });
    expect(about({})).toEqual({
      receiver: 'everything',
      integrations: ['email'],
      isDefault: true,
      isTimed: false,
    });
    expect(about({ severity: 'page' })).toMatchObject({ receiver: 'pager', isTimed: true });
    const only = readAlertRoutes('route: { receiver: one }\nreceivers: [{ name: one }]');
    expect(destinationsOf(only, {}).destinations).toEqual([{ receiver: 'one', integrations: [], ...all }]);
  });

  it('tells by which time intervals a route says nothing at a time', () => {
    const timed = readAlertRoutes(`${config}
time_intervals:
  - { name: office, time_intervals: [{ weekdays: ['monday:friday'], times: [{ start_time: '09:00', end_time: '17:00' }], location: Europe/Berlin }] }
`);
    const mutedAt = (time: string) =>
      destinationsOf(timed, { severity: 'page' }, Date.parse(time)).destinations[0]?.mutedBy;
    expect(mutedAt('2026-01-01T08:30:00Z')).toEqual([]);
    expect(mutedAt('2026-01-01T16:30:00Z')).toEqual(['office']);
    expect(mutedAt('2026-01-03T10:00:00Z')).toEqual(['office']);
    expect(() =>
      readAlertRoutes(`${config}\ntime_intervals: [{ name: x, time_intervals: [{ months: [13] }] }]`),
    ).toThrow('Expected a month');
  });

  it('tells on which labels it hangs that are not known', () => {
    expect(destinationsOf(routes, { alertname: 'A', team: 'shop', severity: 'page' }).asked).toEqual([
      ...['drill', 'app.kubernetes.io/part of'],
    ]);
    expect(destinationsOf(routes, { alertname: 'A', severity: 'none' }).asked).toEqual([
      'team',
      'app.kubernetes.io/part of',
    ]);
  });

  it('keeps nothing of a configuration but receivers and matchers', () => {
    expect(JSON.stringify([routes.root, [...routes.integrations]])).not.toMatch(
      /hush|secret|0123456789abcdef|example/,
    );
  });

  it.each([
    ['is not YAML', 'route: [hush-hush', 'It is not YAML.'],
    ['has no route', 'receivers: [{ name: hush-hush }]', 'Expected another value for route.'],
    ['is empty', '', 'Expected another value for the whole.'],
    [
      'has an expression that RE2 does not have',
      "route: { receiver: a, routes: [{ match_re: { a: '(?=b)' } }] }\nreceivers: [{ name: hush-hush }]",
      'error parsing regexp: invalid or unsupported Perl syntax: `(?=`',
    ],
    [
      'has a broken matcher',
      "route: { receiver: a, routes: [{ matchers: ['a b'] }] }\nreceivers: []",
      'Expected matchers such as owner="checkout", got a b',
    ],
  ])('says what is not understood where a configuration %s, and quotes nothing else', (_, text, why) => {
    const read = () => readAlertRoutes(text);
    expect(read).toThrow(
      expect.objectContaining({ code: 'unreadable-routes', message: expect.stringContaining(why) }),
    );
    expect(read).not.toThrow(/hush/);
  });
});

/** Random trees: `amtool` agrees with the sandbox's Alertmanager in test/slow/monitor/alertmanager.test.ts, and this with both. */
describe('any tree of routes', () => {
  const label = fc.constantFrom('a', 'b', 'c');
  const value = fc.constantFrom('', 'x', 'y', 'x|y', 'x.*');
  const matcher = fc
    .tuple(label, fc.constantFrom('=', '!=', '=~', '!~'), value)
    .map(([name, operator, text]) => `${name}${operator}"${text}"`);
  const receiver = fc.constantFrom('one', 'two', 'three');
  const { route } = fc.letrec((tie) => ({
    route: fc.record(
      {
        matchers: fc.array(matcher, { maxLength: 2 }),
        receiver,
        continue: fc.boolean(),
        routes: fc.array(tie('route'), { maxLength: 3, depthIdentifier: 'routes' }),
        match: fc.dictionary(label, fc.constantFrom('x', 'y'), { maxKeys: 1 }),
        match_re: fc.dictionary(label, value, { maxKeys: 1 }),
      },
      { requiredKeys: ['matchers'] },
    ),
  }));

  it('leads every alert to whom the embedded Alertmanager would tell', () => {
    const labels = fc.dictionary(label, fc.constantFrom('', 'x', 'y', 'xy'));
    fc.assert(
      fc.property(fc.array(route, { maxLength: 4 }), labels, (children, alert) => {
        const text = JSON.stringify({
          route: { receiver: 'root', routes: children },
          receivers: ['root', 'one', 'two', 'three'].map((name) => ({ name })),
        });
        const theirs = routesFor(readAlertmanagerConfig(text, 'a.yml', 1).route, LabelSet.from(alert));
        const ours = destinationsOf(readAlertRoutes(text), alert).destinations;
        expect(ours.map((one) => one.receiver)).toEqual(theirs.map((one) => one.receiver));
      }),
      { numRuns: 200 },
    );
  });
});
