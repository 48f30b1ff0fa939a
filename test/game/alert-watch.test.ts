import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readAlertmanagerConfig } from '../../src/alerting/config.ts';
import { AlertWatch } from '../../src/game/watch/alert-watch.ts';
import { Health } from '../../src/game/watch/poll.ts';
import { type GameLog, openLog } from '../../src/log/log.ts';
import { reduceAll } from '../../src/log/state.ts';
import type { AlertInstance, Monitoring, NotifiedAlert, Ruler } from '../../src/signal/series.ts';
import { ManualClock } from './manual-clock.ts';

const alertmanagerFile = `
route: { receiver: checkout }
receivers: [{ name: checkout, webhook_configs: [{ url: http://hooks.example }] }, { name: void }]
`;
const { signal } = new AbortController();
let home: string;
let log: GameLog;
let clock: ManualClock;
let firing: AlertInstance[] | Error;
let notified: NotifiedAlert[];
let watch: AlertWatch;
let ofRuler: AlertInstance[] | Error;
let toldByRuler: NotifiedAlert[];
let ruler: Ruler;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'home-'));
  clock = new ManualClock();
  log = openLog(join(home, 'log.jsonl'), clock);
  firing = [];
  notified = [];
  ofRuler = [];
  toldByRuler = [];
  ruler = {
    part: 'ruler loki',
    alerts: async () => {
      if (ofRuler instanceof Error) throw ofRuler;
      return ofRuler;
    },
    alertmanager: { alerts: async () => toldByRuler, silences: async () => [silence] },
  } as unknown as Ruler;
  const monitoring = {
    rulers: [ruler],
    prometheus: {
      alerts: async () => {
        if (firing instanceof Error) throw firing;
        return firing;
      },
    },
    alertmanager: {
      alerts: async () => notified,
      silences: async () => [silence],
      routes: async () => readAlertmanagerConfig(alertmanagerFile, { isForeign: true }),
    },
  } as unknown as Monitoring;
  watch = new AlertWatch(monitoring, log, new Health(log, clock));
});
afterEach(() => {
  log.close();
  rmSync(home, { recursive: true });
});

const alert = (state: 'pending' | 'firing', name = 'Slow'): AlertInstance => ({
  name,
  state,
  labels: { alertname: name, service: 'checkout' },
  annotations: { summary: 'It is slow' },
  activeAt: 5,
  value: 1,
});
const routed = (state: NotifiedAlert['state']): NotifiedAlert => ({
  labels: { alertname: 'Slow', service: 'checkout' },
  annotations: {},
  startsAt: 5,
  state,
  silencedBy: state === 'suppressed' ? ['s1'] : [],
  inhibitedBy: [],
  mutedBy: [],
  receivers: ['checkout'],
  fingerprint: 'f',
});
const silence = {
  id: 's1',
  createdBy: 'two',
  comment: 'until Monday',
  startsAt: 1,
  endsAt: 9,
  matchers: ['alertname="Slow"'],
};
const types = () =>
  log.events
    .filter(({ type }) => type !== 'receivers-read')
    .map((event) => ('state' in event ? `${event.type} ${event.state}` : event.type));

