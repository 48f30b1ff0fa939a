import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { AlertmanagerConfigError, readAlertmanagerConfig } from '../../src/alerting/config.ts';
import { parseMatcher, parseMatchers } from '../../src/alerting/matcher.ts';
import { routesFor } from '../../src/alerting/route.ts';
import { LabelSet } from '../../src/promql/series/labels.ts';
import { Alertmanager } from '../../src/sandbox/monitor/alertmanager/alertmanager.ts';
import { until } from '../sandbox/monitor/cluster.ts';
import { SteppedClock } from '../sandbox/monitor/stepped-clock.ts';

const CONFIG = `
route:
  receiver: platform
  group_by: [alertname]
  group_wait: 10s
  group_interval: 1m
  repeat_interval: 4h
  routes:
    - { matchers: ['owner="checkout"'], receiver: checkout }
    - { matchers: ['owner=~"edge|dns"'], receiver: edge, continue: true }
    - { matchers: ['severity="page"'], receiver: pager, group_by: ['...'] }
receivers: [{ name: platform }, { name: checkout }, { name: edge }, { name: pager }]
inhibit_rules:
  - { source_matchers: ['severity="critical"'], target_matchers: ['severity="warning"'], equal: [app] }
`;

function running(config = CONFIG, speed = 1) {
  const clock = new SteppedClock();
  const alertmanager = new Alertmanager(readAlertmanagerConfig(config, { speed }), {
    clock,
    signal: new AbortController().signal,
  });
  const fire = (labels: Record<string, string>, seconds = 3600) =>
    alertmanager.receive([
      {
        labels: LabelSet.from({ alertname: 'Slow', ...labels }),
        annotations: { summary: 'slow' },
        generatorURL: '',
        startsAt: clock.now(),
        endsAt: clock.now() + seconds * 1000,
      },
    ]);
  const told = () =>
    alertmanager.delivered().map(({ receiver, time, payload }) => ({
      receiver,
      after: (time - 1_767_225_600_000) / 1000,
      status: payload.status,
      alerts: payload.alerts.length,
    }));
  const counted = (receiver: string) =>
    alertmanager
      .metrics()
      .find(
        ({ labels }) =>
          labels.get('__name__') === 'alertmanager_notifications_total' &&
          labels.get('receiver') === receiver,
      )?.value;
  return { clock, alertmanager, fire, told, counted };
}

describe('routing', () => {
  const { route } = readAlertmanagerConfig(CONFIG);
  test.each([
    [{ owner: 'checkout', severity: 'page' }, ['checkout']],
    [{ owner: 'dns', severity: 'page' }, ['edge', 'pager']],
    [{ owner: 'edges' }, ['platform']],
    [{}, ['platform']],
  ])('%o goes to %s', (labels, expected) => {
    expect(
      routesFor(route, LabelSet.from(labels as Record<string, string>)).map(({ receiver }) => receiver),
    ).toEqual(expected);
  });
});

describe('notifying', () => {
  test('waits for the group, tells once, and tells again when it is over', async () => {
    const { clock, fire, told, counted } = running();
    expect(counted('checkout')).toBe(0);
    fire({ owner: 'checkout' });
    await clock.advance(9000);
    expect(told()).toEqual([]);
    await clock.advance(1000);
    expect(told()).toEqual([{ receiver: 'checkout', after: 10, status: 'firing', alerts: 1 }]);
    await clock.advance(300_000);
    expect(counted('checkout')).toBe(1);
    fire({ owner: 'checkout' }, 0);
    await clock.advance(60_000);
    expect(told().at(-1)).toEqual({ receiver: 'checkout', after: 370, status: 'resolved', alerts: 1 });
    await clock.advance(3_600_000);
    expect(counted('checkout')).toBe(2);
  });

  test('a second alert of the group waits for the group interval', async () => {
    const { clock, fire, told } = running();
    fire({ pod: '1' });
    await clock.advance(20_000);
    fire({ pod: '2' });
    await clock.advance(60_000);
    expect(told().map(({ after, alerts }) => [after, alerts])).toEqual([
      [10, 1],
      [70, 2],
    ]);
  });

  test('an alert that resolves before the group wait is over is never told', async () => {
    const { clock, fire, told } = running();
    fire({ pod: '1' });
    await clock.advance(5000);
    fire({ pod: '1' }, 0);
    await clock.advance(600_000);
    expect(told()).toEqual([]);
  });

  test('what goes on is repeated after the repeat interval', async () => {
    const { clock, fire, told } = running();
    fire({ pod: '1' }, 24 * 3600);
    await clock.advance(5 * 3_600_000);
    expect(told().map(({ after }) => after)).toEqual([10, 10 + 4 * 3600]);
  });

  test('speed shortens every wait', async () => {
    const { clock, fire, told } = running(CONFIG, 10);
    fire({});
    await clock.advance(1000);
    expect(told().map(({ after }) => after)).toEqual([1]);
  });

  test('group_by ... tells each alert by itself', async () => {
    const { clock, fire, told } = running();
    fire({ severity: 'page', pod: '1' });
    fire({ severity: 'page', pod: '2' });
    await clock.advance(10_000);
    expect(told().map(({ receiver, alerts }) => [receiver, alerts])).toEqual([
      ['pager', 1],
      ['pager', 1],
    ]);
  });

  test('the embedded receiver gets the payload that webhooks get', async () => {
    const { clock, fire, alertmanager } = running();
    fire({ pod: '1', app: 'a' });
    fire({ pod: '2', app: 'a' });
    await clock.advance(10_000);
    expect(JSON.parse(JSON.stringify(alertmanager.delivered()[0]!.payload))).toMatchObject({
      version: '4',
      status: 'firing',
      receiver: 'platform',
      groupLabels: { alertname: 'Slow' },
      commonLabels: { alertname: 'Slow', app: 'a' },
      commonAnnotations: { summary: 'slow' },
      truncatedAlerts: 0,
      alerts: [
        { status: 'firing', labels: { pod: '1' }, endsAt: '0001-01-01T00:00:00Z' },
        { labels: { pod: '2' } },
      ],
    });
  });
});

