import { findTool, SHELLS, toolName } from '../tools/index.ts';
import type { ToolCall } from '../tools/tool.ts';
import { builtins } from './builtins.ts';
import type { RunningShell } from './running.ts';
import { type ShellIo, write } from './streams.ts';

/** Enough for a script, too few for a fork bomb. */
export const MAX_FORKS = 32;

/** Runs one command by its name, with more variables than the shell exports; 127 if there is none. */
export async function execute(
  shell: RunningShell,
  name: string,
  args: string[],
  extra: Record<string, string>,
  io: ShellIo,
): Promise<number> {
  const builtin = Object.hasOwn(builtins, name) ? builtins[name] : undefined;
  if (builtin) return builtin(shell, args, io);
  const env = { ...shell.environment(), ...extra };
  const plain = toolName(name);
  if (plain !== undefined && SHELLS.has(plain)) return childShell(shell, args, env, io);
  if (plain === 'env' && args.length > 0) return runEnv(shell, args, env, io);
  const tool = findTool(name);
  if (!tool) {
    write(io.stderr, `${shell.state.name}: ${name}: not found\n`);
    return 127;
  }
  return tool(callOf(shell, args, env, io));
}

async function childShell(
  shell: RunningShell,
  args: string[],
  env: Record<string, string>,
  io: ShellIo,
): Promise<number> {
  const { host, state } = shell;
  if (host.forks.running >= MAX_FORKS) {
    write(io.stderr, `${state.name}: can't fork: Resource temporarily unavailable\n`);
    return 2;
  }
  host.forks.running++;
  try {
    return await shell.child(args, env, io);
  } finally {
    host.forks.running--;
  }
}

function runEnv(
  shell: RunningShell,
  args: string[],
  env: Record<string, string>,
  io: ShellIo,
): Promise<number> | number {
  const rest = [...args];
  const changed = { ...env };
  while (rest[0]?.includes('=')) {
    const [key = '', ...value] = rest.shift()!.split('=');
    changed[key] = value.join('=');
  }
  if (rest.length > 0) return execute(shell, rest[0]!, rest.slice(1), changed, io);
  return findTool('env')!(callOf(shell, [], changed, io));
}

function callOf(shell: RunningShell, args: string[], env: Record<string, string>, io: ShellIo): ToolCall {
  const { host, signal, state } = shell;
  const print = (text: string): void => write(io.stdout, text);
  const complain = (text: string): void => write(io.stderr, text);
  return { args, env, cwd: state.cwd, ...io, signal, host, print, complain };
}
