import type { ToolHost } from '../tools/tool.ts';
import type { ExpansionHost } from './expand.ts';
import type { ShellState } from './state.ts';
import type { ShellIo } from './streams.ts';
import type { Script } from './syntax.ts';

/** A shell as its commands know it. Numbers are exit codes. */
export interface RunningShell {
  readonly host: ToolHost;
  readonly state: ShellState;
  readonly signal: AbortSignal;
  readonly memoryBytes: number;
  /** Runs a text as a part of this shell. */
  evaluate(text: string, io: ShellIo): Promise<number>;
  runScript(script: Script, io: ShellIo): Promise<void>;
  /** Runs one command by its name, with more variables than the shell exports; 127 if there is none. */
  execute(name: string, args: string[], extra: Record<string, string>, io: ShellIo): Promise<number>;
  /** Another shell process: `sh` with its words. */
  child(args: string[], env: Record<string, string>, io: ShellIo): Promise<number>;
  /** Whether a condition is true: its failure ends nothing. */
  holds(script: Script, io: ShellIo): Promise<boolean>;
  /** Its own copy of everything that a child process would inherit. */
  subshell(): RunningShell;
  assign(name: string, value: string): void;
  environment(): Record<string, string>;
  /** What words are expanded with. */
  expansion(io: ShellIo): ExpansionHost;
}
