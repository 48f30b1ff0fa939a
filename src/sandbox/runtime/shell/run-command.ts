import { findTool, SHELLS, toolName } from '../tools/index.ts';
import type { ToolHost } from '../tools/tool.ts';
import { builtins } from './builtins.ts';
import { execute } from './execute.ts';
import { runShell, Shell } from './shell.ts';
import { newState } from './state.ts';
import type { ShellIo } from './streams.ts';

export interface CommandPlace {
  host: ToolHost;
  env: Record<string, string>;
  cwd: string;
  io: ShellIo;
  signal: AbortSignal;
  /** What a shell's variables may take, in bytes. */
  memoryBytes?: number | undefined;
}

/** Runs a command as a container's runtime does: a shell, or one of the tools. */
export function runCommand(
  [name = '', ...args]: readonly string[],
  { host, env, cwd, io, signal, memoryBytes }: CommandPlace,
  started: (shell: Shell) => void,
): Promise<number> {
  if (isShell(name)) return runShell(host, args, env, cwd, io, signal, memoryBytes, started);
  // Tools that are not the shell's own run as its only command.
  const shell = new Shell(host, newState(env, cwd), signal, memoryBytes);
  return execute(shell, toolName(name) ?? name, args, {}, io);
}

/** A shell without a script: at a terminal it talks to a person. */
export function isTerminalShell([name = '', ...args]: readonly string[]): boolean {
  return isShell(name) && args.every((word) => /^-[il]+$/.test(word));
}

function isShell(name: string): boolean {
  return SHELLS.has(toolName(name) ?? '');
}

/** Programs that are only builtins of a shell here, but files elsewhere. */
const PROGRAMS = new Set(['true', 'false', 'echo', 'printf', 'pwd', 'test', '[']);

/** Why a command cannot be started, in the words of runc; undefined if it can. */
export function missingCommand(word: string): string | undefined {
  const name = toolName(word);
  const known =
    name !== undefined &&
    (SHELLS.has(name) || findTool(name) !== undefined || (PROGRAMS.has(name) && name in builtins));
  if (known) return undefined;
  return word.includes('/')
    ? `exec: "${word}": stat ${word}: no such file or directory`
    : `exec: "${word}": executable file not found in $PATH`;
}
