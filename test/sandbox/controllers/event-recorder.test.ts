import { expect, test } from 'vitest';
import { createApi } from '../../../src/sandbox/apiserver/api.ts';
import { createEventRecorder } from '../../../src/sandbox/controllers/event-recorder.ts';
import { manualClock } from './clock.ts';

function setUp() {
  const clock = manualClock();
  const api = createApi({ clock });
  const about = api.create('configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'cm', namespace: 'default' },
  });
  return { clock, api, about, events: createEventRecorder(api, clock), list: () => api.list('events') };
}

test('an event that repeats is counted', () => {
  const { clock, about, events, list } = setUp();
  events.record('tester', about, 'Warning', 'Bad', 'it is bad');
  clock.advance(5000);
  events.record('tester', about, 'Warning', 'Bad', 'it is bad');
  expect(list()).toHaveLength(1);
  expect(list()[0]).toMatchObject({
    count: 2,
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:00:05Z',
    source: { component: 'tester' },
    involvedObject: { kind: 'ConfigMap', name: 'cm', uid: about.metadata.uid },
  });
});

test('from the tenth on, events that differ only in their message are combined', () => {
  const { about, events, list } = setUp();
  for (let i = 1; i <= 12; i++) events.record('tester', about, 'Warning', 'Bad', `number ${i}`);
  const messages = list().map(({ message, count }) => `${count} ${message}`);
  expect(messages).toHaveLength(10);
  expect(messages).toContain('1 number 9');
  expect(messages).toContain('3 (combined from similar events): number 12');
});

test('an event of the newer kind that repeats becomes a series', () => {
  const { clock, about, events, list } = setUp();
  const record = () => events.recordAction('tester', about, 'Warning', 'Bad', 'Trying', 'it is bad');
  record();
  expect(list()[0]).not.toHaveProperty('series');
  clock.advance(1000);
  record();
  expect(list()).toHaveLength(1);
  expect(list()[0]?.series).toEqual({ count: 2, lastObservedTime: '2026-01-01T00:00:01.000000Z' });
  clock.advance(600_000);
  record();
  expect(list()).toHaveLength(2);
});

test('an event that is gone is written anew, and one in a dying namespace is dropped', () => {
  const { api, about, events, list } = setUp();
  events.record('tester', about, 'Normal', 'Good', 'fine');
  api.delete('events', 'default', list()[0]?.metadata.name ?? '');
  events.record('tester', about, 'Normal', 'Good', 'fine');
  expect(list()).toHaveLength(1);
  api.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'dying' } });
  const there = api.create('configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'cm', namespace: 'dying' },
  });
  api.delete('namespaces', undefined, 'dying');
  events.record('tester', there, 'Normal', 'Good', 'fine');
  expect(list()).toHaveLength(1);
});