describe('another configuration', () => {
  const tidied = CONFIG.replace('receiver: checkout }', 'receiver: platform }');

  test('routes what fires anew, and tells nobody twice', async () => {
    const { clock, alertmanager, fire, told } = running(tidied);
    fire({ owner: 'checkout' });
    fire({ owner: 'edge' });
    await clock.advance(20_000);
    alertmanager.reload(readAlertmanagerConfig(CONFIG));
    await clock.advance(60_000);
    expect(told().map(({ receiver, after }) => [receiver, after])).toEqual([
      ['platform', 10],
      ['edge', 10],
      // It has fired for longer than the group wait.
      ['checkout', 20],
    ]);
    const groups = alertmanager.groups().map(({ route }) => route.receiver);
    expect(groups.sort()).toEqual(['checkout', 'edge']);
  });

  test('leaves the end of an alert to be told by its route', async () => {
    const { clock, alertmanager, fire, told } = running();
    fire({ owner: 'edge' });
    await clock.advance(20_000);
    fire({ owner: 'edge' }, 0);
    alertmanager.reload(readAlertmanagerConfig(tidied));
    await clock.advance(120_000);
    expect(told().map(({ receiver, status }) => [receiver, status])).toEqual([
      ['edge', 'firing'],
      ['edge', 'resolved'],
    ]);
  });
});

describe('silences', () => {
  const silence = (clock: SteppedClock, seconds: number) => ({
    matchers: [{ name: 'pod', value: '1|2', isRegex: true, isEqual: true }],
    startsAt: new Date(clock.now()).toISOString(),
    endsAt: new Date(clock.now() + seconds * 1000).toISOString(),
    createdBy: 'me',
    comment: 'known',
  });

  test('keep an alert from being told until they end', async () => {
    const { clock, fire, told, alertmanager } = running();
    const id = alertmanager.silences.put(silence(clock, 100), clock.now());
    fire({ pod: '1' });
    expect(alertmanager.status(alertmanager.store.firing(clock.now())[0]!)).toMatchObject({
      state: 'suppressed',
      silencedBy: [id],
    });
    await clock.advance(99_000);
    expect(told()).toEqual([]);
    await clock.advance(60_000);
    expect(told().map(({ after }) => after)).toEqual([130]);
  });

  test('can be ended early, stay listed as expired, and refuse nonsense', () => {
    const { clock, alertmanager } = running();
    const { silences } = alertmanager;
    const id = silences.put(silence(clock, 100), clock.now());
    expect(silences.get(id, clock.now())).toMatchObject({ id, status: { state: 'active' }, createdBy: 'me' });
    silences.expire(id, clock.now());
    expect(silences.list([], clock.now())).toMatchObject([{ id, status: { state: 'expired' } }]);
    expect(() => silences.expire('nope', clock.now())).toThrow('silence nope not found');
    expect(() => silences.put({ ...silence(clock, 1), matchers: [] }, clock.now())).toThrow(
      'silence invalid',
    );
    expect(() => silences.put(silence(clock, -1), clock.now())).toThrow('start time must be before end time');
  });
});

