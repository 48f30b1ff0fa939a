import { LineReader, readAll } from '../shell/streams.ts';
import { eachInput, options, type Tool, type ToolCall } from './tool.ts';

/** Tools that read text and print some of it. */
export const textTools: Record<string, Tool> = {
  cat,
  head,
  tail,
  grep,
  wc,
  sort,
  uniq,
  cut,
  tr,
  tee,
};

const input = (call: ToolCall) => (): Promise<Buffer> => readAll(call.stdin);

async function cat(call: ToolCall): Promise<number> {
  const { rest } = options(call.args);
  // Without files it hands on what comes, as it comes.
  if (rest.length === 0 || (rest.length === 1 && rest[0] === '-')) {
    for await (const chunk of call.stdin) call.stdout.write(chunk);
    return 0;
  }
  return eachInput(call, 'cat', rest, (content) => call.stdout.write(content), input(call));
}

function linesOf(content: Buffer): string[] {
  const lines = content.toString('utf8').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function part(name: string, choose: (lines: string[], count: number) => string[]): Tool {
  return (call) => {
    const { values, rest } = options(
      call.args.map((word) => (/^-\d+$/.test(word) ? `-n${word.slice(1)}` : word)),
      'nc',
    );
    return eachInput(
      call,
      name,
      rest,
      (content) => {
        if (values.c) call.stdout.write(content.subarray(0, Number(values.c)));
        else for (const line of choose(linesOf(content), Number(values.n ?? 10))) call.print(`${line}\n`);
      },
      input(call),
    );
  };
}

const firstLines = part('head', (lines, count) => lines.slice(0, count));

/** Of its standard input it takes no more than it prints, so that an endless one ends. */
async function head(call: ToolCall): Promise<number> {
  const lines = /^(?:-n?(\d+))?$/.exec(call.args.join(''));
  if (!lines) return firstLines(call);
  const input = new LineReader(call.stdin);
  for (let left = Number(lines[1] ?? 10); left > 0; left--) {
    const line = await input.line();
    if (line === undefined) break;
    call.print(`${line}\n`);
  }
  return 0;
}

const lastLines = part('tail', (lines, count) => (count === 0 ? [] : lines.slice(-count)));

/** `tail -f` follows until the client goes away. */
async function tail(call: ToolCall): Promise<number> {
  const { flags, rest } = options(call.args, 'nc');
  const args = call.args.map((word) => word.replace(/^\+/, ''));
  const code = await lastLines({ ...call, args: args.filter((word) => !['-f', '-F'].includes(word)) });
  if (!flags.has('f') && !flags.has('F')) return code;
  const { files, clock } = call.host;
  const path = files.resolve(call.cwd, rest[0] ?? '/dev/null');
  let seen = rest[0] && files.exists(path) ? files.read(path).length : 0;
  while (!call.signal.aborted) {
    await new Promise<void>((resolve) => clock.setTimeout(resolve, 500));
    if (!rest[0] || !files.exists(path)) continue;
    const content = files.read(path);
    if (content.length > seen) call.stdout.write(content.subarray(seen));
    seen = content.length;
  }
  return code;
}

async function grep(call: ToolCall): Promise<number> {
  const { flags, values, rest } = options(call.args, 'em');
  const pattern = values.e ?? rest.shift() ?? '';
  const source = flags.has('F') ? pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : pattern;
  let expression: RegExp;
  try {
    expression = new RegExp(flags.has('w') ? `\\b(?:${source})\\b` : source, flags.has('i') ? 'i' : '');
  } catch {
    call.complain(`grep: bad regex '${pattern}'\n`);
    return 2;
  }
  let found = 0;
  const failed = await eachInput(
    call,
    'grep',
    rest,
    (content, name) => {
      let count = 0;
      for (const [index, line] of linesOf(content).entries()) {
        if (expression.test(line.slice(0, MAX_MATCHED)) === flags.has('v')) continue;
        if (values.m && count >= Number(values.m)) break;
        count++;
        if (flags.has('q') || flags.has('c') || flags.has('l')) continue;
        const where = `${rest.length > 1 && !flags.has('h') ? `${name}:` : ''}${flags.has('n') ? `${index + 1}:` : ''}`;
        if (flags.has('o'))
          for (const [match] of line.matchAll(new RegExp(expression, 'g'))) call.print(`${where}${match}\n`);
        else call.print(`${where}${line}\n`);
      }
      if (flags.has('c')) call.print(`${rest.length > 1 ? `${name}:` : ''}${count}\n`);
      if (flags.has('l') && count > 0) call.print(`${name}\n`);
      found += count;
    },
    input(call),
  );
  return failed ? 2 : found > 0 ? 0 : 1;
}

/** Lines are matched up to here, so that a pattern cannot hold up the sandbox. */
const MAX_MATCHED = 4096;

function wc(call: ToolCall): Promise<number> {
  const { flags, rest } = options(call.args);
  const all = flags.size === 0;
  return eachInput(
    call,
    'wc',
    rest,
    (content, name) => {
      const text = content.toString('utf8');
      const counts: number[] = [];
      if (all || flags.has('l')) counts.push(text.split('\n').length - 1);
      if (all || flags.has('w')) counts.push(text.split(/\s+/).filter(Boolean).length);
      if (all || flags.has('c')) counts.push(content.length);
      const shown =
        counts.length > 1 ? counts.map((count) => String(count).padStart(9)).join(' ') : String(counts[0]);
      call.print(`${shown}${name === '-' ? '' : ` ${name}`}\n`);
    },
    input(call),
  );
}

async function sort(call: ToolCall): Promise<number> {
  const { flags, values, rest } = options(call.args, 'kt');
  const lines: string[] = [];
  const code = await eachInput(
    call,
    'sort',
    rest,
    (content) => void lines.push(...linesOf(content)),
    input(call),
  );
  const field = Number.parseInt(values.k ?? '0', 10);
  const key = (line: string): string =>
    field > 0 ? (line.trim().split(values.t ?? /\s+/)[field - 1] ?? '') : line;
  const compare = flags.has('n')
    ? (a: string, b: string) => (Number.parseFloat(key(a)) || 0) - (Number.parseFloat(key(b)) || 0)
    : (a: string, b: string) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0);
  lines.sort(compare);
  if (flags.has('r')) lines.reverse();
  for (const line of flags.has('u') ? new Set(lines) : lines) call.print(`${line}\n`);
  return code;
}

