import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { Query } from '../../src/promql/query.ts';
import { LabelSet } from '../../src/promql/series/labels.ts';
import { Storage } from '../../src/sandbox/monitor/tsdb/storage.ts';
import { rulesFolder } from '../../src/shop/folder.ts';

/** The expression of a rule by its name. */
function exprOf(file: string, name: string): string {
  const { groups } = parse(readFileSync(join(rulesFolder(), file), 'utf8')) as {
    groups: { rules: { alert?: string; record?: string; expr: string }[] }[];
  };
  const rule = groups.flatMap(({ rules }) => rules).find(({ alert, record }) => name === (alert ?? record));
  if (!rule) throw new Error(`Expected a rule ${name} in ${file}.`);
  return rule.expr;
}

const minute = 60_000;

/** What an expression gives `now`, of series with one value each at a time. */
function ask(
  expr: string,
  series: { name: string; labels?: Record<string, string>; value: number; at: number }[],
  now: number,
): number[] {
  const storage = new Storage();
  for (const { name, labels, value, at } of series)
    storage.append(LabelSet.from({ __name__: name, ...labels }), at, value);
  const found = new Query(expr).instant(storage, now);
  return found.type === 'vector' ? found.samples.map(({ value }) => value) : [];
}

test('a pod counts once for its ReplicaSet, though it has a series without a node, without an address and with both', () => {
  const labels = {
    namespace: 'shop',
    pod: 'web-1-a',
    created_by_kind: 'ReplicaSet',
    created_by_name: 'web-1',
  };
  const at = 10 * minute;
  const expr = exprOf('kubernetes.yaml', 'shop:pods:of_replicaset:count5m');
  const seriesOf = (pod: string) => [
    { name: 'kube_pod_info', labels: { ...labels, pod }, value: 1, at },
    { name: 'kube_pod_info', labels: { ...labels, pod, node: 'a' }, value: 1, at },
    { name: 'kube_pod_info', labels: { ...labels, pod, node: 'a', pod_ip: '10.0.0.1' }, value: 1, at },
  ];
  expect(ask(expr, seriesOf('web-1-a'), at)).toEqual([1]);
  expect(ask(expr, [...seriesOf('web-1-a'), ...seriesOf('web-1-b')], at)).toEqual([2]);
});

test('a backup that was never made is too old when the database has been there for long, and not before', () => {
  const expr = exprOf('db.yaml', 'BackupTooOld');
  const now = 100 * minute;
  const started = (minutes: number) => ({
    name: 'process_start_time_seconds',
    labels: { app: 'db' },
    value: (now - minutes * minute) / 1000,
    at: now,
  });
  const ended = (minutes: number) => ({
    name: 'backup_last_end_timestamp_seconds',
    labels: { kind: 'backup' },
    value: (now - minutes * minute) / 1000,
    at: now,
  });
  expect(ask(expr, [started(40)], now)).toEqual([]);
  expect(ask(expr, [started(50)], now)).toEqual([50 * 60]);
  expect(ask(expr, [started(90), ended(10)], now)).toEqual([]);
  expect(ask(expr, [started(90), ended(50)], now)).toEqual([50 * 60]);
});

test('calls for each request are told for each release of storefront, and nothing where it answers none', () => {
  const expr = exprOf('edge.yaml', 'shop:storefront:checkout_calls_per_request');
  const counter = (name: string, labels: Record<string, string>, value: number) =>
    [0, value].map((counted, times) => ({ name, labels, value: counted, at: (1 + times) * (minute / 2) }));
  const counted = (version: string, requests: number, calls: number) => [
    ...counter('http_requests_total', { app: 'storefront', version, route: '/quote' }, requests),
    ...counter(
      'request_total',
      { app: 'storefront', version, direction: 'outbound', dst: 'checkout.shop' },
      calls,
    ),
  ];
  const [one, four] = [counted('2.14', 60, 60), counted('2.15', 60, 240)];
  expect(ask(expr, [...one, ...four], minute)).toEqual([1, 4]);
  expect(ask(`${expr} > 2`, counted('2.14', 0, 0), minute)).toEqual([]);
});

test('the nodes are asked for what pods on them ask for, not those that wait or have ended', () => {
  const at = 10 * minute;
  const pod = (name: string, { node, phase }: { node: string; phase: string }) => {
    const labels = { namespace: 'batch', pod: name };
    return [
      { name: 'kube_pod_container_resource_requests', labels: { ...labels, resource: 'cpu' }, value: 2, at },
      { name: 'kube_pod_info', labels: { ...labels, node }, value: 1, at },
      { name: 'kube_pod_status_phase', labels: { ...labels, phase }, value: 1, at },
    ];
  };
  const running = pod('a', { node: 'node-a', phase: 'Running' });
  const waiting = pod('b', { node: '', phase: 'Pending' });
  const ended = pod('c', { node: 'node-a', phase: 'Succeeded' });
  const expr = exprOf('kubernetes.yaml', 'shop:nodes:cpu_requested');
  expect(ask(expr, running, at)).toEqual([2]);
  expect(ask(expr, [...running, ...waiting, ...ended], at)).toEqual([2]);
});

