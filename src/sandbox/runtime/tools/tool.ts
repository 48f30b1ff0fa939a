import type { Duplex } from 'node:stream';
import type { Lookup, SandboxClock } from '../../api.ts';
import type { ContainerFiles } from '../files.ts';
import type { Sink, Source } from '../shell/streams.ts';

/** The container that a tool runs in. */
export interface ToolHost {
  files: ContainerFiles;
  /** As the pod sees it. */
  network: {
    /** Rejects as a socket would. */
    connect(host: string, port: number): Promise<Duplex>;
    lookup(host: string): Promise<Lookup>;
  };
  clock: SandboxClock;
  hostname: string;
  podIP: string;
  /** Arguments of the container's main process. */
  mainProcess(): string[];
  /** How many shells and background jobs of one command are running now. */
  forks: { running: number };
  /** Signals the container's main process. */
  signalMain(signal: NodeJS.Signals): void;
}

/** One run of a tool. */
export interface ToolCall {
  /** Without the tool's own name. */
  args: string[];
  env: Readonly<Record<string, string>>;
  cwd: string;
  stdin: Source;
  stdout: Sink;
  stderr: Sink;
  signal: AbortSignal;
  host: ToolHost;
  print(text: string): void;
  complain(text: string): void;
}

/** Resolves to the exit code. */
export type Tool = (call: ToolCall) => Promise<number> | number;

/** The container was stopped, or the client went away. */
export class Stopped extends Error {}

/** Resolves after `ms`; throws Stopped when the signal fires before. */
export function pause(
  call: Pick<ToolCall, 'signal'> & { host: { clock: SandboxClock } },
  ms: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (call.signal.aborted) return reject(new Stopped());
    const stop = (): void => {
      cancel();
      reject(new Stopped());
    };
    const cancel = call.host.clock.setTimeout(() => {
      call.signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    call.signal.addEventListener('abort', stop, { once: true });
  });
}

/** For tools that print much: lets the reader of a pipe have its turn, and the rest of the session. */
export async function giveWay({ stdout, signal }: Pick<ToolCall, 'stdout' | 'signal'>): Promise<void> {
  await (stdout.drained?.() ?? new Promise((resolve) => setImmediate(resolve)));
  if (signal.aborted) throw new Stopped();
}

/** Prints lines in few large writes. */
export async function printLines(call: ToolCall, lines: Iterable<string>): Promise<void> {
  let text = '';
  for (const line of lines) {
    text += `${line}\n`;
    if (text.length < PRINTED_AT_ONCE) continue;
    call.print(text);
    text = '';
    await giveWay(call);
  }
  if (text) call.print(text);
}

const PRINTED_AT_ONCE = 64 * 1024;

/** Splits single-letter options off: `-la x` → {l, a}, [x]. A letter in `valued` takes the next word. */
export function options(
  args: string[],
  valued = '',
): { flags: Set<string>; values: Record<string, string>; rest: string[] } {
  const flags = new Set<string>();
  const values: Record<string, string> = {};
  const rest: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const word = args[index]!;
    if (word === '--') {
      rest.push(...args.slice(index + 1));
      break;
    }
    if (word.startsWith('--')) flags.add(word);
    else if (word.startsWith('-') && word.length > 1) {
      for (let at = 1; at < word.length; at++) {
        const letter = word[at]!;
        if (!valued.includes(letter)) flags.add(letter);
        else {
          values[letter] = word.slice(at + 1) || args[++index] || '';
          break;
        }
      }
    } else rest.push(word);
  }
  return { flags, values, rest };
}

/** Runs `each` on every file, or on the standard input when none is named; 1 if one could not be read. */
export async function eachInput(
  call: ToolCall,
  tool: string,
  files: string[],
  each: (content: Buffer, name: string) => void,
  readInput: () => Promise<Buffer>,
): Promise<number> {
  let code = 0;
  for (const name of files.length > 0 ? files : ['-']) {
    try {
      each(
        name === '-' ? await readInput() : call.host.files.read(call.host.files.resolve(call.cwd, name)),
        name,
      );
    } catch (error) {
      if (error instanceof Stopped) throw error;
      call.complain(`${tool}: can't open '${name}': ${(error as Error).message}\n`);
      code = 1;
    }
  }
  return code;
}
