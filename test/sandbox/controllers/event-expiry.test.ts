import { expect, test } from 'vitest';
import { createApi } from '../../../src/sandbox/apiserver/api.ts';
import { startEventExpiry } from '../../../src/sandbox/controllers/event-expiry.ts';
import { createEventRecorder } from '../../../src/sandbox/controllers/event-recorder.ts';
import { manualClock } from './clock.ts';

const minute = 60_000;

function setUp(speed = 1) {
  const clock = manualClock();
  const api = createApi({ clock });
  const about = api.create('configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'cm', namespace: 'default' },
  });
  const events = createEventRecorder(api, clock);
  const stop = startEventExpiry({ api, clock, speed });
  const pass = (minutes: number) => {
    for (let i = 0; i < minutes; i++) clock.advance(minute);
  };
  const reasons = () => api.list('events').map(({ reason }) => reason);
  const record = (reason: string) => events.record('tester', about, 'Normal', reason, 'said');
  return { api, record, pass, reasons, stop };
}

test('an event is gone an hour after it was last written, and watchers are told', () => {
  const { api, record, pass, reasons, stop } = setUp();
  const deleted: string[] = [];
  api.watch('events', ({ type, object }) => {
    if (type === 'DELETED') deleted.push(object.reason as string);
  });
  record('Once');
  record('Again');
  pass(30);
  record('Again');
  record('Later');
  pass(29);
  expect(reasons()).toHaveLength(3);
  pass(3);
  expect(reasons().toSorted()).toEqual(['Again', 'Later']);
  pass(30);
  expect(reasons()).toEqual([]);
  expect(deleted.toSorted()).toEqual(['Again', 'Later', 'Once']);
  stop();
});

test('at speed 10 the hour is six minutes', () => {
  const { record, pass, reasons } = setUp(10);
  record('Once');
  pass(5);
  expect(reasons()).toEqual(['Once']);
  pass(2);
  expect(reasons()).toEqual([]);
});

test('what somebody deleted before is left alone', () => {
  const { api, record, pass, reasons } = setUp();
  record('Once');
  api.delete('events', 'default', api.list('events')[0]?.metadata.name ?? '');
  pass(70);
  expect(reasons()).toEqual([]);
});
