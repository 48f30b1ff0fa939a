import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AlertmanagerConfigError, type Route, readAlertmanagerConfig } from '../../src/alerting/config.ts';
import { destinationsOf } from '../../src/alerting/destinations.ts';
import { matchesAll } from '../../src/alerting/matcher.ts';
import { routesFor } from '../../src/alerting/route.ts';
import { LabelSet } from '../../src/promql/series/labels.ts';

const readForeign = (text: string) => readAlertmanagerConfig(text, { isForeign: true });

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
const routes = readForeign(config);
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
    const only = readForeign('route: { receiver: one }\nreceivers: [{ name: one }]');
    expect(destinationsOf(only, {}).destinations).toEqual([{ receiver: 'one', integrations: [], ...all }]);
  });

  it('tells by which time intervals a route says nothing at a time', () => {
    const timed = readForeign(`${config}
time_intervals:
  - { name: office, time_intervals: [{ weekdays: ['monday:friday'], times: [{ start_time: '09:00', end_time: '17:00' }], location: Europe/Berlin }] }
`);
    const mutedAt = (time: string) =>
      destinationsOf(timed, { severity: 'page' }, Date.parse(time)).destinations[0]?.mutedBy;
    expect(mutedAt('2026-01-01T08:30:00Z')).toEqual([]);
    expect(mutedAt('2026-01-01T16:30:00Z')).toEqual(['office']);
    expect(mutedAt('2026-01-03T10:00:00Z')).toEqual(['office']);
    expect(() =>
      readForeign(`${config}\ntime_intervals: [{ name: x, time_intervals: [{ months: [13] }] }]`),
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
    expect(JSON.stringify(routes)).not.toMatch(/hush|secret|0123456789abcdef|example/);
  });

  it.each([
    ['is not YAML', 'route: [hush-hush', 'It is not valid YAML.'],
    [
      'has no route',
      'receivers: [{ name: hush-hush }]',
      'alertmanager.yml:1:1: route: Invalid input: expected',
    ],
    ['is empty', '', 'alertmanager.yml:1:1: the whole: Invalid input: expected'],
    [
      'has an expression that RE2 does not have',
      "route: { receiver: a, routes: [{ match_re: { a: '(?=b)' } }] }\nreceivers: [{ name: hush-hush }]",
      'error parsing regexp: invalid or unsupported Perl syntax: `(?=`',
    ],
    [
      'has a broken matcher',
      "route: { receiver: a, routes: [{ matchers: ['a b'] }] }\nreceivers: []",
      'bad matcher format: a b',
    ],
  ])('says what is not understood where a configuration %s, and quotes nothing else', (_, text, why) => {
    const read = () => readForeign(text);
    expect(read).toThrow(AlertmanagerConfigError);
    expect(read).toThrow(why);
    expect(read).not.toThrow(/hush/);
  });

  it('passes over what a newer Alertmanager has and this program does not know', () => {
    const newer = `
route: { receiver: a, group_wait: 0, invented: [1], routes: [{ receiver: gone, mute_time_intervals: [gone], invented: 1 }] }
receivers: [{ name: a, invented_configs: [{ send_resolved: sometimes }], labels: { a: b }, other: [1] }]
inhibit_rules: [{ source_matchers: [a=b], invented: 1 }]
invented: {}
`;
    expect(destinationsOf(readForeign(newer), {}).destinations).toMatchObject([{ receiver: 'gone' }]);
    expect(readForeign(newer).receivers[0]?.integrations.map(({ name }) => name)).toEqual(['invented']);
    expect(() => readAlertmanagerConfig(newer)).toThrow('Unrecognized key: "invented"');
  });
});

/** test/slow/monitor/alertmanager.test.ts has the real Alertmanager's word on trees. */
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

  const labels = fc.dictionary(label, fc.constantFrom('', 'x', 'y', 'xy'));

  /** Routes that take an alert, told from above: every matcher on the way holds, no earlier sibling stops it, no child goes on. */
  function takers(route: Route, alert: LabelSet): Route[] {
    const takes = ({ matchers }: Route) => matchesAll(matchers, alert);
    const paths = (node: Route, path: Route[]): Route[][] => [
      [...path, node],
      ...node.routes.flatMap((child) => paths(child, [...path, node])),
    ];
    const isStopped = (parent: Route, child: Route) =>
      parent.routes.slice(0, parent.routes.indexOf(child)).some((one) => takes(one) && !one.continues);
    return paths(route, [])
      .filter((path) =>
        path.every((node, depth) => takes(node) && !(depth > 0 && isStopped(path[depth - 1]!, node))),
      )
      .map((path) => path.at(-1)!)
      .filter((node) => !node.routes.some(takes));
  }

  it('leads every alert to those that take it, and however it is read to the same', () => {
    fc.assert(
      fc.property(fc.array(route, { maxLength: 4 }), labels, (children, alert) => {
        const text = JSON.stringify({
          route: { receiver: 'root', routes: children },
          receivers: ['root', 'one', 'two', 'three'].map((name) => ({ name })),
        });
        const own = readAlertmanagerConfig(text).route;
        const found = routesFor(own, LabelSet.from(alert));
        expect(found).toEqual(takers(own, LabelSet.from(alert)));
        const foreign = destinationsOf(readForeign(text), alert).destinations;
        expect(foreign.map((one) => one.receiver)).toEqual(found.map(({ receiver }) => receiver));
      }),
      { numRuns: 200 },
    );
  });
});
