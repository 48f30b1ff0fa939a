import { compileRegex, RegexError } from '../../../regex.ts';
import { LineReader, readAll } from '../shell/streams.ts';
import { eachInput, giveWay, options, printLines, type Tool, type ToolCall } from './tool.ts';

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
    for await (const chunk of call.stdin) {
      call.stdout.write(chunk);
      await giveWay(call);
    }
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

/** Patterns are those of RE2 (src/regex.ts): matching takes time linear in the text. */
async function grep(call: ToolCall): Promise<number> {
  const { flags, values, rest } = options(call.args, 'em');
  const pattern = values.e ?? rest.shift() ?? '';
  let matches: (line: string) => boolean;
  let parts: (line: string) => string[];
  try {
    ({ matches, parts } = lineMatcher(pattern, flags));
  } catch (error) {
    if (!(error instanceof RegexError)) throw error;
    call.complain(`grep: bad regex '${pattern}': ${error.message}\n`);
    return 2;
  }
  let found = 0;
  const printed: string[] = [];
  const failed = await eachInput(
    call,
    'grep',
    rest,
    (content, name) => {
      let count = 0;
      for (const [index, line] of linesOf(content).entries()) {
        if (matches(line) === flags.has('v')) continue;
        if (values.m && count >= Number(values.m)) break;
        count++;
        if (flags.has('q') || flags.has('c') || flags.has('l')) continue;
        const where = `${rest.length > 1 && !flags.has('h') ? `${name}:` : ''}${flags.has('n') ? `${index + 1}:` : ''}`;
        for (const text of flags.has('o') ? parts(line) : [line]) printed.push(where + text);
      }
      if (flags.has('c')) printed.push(`${rest.length > 1 ? `${name}:` : ''}${count}`);
      if (flags.has('l') && count > 0) printed.push(name);
      found += count;
    },
    input(call),
  );
  await printLines(call, printed);
  return failed ? 2 : found > 0 ? 0 : 1;
}

interface LineMatcher {
  matches(line: string): boolean;
  /** Every match, for -o. */
  parts(line: string): string[];
}

/** @throws RegexError */
function lineMatcher(pattern: string, flags: ReadonlySet<string>): LineMatcher {
  const literal = flags.has('F') || !/[.*+?^${}()|[\]\\]/.test(pattern);
  const source = literal ? pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : pattern.replace(/\\[<>]/g, '\\b');
  const whole = flags.has('w') ? `\\b(?:${source})\\b` : source;
  const regex = compileRegex(whole, { ignoreCase: flags.has('i') });
  const plain = literal && !flags.has('i') && !flags.has('w');
  return {
    matches: plain ? (line) => line.includes(pattern) : (line) => regex.test(line),
    parts: (line) => {
      const parts: string[] = [];
      for (let rest = line; rest !== ''; ) {
        const match = regex.exec(rest);
        if (!match) break;
        if (match.to > match.from) parts.push(rest.slice(match.from, match.to));
        rest = rest.slice(Math.max(match.to, 1));
        if (source.startsWith('^')) break;
      }
      return parts;
    },
  };
}

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
  const all: string[][] = [];
  const code = await eachInput(call, 'sort', rest, (content) => void all.push(linesOf(content)), input(call));
  const lines = all.flat();
  const field = Number.parseInt(values.k ?? '0', 10);
  const key = (line: string): string =>
    field > 0 ? (line.trim().split(values.t ?? /\s+/)[field - 1] ?? '') : line;
  let sorted: string[];
  if (flags.has('n')) {
    const numbers = Float64Array.from(lines, (line) => Number.parseFloat(key(line)) || 0);
    const order = Uint32Array.from(lines.keys()).sort((a, b) => numbers[a]! - numbers[b]! || a - b);
    sorted = Array.from(order, (index) => lines[index]!);
  } else if (field > 0) {
    const keyed = lines.map((line): [string, string] => [key(line), line]);
    sorted = keyed.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, line]) => line);
  } else sorted = lines.sort();
  if (flags.has('r')) sorted.reverse();
  await printLines(call, flags.has('u') ? new Set(sorted) : sorted);
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
  const shown = runs.map(
    ({ line, count }) => `${flags.has('c') ? `${String(count).padStart(7)} ` : ''}${line}`,
  );
  await printLines(call, shown);
  return code;
}

async function cut(call: ToolCall): Promise<number> {
  const { values, rest } = options(call.args, 'dfc');
  const wanted = (values.f ?? values.c ?? '1').split(',').map((range) => {
    const [from, to = range.includes('-') ? '' : from] = range.split('-');
    return { from: Number(from || 1), to: to === '' ? Number.POSITIVE_INFINITY : Number(to) };
  });
  const chosen = (_: string, index: number): boolean =>
    wanted.some(({ from, to }) => index + 1 >= from && index + 1 <= to);
  const separator = values.c ? '' : (values.d ?? '\t');
  const printed: string[] = [];
  const take = (content: Buffer): void => {
    for (const line of linesOf(content)) printed.push(line.split(separator).filter(chosen).join(separator));
  };
  const code = await eachInput(call, 'cut', rest, take, input(call));
  await printLines(call, printed);
  return code;
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
