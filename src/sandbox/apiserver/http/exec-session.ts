/** exec and attach over WebSocket: v5.channel.k8s.io and v4.channel.k8s.io, one leading byte a channel. */
import type { WebSocket } from 'ws';
import type { ExecResult, ExecStreams, KubeObject } from '../../api.ts';
import type { ServerContext } from './context.ts';

const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

export const execProtocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

/** Runs a command, or joins the one that runs, until it or the client is done. */
export async function runSession(
  context: ServerContext,
  webSocket: WebSocket,
  pod: KubeObject,
  container: string,
  subresource: string,
  query: URLSearchParams,
): Promise<void> {
  const ended = new AbortController();
  webSocket.on('close', () => ended.abort());
  webSocket.on('error', () => ended.abort());
  const signal = AbortSignal.any([ended.signal, context.closing]);
  const flag = (name: string) => ['true', '1'].includes(query.get(name) ?? '');
  const io = streams(webSocket, { stdin: flag('stdin'), tty: flag('tty') });
  const kubelet = context.kubelet();
  let result: ExecResult = { exitCode: 1, error: 'the kubelet is not up yet: try again' };
  try {
    if (kubelet) {
      result =
        subresource === 'attach'
          ? await kubelet.attach(pod, container, io, signal)
          : await kubelet.exec(pod, container, query.getAll('command'), io, signal);
    }
  } catch (error) {
    result = { exitCode: 1, error: (error as Error).message };
  }
  send(webSocket, channels.error, Buffer.from(JSON.stringify(outcome(result))));
  webSocket.close(1000);
}

/** What may wait for a slow client, or for a slow command, in bytes. */
const MOST_WAITING = 2 ** 20;

/** A promise when much is waiting already: it resolves when this, too, has been taken. */
function send(webSocket: WebSocket, channel: number, data: Uint8Array): void | Promise<void> {
  if (webSocket.readyState !== webSocket.OPEN) return;
  const message = Buffer.concat([Buffer.from([channel]), data]);
  if (webSocket.bufferedAmount < MOST_WAITING) return webSocket.send(message);
  return new Promise((resolve) => webSocket.send(message, () => resolve()));
}

function streams(webSocket: WebSocket, wanted: { stdin: boolean; tty: boolean }): ExecStreams {
  const input = inputQueue({ full: () => webSocket.pause(), free: () => webSocket.resume() });
  const resized = new Set<(size: { cols: number; rows: number }) => void>();
  webSocket.on('message', (message: Buffer) => {
    const channel = message[0];
    const data = message.subarray(1);
    if (channel === channels.stdin) input.push(data);
    else if (channel === channels.close && data[0] === channels.stdin) input.end();
    else if (channel === channels.resize) {
      const size = parseSize(data.toString('utf8'));
      if (size) for (const listener of resized) listener(size);
    }
  });
  webSocket.on('close', () => input.end());
  return {
    stdin: wanted.stdin ? input.chunks() : undefined,
    stdout: (chunk) => send(webSocket, channels.stdout, chunk),
    stderr: (chunk) => send(webSocket, wanted.tty ? channels.stdout : channels.stderr, chunk),
    tty: wanted.tty,
    onResize: (listener) => resized.add(listener),
  };
}

/** Undefined for what is none: it is passed over, as the terminal keeps its size. */
function parseSize(text: string): { cols: number; rows: number } | undefined {
  try {
    const { Width: cols, Height: rows } = JSON.parse(text) as { Width: number; Height: number };
    return { cols, rows };
  } catch {
    return undefined;
  }
}

function inputQueue({ full, free }: { full: () => void; free: () => void }) {
  const waiting: Uint8Array[] = [];
  let bytes = 0;
  let ended = false;
  let wake = () => {};
  return {
    push(chunk: Uint8Array) {
      waiting.push(chunk);
      bytes += chunk.length;
      if (bytes > MOST_WAITING) full();
      wake();
    },
    end() {
      ended = true;
      wake();
    },
    async *chunks(): AsyncIterable<Uint8Array> {
      for (;;) {
        for (let next = waiting.shift(); next; next = waiting.shift()) {
          bytes -= next.length;
          if (bytes <= MOST_WAITING) free();
          yield next;
        }
        if (ended) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

/** The Status on the error channel: kubectl takes its exit code from it. */
function outcome({ exitCode, error }: ExecResult): unknown {
  const status = { metadata: {}, status: 'Success' };
  if (error !== undefined) {
    const message = `Internal error occurred: ${error}`;
    return {
      ...status,
      status: 'Failure',
      message,
      reason: 'InternalError',
      details: { causes: [{ message: error }] },
      code: 500,
    };
  }
  if (exitCode === 0) return status;
  return {
    ...status,
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  };
}
