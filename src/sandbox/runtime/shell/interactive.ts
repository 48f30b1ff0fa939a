import type { ExecStreams } from '../../api.ts';
import type { ToolHost } from '../tools/tool.ts';
import { Exit } from './control.ts';
import { parseScript } from './parse.ts';
import { Shell } from './shell.ts';
import { newState } from './state.ts';
import { nothing, type Sink, write } from './streams.ts';
import { SyntaxProblem } from './syntax.ts';

/** A shell at a terminal: echoes what is typed, edits the line a little, keeps a history. */
export async function interactiveShell(
  host: ToolHost,
  env: Record<string, string>,
  cwd: string,
  io: ExecStreams,
  signal: AbortSignal,
): Promise<number> {
  const out: Sink = {
    write: (chunk) => io.stdout(Buffer.from(Buffer.from(chunk).toString('utf8').replace(/\r?\n/g, '\r\n'))),
  };
  const state = newState(env, cwd);
  const history: string[] = [];
  let line = '';
  let at = 0;
  let running: AbortController | undefined;
  const prompt = (): void => write(out, `${state.cwd} # `);
  const redraw = (text: string): void => {
    write(out, `${'\b \b'.repeat(line.length)}${text}`);
    line = text;
  };

  async function submit(): Promise<number | undefined> {
    const text = line;
    line = '';
    write(out, '\n');
    if (text.trim()) history.push(text);
    at = history.length;
    running = new AbortController();
    const shell = new Shell(host, state, AbortSignal.any([signal, running.signal]));
    try {
      await shell.runScript(parseScript(text), { stdin: nothing(), stdout: out, stderr: out });
    } catch (error) {
      if (error instanceof Exit) return error.code;
      if (running.signal.aborted) state.status = 130;
      else if (error instanceof SyntaxProblem) write(out, `sh: ${error.message}\n`);
      else throw error;
    }
    running = undefined;
    prompt();
    return undefined;
  }

  prompt();
  // Lines wait for each other; Ctrl-C reaches the one that runs.
  let work: Promise<number | undefined> = Promise.resolve(undefined);
  for await (const chunk of io.stdin ?? nothing()) {
    for (const key of keys(Buffer.from(chunk).toString('utf8'))) {
      if (key === '\x03') {
        if (running) running.abort();
        else {
          line = '';
          write(out, '^C\n');
          prompt();
        }
      } else if (key === '\r' || key === '\n') {
        work = work.then((code) => code ?? submit());
        const code = running ? undefined : await Promise.race([work, settled()]);
        if (code !== undefined) return code;
      } else if (key === '\x04') {
        const code = await work;
        if (code !== undefined) return code;
        if (line === '') return state.status;
      } else if (key === '\x7f' || key === '\b') redraw(line.slice(0, -1));
      else if (key === '\x15') redraw('');
      else if (key === '\x1b[A' || key === '\x1b[B') {
        at = Math.max(0, Math.min(history.length, at + (key.endsWith('A') ? -1 : 1)));
        redraw(history[at] ?? '');
      } else if (key >= ' ') {
        line += key;
        if (!running) write(out, key);
      }
    }
    const done = await Promise.race([work, settled()]);
    if (done !== undefined) return done;
  }
  return (await work) ?? state.status;
}

/** Lets work that needs no waiting finish first. */
function settled(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, 5, undefined));
}

function keys(text: string): string[] {
  return text.match(/\x1b\[[A-D]|./gsu) ?? [];
}
