import { FileProblem } from '../files.ts';
import type { ToolHost } from '../tools/tool.ts';
import { Exit } from './control.ts';
import { parseScript } from './parse.ts';
import { Shell } from './shell.ts';
import { newState } from './state.ts';
import { LineReader, type ShellIo, write } from './streams.ts';
import { SyntaxProblem } from './syntax.ts';

/** A new shell process: `sh -c script name args…`, `sh file args…`, or a script on its standard input. */
export async function runShell(
  host: ToolHost,
  args: string[],
  env: Record<string, string>,
  cwd: string,
  io: ShellIo,
  signal: AbortSignal,
  memoryBytes?: number,
  started?: (shell: Shell) => void,
): Promise<number> {
  const state = newState(env, cwd);
  const shell = new Shell(host, state, signal, memoryBytes);
  started?.(shell);
  const words = [...args];
  let inline = false;
  while (words[0]?.startsWith('-') && words[0].length > 1) {
    const letters = words.shift()!.slice(1);
    inline ||= letters.includes('c');
    state.exitOnError ||= letters.includes('e');
    state.trace ||= letters.includes('x');
  }
  if (inline) {
    const script = words.shift() ?? '';
    state.name = words.shift() ?? 'sh';
    state.parameters = words;
    return shell.run(script, io);
  }
  const file = words.shift();
  if (file !== undefined) {
    state.name = file;
    state.parameters = words;
    try {
      return await shell.run(host.files.read(host.files.resolve(cwd, file)).toString('utf8'), io);
    } catch (error) {
      if (!(error instanceof FileProblem)) throw error;
      write(io.stderr, `sh: can't open '${file}': ${error.message}\n`);
      return 2;
    }
  }
  const input = new LineReader(io.stdin);
  const rest: ShellIo = { ...io, stdin: input };
  for (let line = await input.line(); line !== undefined; line = await input.line()) {
    try {
      await shell.runScript(parseScript(line), rest);
    } catch (error) {
      if (error instanceof Exit) return error.code;
      if (!(error instanceof SyntaxProblem)) throw error;
      write(io.stderr, `sh: ${error.message}\n`);
      return 2;
    }
  }
  return state.status;
}
