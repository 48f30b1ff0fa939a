import { FileProblem } from '../files.ts';
import { signalName } from '../tools/system.ts';
import { pause } from '../tools/tool.ts';
import { Exit, Jump } from './control.ts';
import type { RunningShell } from './running.ts';
import { LineReader, type ShellIo, write } from './streams.ts';
import { evaluateTest } from './test.ts';

type Builtin = (shell: RunningShell, args: string[], io: ShellIo) => Promise<number> | number;

/** Commands that act on the shell itself, and a few that are too small for a tool. */
export const builtins: Record<string, Builtin> = {
  ':': () => 0,
  true: () => 0,
  false: () => 1,
  echo,
  printf: (_, [format = '', ...args], io) => {
    write(io.stdout, printf(format, args));
    return 0;
  },
  pwd: (shell, _, io) => {
    write(io.stdout, `${shell.state.cwd}\n`);
    return 0;
  },
  cd,
  exit: (shell, [code]) => {
    throw new Exit(code === undefined ? shell.state.status : Number(code) & 255);
  },
  return: (shell, [code]) => {
    throw new Exit(code === undefined ? shell.state.status : Number(code) & 255);
  },
  break: (_, [levels]) => {
    throw new Jump('break', Number(levels ?? 1));
  },
  continue: (_, [levels]) => {
    throw new Jump('continue', Number(levels ?? 1));
  },
  export: (shell, args) => {
    for (const word of args) {
      const [name = '', ...value] = word.split('=');
      if (word.includes('=')) shell.assign(name, value.join('='));
      shell.state.exported.add(name);
    }
    return 0;
  },
  unset: (shell, args) => {
    for (const name of args) shell.state.variables.delete(name);
    return 0;
  },
  shift: (shell, [count]) => {
    shell.state.parameters.splice(0, Number(count ?? 1));
    return 0;
  },
  set: (shell, args) => {
    const rest = [...args];
    while (/^[-+][a-z]+$/.test(rest[0] ?? '')) {
      const word = rest.shift()!;
      if (word.includes('e')) shell.state.exitOnError = word.startsWith('-');
      if (word.includes('x')) shell.state.trace = word.startsWith('-');
      if (word.includes('o')) rest.shift();
    }
    if (rest[0] === '--') rest.shift();
    if (rest.length > 0) shell.state.parameters = rest;
    return 0;
  },
  trap: (shell, [action = '', ...names]) => {
    for (const name of names) {
      const key = name === 'EXIT' || name === '0' ? 'EXIT' : signalName(name);
      if (!key) return 1;
      if (action === '-') shell.state.traps.delete(key);
      else shell.state.traps.set(key, action);
    }
    return 0;
  },
  test: (shell, args) => Number(!evaluateTest(args, shell)),
  '[': (shell, args, io) => {
    if (args.pop() === ']') return Number(!evaluateTest(args, shell));
    write(io.stderr, 'sh: missing ]\n');
    return 2;
  },
  read,
  wait: async (shell, args) => {
    // The only jobs here are the shell's own background lists, which nobody can name.
    if (args.length === 0) await pause(shell, 1);
    return 0;
  },
  exec: async (shell, args, io) => {
    const [name, ...rest] = args;
    if (name === undefined) return 0;
    throw new Exit(await shell.execute(name, rest, {}, io));
  },
  eval: (shell, args, io) => shell.evaluate(args.join(' '), io),
};

function echo(_: RunningShell, args: string[], io: ShellIo): number {
  const words = [...args];
  let newline = true;
  let escapes = false;
  while (/^-[neE]+$/.test(words[0] ?? '')) {
    const option = words.shift()!;
    if (option.includes('n')) newline = false;
    if (option.includes('e')) escapes = true;
  }
  const text = words.join(' ');
  write(io.stdout, `${escapes ? withEscapes(text) : text}${newline ? '\n' : ''}`);
  return 0;
}

function cd(shell: RunningShell, [target]: string[], io: ShellIo): number {
  const { files } = shell.host;
  const path = files.resolve(shell.state.cwd, target ?? shell.state.variables.get('HOME') ?? '/');
  try {
    if (!files.stat(path).isDirectory()) throw new FileProblem('ENOTDIR', 'Not a directory');
    shell.state.cwd = path;
    shell.assign('PWD', path);
    return 0;
  } catch (error) {
    if (!(error instanceof FileProblem)) throw error;
    write(io.stderr, `${shell.state.name}: cd: can't cd to ${target}: ${error.message}\n`);
    return 1;
  }
}

async function read(shell: RunningShell, args: string[], io: ShellIo): Promise<number> {
  const names = args.filter((word) => !word.startsWith('-'));
  const reader = io.stdin instanceof LineReader ? io.stdin : new LineReader(io.stdin);
  const line = await reader.line();
  const words = (line ?? '').trim().split(/[ \t]+/);
  const last = names.pop() ?? 'REPLY';
  for (const name of names) shell.assign(name, words.shift() ?? '');
  shell.assign(last, words.join(' '));
  return line === undefined ? 1 : 0;
}

function withEscapes(text: string): string {
  const known: Record<string, string> = {
    n: '\n',
    t: '\t',
    r: '\r',
    '\\': '\\',
    a: '\x07',
    b: '\b',
    e: '\x1b',
    f: '\f',
    v: '\v',
  };
  return text.replace(/\\(0[0-7]{1,3}|x[0-9a-fA-F]{1,2}|.)/gs, (whole, code: string) => {
    if (/^0[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8));
    if (/^x./.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return known[code] ?? whole;
  });
}

/** %s %d %x %c %% with width; the format is used again while arguments are left. */
function printf(format: string, args: string[]): string {
  const words = [...args];
  let text = '';
  do {
    const before = words.length;
    text += withEscapes(format).replace(
      /%(-?0?)(\d*)(?:\.(\d+))?([sdixc%])/g,
      (_, flag: string, width: string, precision, type: string) => {
        if (type === '%') return '%';
        const word = words.shift() ?? '';
        const value =
          type === 's'
            ? precision
              ? word.slice(0, Number(precision))
              : word
            : type === 'c'
              ? word.slice(0, 1)
              : Number.parseInt(word || '0', 10).toString(type === 'x' ? 16 : 10);
        const wide = Math.min(Number(width || 0), 1000);
        return flag.includes('-') ? value.padEnd(wide) : value.padStart(wide, flag.includes('0') ? '0' : ' ');
      },
    );
    if (words.length === before) break;
  } while (words.length > 0);
  return text;
}