describe('the watch over alerts', () => {
  it('logs each change once', async () => {
    await watch.begin(signal);
    for (const now of [
      [],
      [alert('pending')],
      [alert('pending')],
      [alert('firing')],
      [alert('firing')],
      [],
    ]) {
      firing = now;
      await watch.look(signal);
    }
    expect(types()).toEqual(['alert-changed pending', 'alert-changed firing', 'alert-changed inactive']);
  });

  it('takes what fires before the game as background', async () => {
    firing = [alert('firing', 'Noise'), alert('pending')];
    expect((await watch.begin(signal)).map(({ name }) => name)).toEqual(['Noise']);
    await watch.look(signal);
    expect(types()).toEqual([]);
  });

  it('logs to whom Alertmanager sends it, and when it is held back', async () => {
    await watch.begin(signal);
    firing = [alert('firing')];
    notified = [routed('unprocessed')];
    await watch.look(signal);
    notified = [routed('suppressed')];
    await watch.look(signal);
    await watch.look(signal);
    notified = [routed('active')];
    await watch.look(signal);
    expect(types().slice(1)).toEqual(['alert-suppressed', 'silence-seen', 'alert-notified']);
    expect(reduceAll(log.events).silences.s1).toMatchObject({ createdBy: 'two', comment: 'until Monday' });
    expect(reduceAll(log.events).alerts).toMatchObject([
      { receivers: ['checkout'], suppressed: { silencedBy: ['s1'] } },
    ]);
  });

  it('logs which receivers lead nowhere', async () => {
    await watch.begin(signal);
    expect(reduceAll(log.events).alertmanager).toEqual({ configured: true, nowhere: ['void'] });
  });

  it('logs that an alert fires before that somebody is told, though Alertmanager is asked first', async () => {
    await watch.begin(signal);
    firing = [alert('firing')];
    notified = [routed('active')];
    await watch.look(signal);
    expect(types()).toEqual(['alert-changed firing', 'alert-notified']);
    const [episode] = reduceAll(log.events).alerts;
    expect(episode?.notifiedAt).toBeGreaterThanOrEqual(episode?.firingAt ?? Number.NaN);
  });

  it('logs a Prometheus that fails once, forgets no alert meanwhile, and says when it is back', async () => {
    await watch.begin(signal);
    firing = [alert('firing')];
    await watch.look(signal);
    firing = new Error('503 Service Unavailable');
    await watch.look(signal);
    clock.advance(4000);
    await watch.look(signal);
    firing = [alert('firing')];
    await watch.look(signal);
    expect(types()).toEqual(['alert-changed firing', 'monitor-failed', 'monitor-back']);
    expect(log.events.at(-1)).toMatchObject({ part: 'prometheus', afterMs: 4000 });
  });

  it('logs the alerts of other evaluators, and to whom their own Alertmanager sends them', async () => {
    await watch.begin(signal);
    ofRuler = [alert('firing', 'ManyErrors')];
    await watch.lookAtRuler(ruler, signal);
    await watch.look(signal);
    toldByRuler = [{ ...routed('suppressed'), labels: alert('firing', 'ManyErrors').labels }];
    await watch.lookAtRuler(ruler, signal);
    toldByRuler = [{ ...toldByRuler[0]!, state: 'active', silencedBy: [] }];
    await watch.lookAtRuler(ruler, signal);
    ofRuler = [];
    await watch.look(signal);
    await watch.lookAtRuler(ruler, signal);
    expect(types()).toEqual([
      'alert-changed firing',
      'alert-suppressed',
      'silence-seen',
      'alert-notified',
      'alert-changed inactive',
    ]);
    expect(reduceAll(log.events).alerts).toMatchObject([{ name: 'ManyErrors', receivers: ['checkout'] }]);
  });

  it('takes what others fire before the game as background', async () => {
    ofRuler = [alert('firing', 'Noise')];
    expect((await watch.begin(signal)).map(({ name }) => name)).toEqual(['Noise']);
    await watch.lookAtRuler(ruler, signal);
    expect(types()).toEqual([]);
  });

  it('logs an evaluator that fails under its name, and ends none of its alerts meanwhile', async () => {
    ofRuler = new Error('401 no org id');
    await watch.begin(signal);
    ofRuler = [alert('firing', 'ManyErrors')];
    await watch.lookAtRuler(ruler, signal);
    ofRuler = new Error('500');
    await watch.lookAtRuler(ruler, signal);
    firing = [alert('firing')];
    await watch.look(signal);
    expect(types()).toEqual([
      'monitor-failed',
      'monitor-back',
      'alert-changed firing',
      'monitor-failed',
      'alert-changed firing',
    ]);
    expect(reduceAll(log.events).failures.map(({ part }) => part)).toEqual(['ruler loki', 'ruler loki']);
  });

  it('logs once what Prometheus and another evaluator both tell', async () => {
    await watch.begin(signal);
    firing = [alert('firing')];
    await watch.look(signal);
    ofRuler = [{ ...alert('firing'), labels: { ...alert('firing').labels, cluster: 'staging' } }];
    await watch.lookAtRuler(ruler, signal);
    firing = [];
    await watch.look(signal);
    expect(types()).toEqual(['alert-changed firing', 'alert-changed inactive']);
  });
});
