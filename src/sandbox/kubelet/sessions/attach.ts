import type { ExecResult, ExecStreams, SandboxClock } from '../../api.ts';
import { LogReader } from '../logs.ts';
import type { ContainerWorker } from '../pod/container.ts';
import { wait } from '../wait.ts';

const POLL_MS = 100;

/**
 * Joins the container's console, or without one hands on what it writes from now on. How the container ended is no
 * part of it: a runtime's streams do not say, clients look at the Pod's status.
 */
export async function attach(
  container: ContainerWorker | undefined,
  io: ExecStreams,
  { clock, signal }: { clock: SandboxClock; signal: AbortSignal },
): Promise<ExecResult> {
  if (!container?.process) return { exitCode: 1, error: 'container is not running' };
  const { process } = container;
  if (process.console) {
    await process.console.join(io, process.exited, signal);
    return { exitCode: 0 };
  }
  let ended = false;
  void process.exited.then(() => {
    ended = true;
  });
  const reader = new LogReader(container.logPath());
  try {
    await reader.toEnd();
    while (!signal.aborted) {
      const last = ended;
      const entries = await reader.more();
      for (const { text } of entries)
        await io.stdout(Buffer.from(io.tty ? text.replace(/\n$/, '\r\n') : text));
      if (last && entries.length === 0) break;
      if (entries.length === 0) await wait(clock, POLL_MS, signal);
    }
  } finally {
    await reader.close();
  }
  return { exitCode: 0 };
}
