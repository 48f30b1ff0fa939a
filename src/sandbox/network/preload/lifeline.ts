import { Socket } from 'node:net';
import { SETTINGS_FD } from '../protocol.ts';

/** Ends this process at once when the container runtime is gone: the pipe from it closes. `first` is done before. */
export function endWithRuntime(first: () => void = () => undefined): void {
  const lifeline = new Socket({ fd: SETTINGS_FD, readable: true, writable: false });
  const { pid } = process;
  lifeline.on('error', () => undefined);
  lifeline.on('close', () => {
    first();
    process.kill(pid, 'SIGKILL');
  });
  lifeline.resume();
  lifeline.unref();
}
