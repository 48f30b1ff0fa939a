import type { V1Probe } from '@kubernetes/client-node';
import type { SandboxClock } from '../../api.ts';
import type { SandboxNetwork } from '../../network/network.ts';
import type { ExecTool } from '../deps.ts';
import { wait } from '../wait.ts';
import type { Container } from './pod-types.ts';

export type ProbeKind = 'startup' | 'liveness' | 'readiness';

export interface ProbeTarget {
  container: Container;
  podIP: string;
  network: SandboxNetwork;
  exec: ExecTool;
  clock: SandboxClock;
}

export interface ProbeHandlers {
  /** The verdict changed, after the thresholds: ready or not, started, or to be restarted (`liveness` false). */
  changed(healthy: boolean): void;
  /** One failed probe, with the text that Kubernetes puts in its Event. */
  failed(message: string): void;
}

/** A program needs a moment before it can listen; a probe sent at once would only report that. */
const HEAD_START_MS = 1000;
const HEAD_START_STEP_MS = 50;
const LONGEST_START_MS = 10_000;

/** Probes a container until `signal` fires. Periods are real time, whatever the sandbox's speed. */
export async function runProbe(
  kind: ProbeKind,
  probe: V1Probe,
  target: ProbeTarget,
  handlers: ProbeHandlers,
  signal: AbortSignal,
): Promise<void> {
  const periodMs = (probe.periodSeconds ?? 10) * 1000;
  const needed = { true: probe.successThreshold ?? 1, false: probe.failureThreshold ?? 3 };
  let verdict = kind === 'liveness';
  let run = { healthy: verdict, length: 0 };
  if (probe.initialDelaySeconds) await wait(target.clock, probe.initialDelaySeconds * 1000, signal);
  else await headStart(probe, target, signal);
  while (!signal.aborted) {
    const failure = await probeOnce(probe, target, signal);
    if (signal.aborted) return;
    const healthy = failure === undefined;
    if (!healthy) handlers.failed(`${title(kind)} probe failed: ${failure}`);
    run = run.healthy === healthy ? { healthy, length: run.length + 1 } : { healthy, length: 1 };
    // A startup probe's failure is final, so it is told even though nothing has changed.
    const crossed = run.length === needed[`${healthy}`];
    if (crossed && (healthy !== verdict || (kind === 'startup' && !healthy))) {
      verdict = healthy;
      handlers.changed(healthy);
      if (kind === 'startup') return;
    }
    await wait(target.clock, periodMs, signal);
  }
}

/** Until the program listens where it will be probed, but not for long. */
async function headStart(probe: V1Probe, target: ProbeTarget, signal: AbortSignal): Promise<void> {
  const port = probe.httpGet?.port ?? probe.tcpSocket?.port;
  if (port === undefined) return;
  for (let waited = 0; waited < HEAD_START_MS && !signal.aborted; waited += HEAD_START_STEP_MS) {
    const route = await target.network.resolve(undefined, target.podIP, portNumber(port, target.container));
    if (route.kind === 'local') return;
    await wait(target.clock, HEAD_START_STEP_MS, signal);
  }
}

function title(kind: ProbeKind): string {
  return kind[0]!.toUpperCase() + kind.slice(1);
}

/** The text of the failure, or undefined. */
async function probeOnce(
  probe: V1Probe,
  target: ProbeTarget,
  signal: AbortSignal,
): Promise<string | undefined> {
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000;
  if (probe.exec) return probeExec(probe.exec.command ?? [], target, timeoutMs, signal);
  if (probe.httpGet) return probeHttp(probe.httpGet, target, timeoutMs);
  if (probe.tcpSocket) return probeTcp(portNumber(probe.tcpSocket.port, target.container), target, timeoutMs);
  return 'no handler that this node can run';
}

async function probeHttp(
  get: NonNullable<V1Probe['httpGet']>,
  { container, network, podIP }: ProbeTarget,
  timeoutMs: number,
): Promise<string | undefined> {
  const port = portNumber(get.port, container);
  const scheme = get.scheme === 'HTTPS' ? 'https' : 'http';
  const host = get.host || podIP;
  const path = get.path || '/';
  const headers = Object.fromEntries(
    (get.httpHeaders ?? []).map(({ name, value }) => [name.toLowerCase(), value]),
  );
  try {
    const { status } = await network.fetch(host, port, path, {
      timeoutMs,
      scheme,
      headers: { 'user-agent': 'kube-probe/1.36', accept: '*/*', ...headers },
    });
    return status >= 200 && status < 400 ? undefined : `HTTP probe failed with statuscode: ${status}`;
  } catch (error) {
    return `Get "${scheme}://${host}:${port}${path}": ${dialError(error, host, port)}`;
  }
}

async function probeTcp(
  port: number,
  { network, podIP }: ProbeTarget,
  timeoutMs: number,
): Promise<string | undefined> {
  try {
    const socket = await network.connect(podIP, port, undefined, AbortSignal.timeout(timeoutMs));
    socket.destroy();
    return undefined;
  } catch (error) {
    return dialError(error, podIP, port);
  }
}

function dialError(error: unknown, host: string, port: number): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') return `dial tcp ${host}:${port}: connect: connection refused`;
  if (code === 'EHOSTUNREACH') return `dial tcp ${host}:${port}: connect: no route to host`;
  if (code === 'ECONNRESET') return `read tcp ${host}:${port}: read: connection reset by peer`;
  if (code === 'ETIMEDOUT')
    return 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';
  return message;
}

async function probeExec(
  command: string[],
  { exec, clock }: ProbeTarget,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  let output = '';
  const take = (chunk: Uint8Array): void => {
    if (output.length < 10_240) output += Buffer.from(chunk).toString('utf8');
  };
  // Its time begins with the command, as a node's does: a busy laptop takes a while to start one.
  const timeout = new AbortController();
  const expire = (): void => timeout.abort();
  const cancels = [clock.setTimeout(expire, timeoutMs + LONGEST_START_MS)];
  const started = (): void => void cancels.push(clock.setTimeout(expire, timeoutMs));
  const limited = AbortSignal.any([signal, timeout.signal]);
  const result = await exec(command, { stdout: take, stderr: take, started, tty: false }, limited);
  for (const cancel of cancels) cancel();
  if (timeout.signal.aborted)
    return `command timed out: "${command.join(' ')}" timed out after ${timeoutMs / 1000}s`;
  if (result.error) return result.error;
  return result.exitCode === 0 ? undefined : output;
}

/** A port by number or by the name of one of the container's. */
export function portNumber(port: number | string, container: Container): number {
  const named = container.ports?.find((candidate) => candidate.name === port);
  return named?.containerPort ?? Number(port);
}