async function uniq(call: ToolCall): Promise<number> {
  const { flags, rest } = options(call.args);
  const runs: { line: string; count: number }[] = [];
  const take = (content: Buffer): void => {
    for (const line of linesOf(content)) {
      const last = runs.at(-1);
      if (last?.line === line) last.count++;
      else runs.push({ line, count: 1 });
    }
  };
  const code = await eachInput(call, 'uniq', rest, take, input(call));
  for (const { line, count } of runs)
    call.print(`${flags.has('c') ? `${String(count).padStart(7)} ` : ''}${line}\n`);
  return code;
}

function cut(call: ToolCall): Promise<number> {
  const { values, rest } = options(call.args, 'dfc');
  const wanted = (values.f ?? values.c ?? '1').split(',').map((range) => {
    const [from, to = range.includes('-') ? '' : from] = range.split('-');
    return { from: Number(from || 1), to: to === '' ? Number.POSITIVE_INFINITY : Number(to) };
  });
  const chosen = (_: string, index: number): boolean =>
    wanted.some(({ from, to }) => index + 1 >= from && index + 1 <= to);
  const separator = values.c ? '' : (values.d ?? '\t');
  const take = (content: Buffer): void => {
    for (const line of linesOf(content))
      call.print(`${line.split(separator).filter(chosen).join(separator)}\n`);
  };
  return eachInput(call, 'cut', rest, take, input(call));
}

async function tr(call: ToolCall): Promise<number> {
  const { flags, rest } = options(call.args);
  const [from = [], to = []] = rest.map(characters);
  const text = (await readAll(call.stdin)).toString('utf8');
  const translate = (char: string): string => {
    const index = from.indexOf(char);
    if (index < 0) return char;
    return flags.has('d') ? '' : (to[Math.min(index, to.length - 1)] ?? '');
  };
  call.print([...text].map(translate).join(''));
  return 0;
}

function characters(set: string): string[] {
  const plain = set.replace(/\\n/g, '\n').replace(/\\t/g, '\t');
  const ranges = plain.replace(/([^\\])-(.)/gs, (_, a: string, b: string) => {
    const [low, high] = [a.codePointAt(0)!, b.codePointAt(0)!];
    return Array.from({ length: Math.max(0, Math.min(high - low, 255)) + 1 }, (_, step) =>
      String.fromCodePoint(low + step),
    ).join('');
  });
  return [...ranges];
}

async function tee(call: ToolCall): Promise<number> {
  const { flags, rest } = options(call.args);
  const content = await readAll(call.stdin);
  const { files } = call.host;
  call.stdout.write(content);
  for (const name of rest) files.write(files.resolve(call.cwd, name), content, flags.has('a'));
  return 0;
}
