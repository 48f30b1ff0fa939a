import { constants, loadavg, release } from 'node:os';
import { posix } from 'node:path';
import { pause, printLines, type Tool, type ToolCall } from './tool.ts';

/** Tools that tell of the container or wait. */
export const systemTools: Record<string, Tool> = {
  env: (call) => printEnv(call),
  printenv: (call) => (call.args[0] ? printOne(call, call.args[0]) : printEnv(call)),
  ps,
  kill,
  date: (call) => {
    const now = new Date(call.host.clock.now());
    call.print(`${call.args[0]?.startsWith('+') ? formatDate(now, call.args[0].slice(1)) : utc(now)}\n`);
    return 0;
  },
  hostname: (call) => print(call, call.args[0] === '-i' ? call.host.podIP : call.host.hostname),
  id: (call) =>
    print(
      call,
      call.args[0] === '-u' || call.args[0] === '-g' ? '0' : 'uid=0(root) gid=0(root) groups=0(root)',
    ),
  whoami: (call) => print(call, 'root'),
  uname: (call) => {
    const all = call.args.includes('-a');
    if (!all)
      return print(
        call,
        call.args.includes('-r') ? release() : call.args.includes('-n') ? call.host.hostname : 'Linux',
      );
    return print(call, `Linux ${call.host.hostname} ${release()} #1 SMP x86_64 GNU/Linux`);
  },
  nproc: (call) => print(call, '4'),
  uptime: (call) =>
    print(
      call,
      `load average: ${loadavg()
        .map((value) => value.toFixed(2))
        .join(', ')}`,
    ),
  sleep,
  seq: async (call) => {
    const numbers = call.args.map(Number);
    const [first, step, last] =
      numbers.length === 1
        ? [1, 1, numbers[0]!]
        : numbers.length === 2
          ? [numbers[0]!, 1, numbers[1]!]
          : numbers;
    if (!step || numbers.some(Number.isNaN)) return complain(call, 'seq: invalid number');
    await printLines(call, range(first!, step, last!));
    return 0;
  },
  basename: (call) => print(call, posix.basename(call.args[0] ?? '', call.args[1] ?? '')),
  dirname: (call) => print(call, posix.dirname(call.args[0] ?? '')),
  yes: async (call) => {
    for (;;) {
      call.print(`${call.args[0] ?? 'y'}\n`);
      await pause(call, 1);
    }
  },
};

function* range(first: number, step: number, last: number): Generator<string> {
  const count = Math.floor((last - first) / step) + 1;
  for (let index = 0; index < count; index++) yield String(first + index * step);
}

function print(call: ToolCall, text: string): number {
  call.print(`${text}\n`);
  return 0;
}

function complain(call: ToolCall, text: string): number {
  call.complain(`${text}\n`);
  return 1;
}

function printEnv(call: ToolCall): number {
  for (const [name, value] of Object.entries(call.env)) call.print(`${name}=${value}\n`);
  return 0;
}

function printOne(call: ToolCall, name: string): number {
  const value = call.env[name];
  return value === undefined ? 1 : print(call, value);
}

function ps(call: ToolCall): number {
  call.print('PID   USER     TIME  COMMAND\n');
  call.print(`    1 root      0:00 ${call.host.mainProcess().join(' ')}\n`);
  return print(call, `   17 root      0:00 ${['ps', ...call.args].join(' ')}`);
}

/**
 * As inside a container: the main process is 1, there is no other, and it cannot be killed from within:
 * the kernel drops SIGKILL and SIGSTOP for the first process of a PID namespace.
 */
function kill(call: ToolCall): number {
  const given = call.args[0]?.startsWith('-') ? call.args[0].slice(1) : undefined;
  const named = given === 's' ? call.args[1] : given;
  const pids = call.args.slice(given === undefined ? 0 : given === 's' ? 2 : 1);
  const signal = signalName(named ?? 'TERM');
  if (!signal && named !== '0') return complain(call, `kill: bad signal name '${named}'`);
  if (pids.length === 0) return complain(call, 'kill: you need to specify whom to kill');
  let code = 0;
  for (const pid of pids) {
    if (pid !== '1' && pid !== '-1') {
      code = complain(call, `kill: can't kill pid ${pid}: No such process`);
    } else if (pid === '1' && signal && DELIVERED.has(signal)) call.host.signalMain(signal);
  }
  return code;
}

const DELIVERED = new Set<string>(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2', 'SIGWINCH']);

export function signalName(text: string): NodeJS.Signals | undefined {
  const name = text.toUpperCase().replace(/^SIG/, '');
  const entries = Object.entries(constants.signals);
  const found = entries.find(([key, number]) => key === `SIG${name}` || String(number) === name);
  return found?.[0] as NodeJS.Signals | undefined;
}

const UNITS: Record<string, number> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };

async function sleep(call: ToolCall): Promise<number> {
  let seconds = 0;
  for (const word of call.args) {
    const match = /^(\d*\.?\d+|inf(?:inity)?)([smhd]?)$/.exec(word);
    if (!match) return complain(call, `sleep: invalid number '${word}'`);
    seconds += match[1]!.startsWith('inf') ? 2 ** 31 : Number(match[1]) * UNITS[match[2]!]!;
  }
  if (call.args.length === 0) return complain(call, 'sleep: missing operand');
  await pause(call, seconds * 1000);
  return 0;
}

function utc(date: Date): string {
  return formatDate(date, '%a %b %e %H:%M:%S UTC %Y');
}

function formatDate(date: Date, format: string): string {
  const [week = '', day = '', month = '', year = '', time = ''] = date
    .toUTCString()
    .replace(',', '')
    .split(' ');
  const [hour = '', minute = '', second = ''] = time.split(':');
  const iso = date.toISOString();
  const values: Record<string, string> = {
    a: week, b: month, d: day, e: day.replace(/^0/, ' '), Y: year, H: hour, M: minute, S: second, m: iso.slice(5, 7),
    F: iso.slice(0, 10), T: time, s: String(Math.floor(date.getTime() / 1000)), Z: 'UTC', N: '000000000', '%': '%',
  }; // biome-ignore format: one look
  return format.replace(/%([a-zA-Z%])/g, (whole, letter: string) => values[letter] ?? whole);
}
