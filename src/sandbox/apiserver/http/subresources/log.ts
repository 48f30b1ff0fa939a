/** pods/log: what a container wrote, streamed as it comes. */

import { once } from 'node:events';
import type { V1ContainerStatus } from '@kubernetes/client-node';
import type { KubeObject } from '../../../api.ts';
import { ApiError } from '../../../api.ts';
import type { ResourceDefinition } from '../../kinds/definition.ts';
import { badRequest } from '../../status.ts';
import type { Call } from '../context.ts';
import { containerOf } from './container.ts';
import { parseLogOptions } from './log-options.ts';

export async function readLog(call: Call, definition: ResourceDefinition): Promise<void> {
  const { namespace, name = '' } = call.info;
  const query = call.url.searchParams;
  const pod = call.context.api.operations.get(definition, namespace, name);
  const options = parseLogOptions(query, name);
  const container = containerOf(pod, query.get('container'));
  const { response } = call;
  if (!pod.spec.nodeName) {
    response.statusCode = 204;
    response.end();
    return;
  }
  checkStarted(pod, container, options.previous ?? false);
  const kubelet = call.context.kubelet();
  if (!kubelet) throw new ApiError(503, 'ServiceUnavailable', 'the kubelet is not up yet: try again');
  const ended = new AbortController();
  response.on('close', () => ended.abort());
  const signal = AbortSignal.any([ended.signal, call.context.closing]);
  const chunks = kubelet.logs(pod, container, options, signal)[Symbol.asyncIterator]();
  // The first chunk may be an error: it must be known before the head goes out, unless it only comes with time.
  const first = options.follow ? undefined : await chunks.next();
  response.statusCode = 200;
  response.setHeader('Content-Type', 'text/plain');
  response.setHeader('Cache-Control', 'no-cache, private');
  response.flushHeaders();
  for (let next = first ?? (await chunks.next()); !next.done; next = await chunks.next()) {
    if (!response.write(next.value)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
    if (response.destroyed) break;
  }
  response.end();
}

type Status = V1ContainerStatus;

/** As the kubelet refuses (pkg/kubelet/kubelet_pods.go validateContainerLogStatus). */
function checkStarted(pod: KubeObject, container: string, previous: boolean): void {
  const {
    containerStatuses = [],
    initContainerStatuses = [],
    ephemeralContainerStatuses = [],
  } = pod.status ?? {};
  const all: Status[] = [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses];
  const status = all.find((candidate) => candidate.name === container);
  const subject = `container ${JSON.stringify(container)} in pod ${JSON.stringify(pod.metadata.name)}`;
  if (!status) throw badRequest(`${subject} is not available`);
  if (previous) {
    if (!status.lastState?.terminated) throw badRequest(`previous terminated ${subject} not found`);
    return;
  }
  const { waiting } = status.state ?? {};
  if (!waiting || status.lastState?.terminated) return;
  throw badRequest(`${subject} is waiting to start: ${waitingText(waiting.reason)}`);
}

function waitingText(reason = 'no reason given'): string {
  if (reason === 'ImagePullBackOff') return 'trying and failing to pull image';
  if (reason === 'ErrImagePull') return "image can't be pulled";
  return reason;
}
