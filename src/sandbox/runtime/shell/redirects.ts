import { FileProblem } from '../files.ts';
import { type ExpansionHost, expandText } from './expand.ts';
import type { RunningShell } from './running.ts';
import { type ShellIo, type Sink, textSource } from './streams.ts';
import type { Redirect } from './syntax.ts';

/** The streams of a command after its redirections; throws FileProblem for a file that cannot be opened. */
export async function openRedirects(
  redirects: Redirect[],
  outer: ShellIo,
  expansion: ExpansionHost,
  shell: RunningShell,
): Promise<ShellIo> {
  const io = { ...outer };
  for (const { fd, operator, target } of redirects) {
    const text = await expandText(target, expansion);
    if (operator === '<<') io.stdin = textSource(text);
    else if (operator === '<') io.stdin = open(shell, text, (path) => bytes(shell.host.files.read(path)));
    else if (operator === '>&') {
      const copied = text === '2' ? io.stderr : io.stdout;
      if (fd === 2) io.stderr = copied;
      else io.stdout = copied;
    } else {
      const sink = open(shell, text, (path) => fileSink(shell, path, operator === '>>', io));
      if (fd === 2) io.stderr = sink;
      else io.stdout = sink;
    }
  }
  return io;
}

function open<T>(shell: RunningShell, name: string, action: (path: string) => T): T {
  try {
    return action(shell.host.files.resolve(shell.state.cwd, name));
  } catch (error) {
    if (!(error instanceof FileProblem)) throw error;
    throw new FileProblem(error.code, `can't open ${name}: ${error.message.toLowerCase()}`);
  }
}

async function* bytes(content: Buffer): AsyncGenerator<Uint8Array> {
  if (content.length > 0) yield content;
}

function fileSink(shell: RunningShell, path: string, append: boolean, io: ShellIo): Sink {
  if (path === '/dev/null') return { write: () => undefined };
  if (path === '/dev/stdout' || path === '/proc/1/fd/1') return io.stdout;
  if (path === '/dev/stderr' || path === '/proc/1/fd/2') return io.stderr;
  const { files } = shell.host;
  files.write(path, '', append);
  return { write: (chunk) => files.write(path, chunk, true) };
}
