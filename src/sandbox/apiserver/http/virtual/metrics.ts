/** metrics.k8s.io: what the kubelet measures, as `kubectl top` reads it and `kubectl get podmetrics` shows it. */
import { formatQuantity } from '../../../../quantity.ts';
import type { ContainerUsage, KubeObject } from '../../../api.ts';
import { ApiError } from '../../../api.ts';
import { timestamp } from '../../names.ts';
import { add, parsed, type Quantities } from '../../pod-quantities.ts';
import { matchesLabels, parseLabelSelector } from '../../selectors.ts';
import { notFound } from '../../status.ts';
import { column, type Printer } from '../../table/printer.ts';
import type { Call } from '../context.ts';
import { tableFor } from '../requests/read.ts';
import { sendJson } from '../respond.ts';

const apiVersion = 'metrics.k8s.io/v1beta1';

export function getMetrics(call: Call): void {
  const { resource, namespace, name } = call.info;
  const kind = resource === 'nodes' ? 'NodeMetrics' : 'PodMetrics';
  const objects = call.context.api.list(resource, resource === 'nodes' ? {} : { namespace });
  const measure = resource === 'nodes' ? nodeMetrics : podMetrics;
  if (name) {
    const object = objects.find((candidate) => candidate.metadata.name === name);
    const item = object && measure(call, object);
    if (!item)
      throw notFound(
        { plural: kind === 'NodeMetrics' ? 'nodes' : 'podmetrics', group: 'metrics.k8s.io' },
        namespace ? `${namespace}/${name}` : name,
      );
    return send([item], { kind, apiVersion, ...item });
  }
  const labels = parseLabelSelector(call.url.searchParams.get('labelSelector') ?? '');
  const items = objects
    .filter((object) => matchesLabels(labels, object.metadata.labels))
    .map((object) => measure(call, object))
    .filter((item) => item !== undefined);
  send(items, { kind: `${kind}List`, apiVersion, metadata: {}, items });

  function send(measured: object[], json: object) {
    const rows = measured.map((one) => ({ kind, apiVersion, ...one }) as KubeObject);
    sendJson(call, 200, call.accepted.as === 'Table' ? tableFor(call, { table }, rows, {}) : json);
  }
}

/** As metrics-server shows them (pkg/api/table.go): the containers of a Pod together. */
const table: Printer = {
  columns: [
    column('Name', 'Name of the resource', { format: 'name' }),
    column('cpu', '', { format: 'quantity' }),
    column('memory', '', { format: 'quantity' }),
    column('Window', '', { format: 'duration' }),
  ],
  row({ metadata, usage, containers, window }) {
    const total: Quantities = new Map();
    for (const measured of usage ? [{ usage }] : containers) add(total, parsed(measured.usage));
    return [metadata.name, ...['cpu', 'memory'].map((name) => formatQuantity(total.get(name)!)), window];
  },
};

interface Reading {
  at: number;
  windowSeconds: number;
}

function described(object: KubeObject, { at, windowSeconds }: Reading) {
  const { name, namespace, labels, creationTimestamp } = object.metadata;
  return {
    metadata: { name, ...(namespace ? { namespace } : {}), creationTimestamp, ...(labels ? { labels } : {}) },
    timestamp: timestamp(at),
    window: `${windowSeconds.toFixed(3).replace(/\.?0+$/, '')}s`,
  };
}

/** Nothing is measured of a Pod before its containers run. */
function podMetrics(call: Call, pod: KubeObject): Record<string, unknown> | undefined {
  if (pod.status?.phase !== 'Running') return undefined;
  const readings: ContainerUsage[] = kubeletOf(call).usage(pod);
  const first = readings[0];
  if (!first) return undefined;
  const containers = readings.map(({ container, ...usage }) => ({
    name: container,
    usage: quantities(usage),
  }));
  return { ...described(pod, first), containers };
}

function nodeMetrics(call: Call, node: KubeObject): Record<string, unknown> | undefined {
  const reading = kubeletOf(call).nodeUsage(node.metadata.name);
  return reading && { ...described(node, reading), usage: quantities(reading) };
}

function quantities({ cpuCores, memoryBytes }: { cpuCores: number; memoryBytes: number }) {
  return { cpu: `${Math.round(cpuCores * 1e9)}n`, memory: `${Math.ceil(memoryBytes / 1024)}Ki` };
}

function kubeletOf(call: Call) {
  const kubelet = call.context.kubelet();
  if (kubelet) return kubelet;
  throw new ApiError(503, 'ServiceUnavailable', 'the server is currently unable to handle the request');
}
