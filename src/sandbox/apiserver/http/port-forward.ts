/** Port-forwarding: SPDY/3.1 inside a WebSocket as kubectl sends it since 1.31, or bare as older clients do. */
import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { KubeObject } from '../../api.ts';
import { type SpdyStream, serveSpdy } from '../spdy/session.ts';
import type { ServerContext } from './context.ts';

export const portForwardProtocol = 'portforward.k8s.io';
export const tunnelProtocol = `SPDY/3.1+${portForwardProtocol}`;

/** The two streams of one forwarded connection, which come one after another. */
interface Pair {
  error?: SpdyStream;
  data?: SpdyStream;
}

/** Joins each connection that the client opens to a port of the pod's own; resolves when the client has gone. */
export async function forwardPorts(
  context: ServerContext,
  transport: Duplex,
  pod: KubeObject,
): Promise<void> {
  const pairs = new Map<string, Pair>();
  const leave = (): void => void transport.destroy();
  context.closing.addEventListener('abort', leave);
  try {
    await serveSpdy(transport, (stream) => {
      const request = stream.headers.get('requestid') ?? stream.headers.get('port') ?? '';
      const type = stream.headers.get('streamtype');
      if (type !== 'error' && type !== 'data') return void stream.destroy();
      // The client never writes to it, but its half-close is only seen by who reads.
      if (type === 'error') stream.resume();
      const pair: Pair = { ...pairs.get(request), [type]: stream };
      if (!pair.error || !pair.data) return void pairs.set(request, pair);
      pairs.delete(request);
      void forwardOne(context, pod, pair.error, pair.data);
    });
  } finally {
    context.closing.removeEventListener('abort', leave);
  }
}

/** What goes wrong is told on the error stream, whose end tells that all is over. */
async function forwardOne(
  context: ServerContext,
  pod: KubeObject,
  error: SpdyStream,
  data: SpdyStream,
): Promise<void> {
  const port = Number(data.headers.get('port'));
  let problem = '';
  try {
    const kubelet = context.kubelet();
    if (!kubelet) throw new Error('the kubelet is not up yet: try again');
    const socket = await kubelet.portForward(pod, port);
    await Promise.allSettled([pipeline(data, socket), pipeline(socket, data)]);
  } catch (cause) {
    problem = `error forwarding port ${port} to pod ${sandboxId(pod)}, uid : ${(cause as Error).message}`;
  }
  if (problem) error.write(problem);
  error.end();
  data.end();
  data.resume();
}

/** What containerd calls the pod. */
function sandboxId(pod: KubeObject): string {
  return createHash('sha256').update(pod.metadata.uid).digest('hex');
}
