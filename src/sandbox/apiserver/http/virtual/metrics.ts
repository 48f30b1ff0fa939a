/** metrics.k8s.io: what the kubelet measures, as `kubectl top` reads it. */
import type { ContainerUsage, KubeObject } from '../../../api.ts';
import { ApiError } from '../../../api.ts';
import { timestamp } from '../../names.ts';
import { matchesLabels, parseLabelSelector } from '../../selectors.ts';
import { notFound } from '../../status.ts';
import type { Call } from '../context.ts';
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
    return sendJson(call, 200, { kind, apiVersion, ...item });
  }
  const labels = parseLabelSelector(call.url.searchParams.get('labelSelector') ?? '');
  const items = objects
    .filter((object) => matchesLabels(labels, object.metadata.labels))
    .flatMap((object) => measure(call, object) ?? []);
  sendJson(call, 200, { kind: `${kind}List`, apiVersion, metadata: {}, items });
}

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