/** A counter's values nearly a minute ago and now. */
const counted = (name: string, labels: Record<string, string>, from: number, to: number) => [
  { name, labels, value: from, at: 9.1 * minute },
  { name, labels, value: to, at: 10 * minute },
];

test('retries alarm by how many there are for each call, however many calls there are', () => {
  const ratio = exprOf('edge.yaml', 'shop:storefront:retry_ratio');
  const labels = { app: 'storefront', dst: 'checkout.shop' };
  const series = (calls: number, retries: number) => [
    ...counted('client_calls_total', labels, 1e6, 1e6 + calls),
    ...counted('client_retries_total', labels, 1e6, 1e6 + retries),
  ];
  expect(ask(ratio, series(60, 0), 10 * minute)).toEqual([0]);
  expect(ask(ratio, series(60, 600), 10 * minute)[0]).toBeCloseTo(10);
  const alert = (value: number) =>
    ask(
      exprOf('edge.yaml', 'RetriesMultiplyCalls'),
      [{ name: 'shop:storefront:retry_ratio', value, at: minute }],
      minute,
    );
  expect(alert(0.2)).toEqual([]);
  expect(alert(3)).toEqual([3]);
});

test('an upstream that nobody reaches alarms if the registry holds it to be up, and is not one of many', () => {
  const expr = exprOf('registry.yaml', 'UpstreamUpAndUnreachable');
  const series = (unreachable: number[], up: number) =>
    unreachable.flatMap((value, index) => {
      const labels: Record<string, string> = { upstream: `till-${index}` };
      return [
        { name: 'shop:edge:unreachable:rate1m', labels, value, at: minute },
        { name: 'registry_target_up', labels: { ...labels, pod: 'a' }, value: up, at: minute },
      ];
    });
  expect(ask(expr, series([0, 3, 0, 0], 1), minute)).toEqual([3]);
  expect(ask(expr, series([0, 3, 0, 0], 0), minute)).toEqual([]);
  expect(ask(expr, series([0, 0, 0, 0], 1), minute)).toEqual([]);
  expect(ask(expr, series([3, 3, 3, 3], 1), minute)).toEqual([]);
});

test('a request that took too long is none that did not reach its upstream', () => {
  const expr = exprOf('registry.yaml', 'shop:edge:unreachable:rate1m');
  const labels = (reason: string) => ({ upstream: 'till-3', reason });
  const unreachable = (reason: string) =>
    ask(expr, counted('edge_upstream_failures_total', labels(reason), 0, 60), 10 * minute);
  expect(unreachable('TIMEOUT')).toEqual([]);
  expect(unreachable('ECONNREFUSED')[0]).toBeGreaterThan(0.9);
});

test('a load balancer fails by itself if the others answer, and not when all do or it has no requests', () => {
  const ratio = exprOf('edge.yaml', 'shop:edge:error_ratio_by_pod');
  const answered = (pod: string, good: number, bad: number) => [
    ...counted('http_requests_total', { app: 'edge', pod, code: '200' }, 0, good),
    ...counted('http_requests_total', { app: 'edge', pod, code: '502' }, 0, bad),
  ];
  const ratios = (...series: ReturnType<typeof answered>[]) => ask(ratio, series.flat(), 10 * minute);
  expect(ratios(answered('a', 60, 0), answered('b', 30, 30), answered('c', 0, 0))).toEqual([0, 0.5]);
  // Nothing but good answers is no missing value: a series of errors that was never made counts as none.
  expect(ratios(counted('http_requests_total', { app: 'edge', pod: 'a', code: '200' }, 0, 60))).toEqual([0]);
  const alert = exprOf('edge.yaml', 'LoadBalancerFails');
  const alarmed = (...values: number[]) => {
    const series = values.map((value, index) => ({ value, labels: { pod: `edge-${index}` } }));
    const now = series.map((one) => ({ ...one, name: 'shop:edge:error_ratio_by_pod', at: minute }));
    return ask(alert, now, minute);
  };
  expect(alarmed(0.5, 0)).toEqual([0.5]);
  expect(alarmed(0.5, 0.5)).toEqual([]);
  expect(alarmed(0.01, 0)).toEqual([]);
});
