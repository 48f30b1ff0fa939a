import { compileRegex } from '../../regex.ts';

/** What CoreDNS does with a question by its Corefile: https://coredns.io/manual/configuration/. */
export interface Corefile {
  servers: ServerBlock[];
  /** Seconds after which a changed file is read; undefined: it never is. */
  reload?: number;
}

interface ServerBlock {
  zones: string[];
  rewrites: ((name: string) => string | undefined)[];
  templates: Template[];
  hosts?: { addresses: Map<string, string[]>; fallsThrough: boolean };
  /** The zones of the plugin kubernetes. */
  kubernetes: string[];
}

interface Template {
  zones: string[];
  match: { test(name: string): boolean }[];
  fallsThrough: boolean;
  answer: Answer;
}

/** Addresses (none: the name is there without one), a code, or the name that the plugin kubernetes is asked for. */
export type Answer = { addresses: string[] } | { code: 'NXDOMAIN' | 'SERVFAIL' } | { cluster: string };

interface Directive {
  words: string[];
  body: string[][];
}

/** Accepted without effect here: what they do is not seen by who asks for an address. */
const withoutEffect = new Set([
  ...['errors', 'health', 'ready', 'prometheus', 'forward', 'cache', 'loop', 'loadbalance', 'log', 'debug'],
  ...[
    'bufsize',
    'minimal',
    'pprof',
    'trace',
    'bind',
    'acl',
    'lameduck',
    'autopath',
    'any',
    'cancel',
    'header',
  ],
]);

/** Throws an error in the manner of CoreDNS for what it would not load. */
export function parseCorefile(text: string): Corefile {
  const blocks = directives(tokenLines(text));
  if (blocks.length === 0) throw new Error('Corefile: no server block');
  let reload: number | undefined;
  const servers = blocks.map(({ words, nested }) => {
    const block: ServerBlock = { zones: words.map(zoneOf), rewrites: [], templates: [], kubernetes: [] };
    for (const directive of nested) {
      const [plugin = '', ...args] = directive.words;
      if (plugin === 'reload') reload = seconds(args[0] ?? '30s');
      else if (plugin === 'rewrite') block.rewrites.push(...rewritesOf(args));
      else if (plugin === 'template') block.templates.push(templateOf(args, directive.body, block.zones));
      else if (plugin === 'hosts') block.hosts = hostsOf(directive.body);
      else if (plugin === 'kubernetes') block.kubernetes = args.length > 0 ? args.map(zoneOf) : block.zones;
      else if (!withoutEffect.has(plugin)) throw new Error(`Corefile: unknown directive '${plugin}'`);
    }
    return block;
  });
  return { servers, ...(reload !== undefined && { reload }) };
}

/** The answer to a question for addresses (A) of a full name without its last dot, in the order of CoreDNS' plugins. */
export function answerOf({ servers }: Corefile, asked: string): Answer {
  const server = servers
    .map((block) => ({ block, zone: longest(block.zones, asked) }))
    .filter(({ zone }) => zone !== undefined)
    .sort((a, b) => b.zone!.length - a.zone!.length)[0]?.block;
  if (!server) return { code: 'SERVFAIL' };
  const { rewrites, templates, hosts, kubernetes } = server;
  const name = rewrites.map((rewrite) => rewrite(asked)).find((to) => to !== undefined) ?? asked;
  for (const { zones, match, answer, fallsThrough } of templates) {
    if (longest(zones, name) === undefined) continue;
    if (match.some((one) => one.test(`${name}.`))) return answer;
    if (!fallsThrough) return { code: 'NXDOMAIN' };
  }
  const found = hosts?.addresses.get(name);
  if (found) return { addresses: found };
  if (hosts && !hosts.fallsThrough) return { code: 'SERVFAIL' };
  // What is in none of its zones would be asked for outside, where nothing can be reached.
  return longest(kubernetes, name) === undefined ? { code: 'NXDOMAIN' } : { cluster: name };
}

/** Lines of words: quotes hold words together, `#` begins a comment. */
function tokenLines(text: string): string[][] {
  return text
    .split('\n')
    .map((line) =>
      [...line.matchAll(/"((?:[^"\\]|\\.)*)"|#.*|[^\s"#][^\s]*/g)]
        .filter(([token]) => !token.startsWith('#'))
        .map(([token, quoted]) => quoted ?? token),
    )
    .filter((words) => words.length > 0);
}