describe('time intervals', () => {
  /** The clock begins on Thursday, 1 January 2026, 00:00 UTC. */
  const timed = (route: string) => `
route: { receiver: day, group_wait: 10s, group_interval: 1m, group_by: [alertname], routes: [{ receiver: night, ${route} }] }
receivers: [{ name: day }, { name: night }]
time_intervals:
  - name: early
    time_intervals: [{ times: [{ start_time: '00:00', end_time: '01:00' }], weekdays: ['monday:friday'] }]
  - { name: weekend, time_intervals: [{ weekdays: [saturday, sunday] }] }
`;

  test('mute a route, which tells what still is when they end', async () => {
    const { clock, fire, told, alertmanager } = running(timed('mute_time_intervals: [early, weekend]'));
    fire({}, 7200);
    await clock.advance(59 * 60_000);
    expect(told()).toEqual([]);
    expect(alertmanager.status(alertmanager.store.firing(clock.now())[0]!).mutedBy).toEqual(['early']);
    await clock.advance(3 * 60_000);
    expect(told()).toMatchObject([{ receiver: 'night', status: 'firing' }]);
    expect(alertmanager.status(alertmanager.store.firing(clock.now())[0]!).mutedBy).toEqual([]);
  });

  test('let a route speak only while they hold', async () => {
    const { clock, fire, told } = running(timed('active_time_intervals: [weekend]'));
    fire({}, 3 * 86_400);
    await clock.advance(47 * 3_600_000);
    expect(told()).toEqual([]);
    await clock.advance(3_700_000);
    expect(told()).toMatchObject([{ receiver: 'night' }]);
  });

  test('that are not there, or on the root, are refused', () => {
    const read = (text: string) => () => readAlertmanagerConfig(text);
    expect(read(timed('mute_time_intervals: [late]'))).toThrow('Expected time interval "late" to be defined');
    expect(read('route: { receiver: a, mute_time_intervals: [x] }\nreceivers: [{ name: a }]')).toThrow(
      'Expected a root route without time intervals',
    );
    expect(
      read(
        'route: { receiver: a }\nreceivers: [{ name: a }]\ntime_intervals: [{ name: x, time_intervals: [{ weekdays: [someday] }] }]',
      ),
    ).toThrow('Expected a weekday');
  });
});

test('a warning is inhibited by the critical alert of the same app only', async () => {
  const { clock, fire, told } = running();
  fire({ alertname: 'Down', severity: 'critical', app: 'a' });
  fire({ alertname: 'Slow', severity: 'warning', app: 'a' });
  fire({ alertname: 'Slow', severity: 'warning', app: 'b' });
  await clock.advance(10_000);
  expect(told().map(({ alerts }) => alerts)).toEqual([1, 1]);
});

describe('webhooks', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.close();
    server?.closeAllConnections();
  });

  test('are posted to; one that fails is counted and tried again', async () => {
    const bodies: string[] = [];
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        bodies.push(body);
        response.writeHead(bodies.length === 1 ? 500 : 200).end();
      });
    });
    await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    const { clock, fire, alertmanager } = running(
      `route: { receiver: hook, group_wait: 1s, group_interval: 10s }\nreceivers: [{ name: hook, webhook_configs: [{ url: '${url}' }] }]\n`,
    );
    const metric = (name: string) =>
      alertmanager
        .metrics()
        .find(({ labels }) => labels.get('__name__') === `alertmanager_notifications_${name}`)!.value;
    fire({});
    await clock.advance(1000);
    await until(() => metric('failed_total') === 1, 'a failed notification');
    await clock.advance(10_000);
    await until(() => metric('total') === 2, 'a second try');
    expect(metric('failed_total')).toBe(1);
    expect(JSON.parse(bodies[1]!)).toMatchObject({ receiver: 'hook', status: 'firing' });
  });
});

test('matchers are read with and without quotes', () => {
  expect(parseMatcher('owner=~"a|b"')).toMatchObject({ name: 'owner', op: '=~', value: 'a|b' });
  expect(parseMatcher(' owner != checkout ')).toMatchObject({ name: 'owner', op: '!=', value: 'checkout' });
  expect(parseMatchers('{a="x,y", b!~"z"}').map(({ name, value }) => [name, value])).toEqual([
    ['a', 'x,y'],
    ['b', 'z'],
  ]);
  expect(parseMatcher('"app.kubernetes.io/name"="a \\"b\\" \\\\ \\d"')).toMatchObject({
    name: 'app.kubernetes.io/name',
    value: 'a "b" \\ \\d',
  });
  for (const text of ['nonsense', 'a="b', 'a=b"', 'a="b" c', '="b"'])
    expect(() => parseMatchers(text), text).toThrow('bad matcher format');
});

test.each([
  ['route: {}\nreceivers: []', 'Expected the root route to name a receiver'],
  ['route: { receiver: a }\nreceivers: []', 'Expected receiver "a" to be defined'],
  [
    'route: { receiver: a, group_wait: soon }\nreceivers: [{name: a}]',
    'f.yml:1:35: route.group_wait: Expected a duration',
  ],
  ['route: { receiver: a, mute_time_intervals: [x] }\nreceivers: [{name: a}]', 'without time intervals'],
  ['route: [', 'f.yml:1:9'],
  [
    'route: { receiver: a, surprise: 1 }\nreceivers: [{ name: a }]',
    'f.yml:1:8: route: Unrecognized key: "surprise"',
  ],
  [
    'route: { receiver: a }\nreceivers: [{ name: a, pager: [] }]',
    'f.yml:2:13: receivers.0: Expected a name and lists',
  ],
  ['route: { receiver: a }\nreceivers: &a [{ name: *a }]', 'f.yml'],
])('a configuration that is wrong is refused: %s', (text, problem) => {
  const read = () => readAlertmanagerConfig(text, { file: 'f.yml' });
  expect(read).toThrow(AlertmanagerConfigError);
  expect(read).toThrow(problem);
});
