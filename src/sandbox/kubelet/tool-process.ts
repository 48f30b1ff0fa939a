import type { Exit } from '../runtime/client.ts';
import type { LogFile } from '../runtime/log-file.ts';
import type { ContainerProcess, ExecTool, KubeletContext } from './deps.ts';
import type { Inside, LaunchRequest } from './launch.ts';

export function startTool(
  _request: LaunchRequest,
  inside: Inside,
  _context: KubeletContext,
  _log: LogFile,
): ContainerProcess {
  let end: (exit: Exit) => void = () => undefined;
  const exited = new Promise<Exit>((resolve) => {
    end = resolve;
  });
  if (inside.argv[0] !== 'sleep') end({ code: inside.argv[0] === 'true' ? 0 : 1 });
  return { exited, signal: (signal) => signal === 'SIGKILL' && end({ code: 137, signal }) };
}

export function toolRunner(_inside: Inside, _process: ContainerProcess, _context: KubeletContext): ExecTool {
  return async (command) => ({
    exitCode: 127,
    error: `exec: "${command[0]}": executable file not found in $PATH`,
  });
}