function directives(lines: string[][]): { words: string[]; nested: Directive[] }[] {
  const blocks: { words: string[]; nested: Directive[] }[] = [];
  let depth = 0;
  for (const line of lines) {
    const opens = line.at(-1) === '{';
    const words = opens ? line.slice(0, -1) : line;
    if (line[0] === '}') depth -= 1;
    else if (depth === 0) {
      if (!opens) throw new Error(`Corefile: expected a server block, got '${line.join(' ')}'`);
      blocks.push({ words, nested: [] });
    } else if (depth === 1) blocks.at(-1)!.nested.push({ words, body: [] });
    else if (depth === 2) blocks.at(-1)!.nested.at(-1)!.body.push(words);
    if (opens) depth += 1;
    if (depth < 0 || depth > 3) throw new Error(`Corefile: unexpected '${line.join(' ')}'`);
  }
  if (depth !== 0) throw new Error("Corefile: unexpected EOF, expecting '}'");
  return blocks;
}

/** `dns://cluster.local:53` → `cluster.local`; `.` → the empty name, in which all are. */
function zoneOf(text: string): string {
  return text
    .replace(/^dns:\/\//, '')
    .replace(/:\d+$/, '')
    .replace(/\.$/, '')
    .toLowerCase();
}

function longest(zones: readonly string[], name: string): string | undefined {
  return zones
    .filter((zone) => zone === '' || name === zone || name.endsWith(`.${zone}`))
    .sort((a, b) => b.length - a.length)[0];
}

function seconds(text: string): number {
  const [, count, unit] = /^(\d+)(s|m)$/.exec(text) ?? [];
  if (count === undefined) throw new Error(`Corefile: reload: invalid duration "${text}"`);
  return Number(count) * (unit === 'm' ? 60 : 1);
}

/** `rewrite [stop|continue] name [exact|prefix|suffix|substring|regex] FROM TO`; of other fields than the name: none. */
function rewritesOf(args: string[]): ServerBlock['rewrites'] {
  const [field, ...rest] = ['stop', 'continue'].includes(args[0] ?? '') ? args.slice(1) : args;
  if (field !== 'name') return [];
  const kinds = ['exact', 'prefix', 'suffix', 'substring', 'regex'];
  const [kind, from, to] = kinds.includes(rest[0] ?? '') ? rest : ['exact', ...rest];
  if (from === undefined || to === undefined)
    throw new Error('Corefile: rewrite: few arguments for a name rule');
  const [plain, into] = [zoneOf(from), zoneOf(to)];
  if (kind === 'exact') return [(name) => (name === plain ? into : undefined)];
  if (kind === 'prefix')
    return [(name) => (name.startsWith(from) ? to + name.slice(from.length) : undefined)];
  if (kind === 'suffix')
    return [(name) => (name.endsWith(plain) ? name.slice(0, -plain.length) + into : undefined)];
  if (kind === 'substring') return [(name) => (name.includes(from) ? name.replaceAll(from, to) : undefined)];
  const pattern = compileRegex(from);
  return [
    (name) => {
      const found = pattern.exec(`${name}.`);
      return found && zoneOf(to.replace(/\{(\d)\}/g, (_, index) => found.groups[Number(index)] ?? ''));
    },
  ];
}

function templateOf([, type = 'ANY', ...zones]: string[], body: string[][], own: string[]): Template {
  const first = (word: string) => body.find(([key]) => key === word)?.slice(1);
  const patterns = body.filter(([key]) => key === 'match').flatMap(([, ...rest]) => rest);
  const code = first('rcode')?.[0]?.toUpperCase();
  const addresses = body
    .filter(([key]) => key === 'answer')
    .flatMap(([, record = '']) => /\sA\s+(\d+\.\d+\.\d+\.\d+)\s*$/.exec(record)?.[1] ?? []);
  const isOurs = ['A', 'ANY'].includes(type.toUpperCase());
  return {
    zones: isOurs ? (zones.length > 0 ? zones.map(zoneOf) : own) : [],
    match: patterns.length > 0 ? patterns.map((each) => compileRegex(each)) : [{ test: () => true }],
    fallsThrough: first('fallthrough') !== undefined,
    answer: code === 'NXDOMAIN' || code === 'SERVFAIL' ? { code } : { addresses },
  };
}

function hostsOf(body: string[][]): NonNullable<ServerBlock['hosts']> {
  const addresses = new Map<string, string[]>();
  for (const [address = '', ...names] of body)
    if (/^\d+(\.\d+){3}$/.test(address))
      for (const name of names.map(zoneOf)) addresses.set(name, [...(addresses.get(name) ?? []), address]);
  return { addresses, fallsThrough: body.some(([key]) => key === 'fallthrough') };
}
