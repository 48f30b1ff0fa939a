import type { Path } from '../document/document.ts';
import { mistyped, nearest } from '../words/nearest.ts';

/** A word of a `run:` line that no command knows. */
export interface CommandProblem {
  path: Path;
  code: string;
  message: string;
  todo?: string;
}

export interface CommandContext {
  /** The commands of misfortune; left out: not looked at. */
  misfortune?: readonly string[];
  /** Dashboards by uid; left out: not looked at. */
  dashboards?: readonly string[];
}

/** https://kubernetes.io/docs/reference/kubectl/generated/ (1.35), with what each takes as its second word. */
const kubectl: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    [
      ...[
        'get',
        'describe',
        'delete',
        'apply',
        'patch',
        'edit',
        'replace',
        'scale',
        'autoscale',
        'expose',
        'run',
      ],
      ...[
        'annotate',
        'label',
        'taint',
        'cordon',
        'uncordon',
        'drain',
        'logs',
        'exec',
        'attach',
        'cp',
        'wait',
        'diff',
      ],
      ...[
        'port-forward',
        'proxy',
        'debug',
        'events',
        'explain',
        'version',
        'api-resources',
        'api-versions',
        'kustomize',
      ],
      ...[
        'cluster-info',
        'completion',
        'options',
        'help',
        'create',
        'config',
        'certificate',
        'plugin',
        'alpha',
        'kuberc',
      ],
      ...['misfortune'],
    ].map((word) => [word, []]),
  ),
  rollout: ['history', 'pause', 'restart', 'resume', 'status', 'undo'],
  set: ['env', 'image', 'resources', 'selector', 'serviceaccount', 'sa', 'subject'],
  top: ['pod', 'pods', 'po', 'node', 'nodes', 'no'],
  auth: ['can-i', 'reconcile', 'whoami'],
};

/** What oc has beside kubectl's (https://docs.openshift.com, "OpenShift CLI developer command reference"), without second words. */
const oc: typeof kubectl = {
  ...kubectl,
  ...Object.fromEntries(
    [
      ...[
        'adm',
        'project',
        'projects',
        'rsh',
        'rsync',
        'login',
        'logout',
        'whoami',
        'status',
        'new-app',
        'tag',
      ],
      ...[
        'new-project',
        'new-build',
        'start-build',
        'cancel-build',
        'process',
        'import-image',
        'extract',
        'idle',
      ],
      ...['image', 'registry', 'policy', 'secrets', 'observe', 'get-token'],
    ].map((word) => [word, []]),
  ),
  rollout: ['cancel', 'history', 'latest', 'pause', 'restart', 'resume', 'retry', 'status', 'undo'],
  set: [
    ...kubectl.set!,
    'build-hook',
    'build-secret',
    'data',
    'deployment-hook',
    'image-lookup',
    'probe',
    'route-backends',
    'triggers',
    'volumes',
    'volume',
  ],
};

/** Options of kubectl that take the next word, so that it is not the command. */
const takesWord = new Set([
  ...[
    '-n',
    '--namespace',
    '--context',
    '--kubeconfig',
    '--cluster',
    '--user',
    '-s',
    '--server',
    '--as',
    '--as-group',
  ],
  ...[
    '--token',
    '--request-timeout',
    '-v',
    '--cache-dir',
    '--certificate-authority',
    '--client-certificate',
    '--client-key',
  ],
]);

/** The commands of a `run:` line that nobody can run as they stand. Names with `${…}` are bound later. */
export function lintCommands(
  run: readonly string[],
  path: (index: number) => Path,
  context: CommandContext,
): CommandProblem[] {
  return run.flatMap((line, index): CommandProblem[] => {
    const quote = openQuote(line);
    if (quote !== undefined) {
      const message = `The quote ${quote} is opened and not closed.`;
      return [{ path: path(index), code: 'unclosed-quote', message, todo: 'Close it, or escape it.' }];
    }
    return commandsOf(line).flatMap((words) => {
      const [program, ...rest] = words;
      const found =
        program === 'kubectl' || program === 'oc'
          ? kubectlProblem(program, rest)
          : program === 'misfortune'
            ? ownProblem(rest, context)
            : mistypedProgram(program);
      return found ? [{ path: path(index), ...found }] : [];
    });
  });
}

/** The quote that a shell would wait for the end of; what stands below a `<<` is no part of the command. */
function openQuote(line: string): string | undefined {
  const [command = ''] = line.includes('<<') ? line.split('\n') : [line];
  const open = command.replace(/\\[\s\S]|'[^']*'|"(?:[^"\\]|\\[\s\S])*"/g, '');
  return /['"]/.exec(open)?.[0];
}

type Problem = Omit<CommandProblem, 'path'>;

/** Any program may be there: only a slip of the pen is called one. */
function mistypedProgram(program: string | undefined): Problem | undefined {
  const meant = program && mistyped(program, ['kubectl', 'misfortune']);
  if (!meant) return undefined;
  return {
    code: 'unknown-command',
    message: `There is no program "${program}".`,
    todo: `Did you mean "${meant}"?`,
  };
}

function kubectlProblem(program: 'kubectl' | 'oc', words: readonly string[]): Problem | undefined {
  const [verb, second] = operands(words);
  if (verb === undefined || isOpen(verb)) return undefined;
  const known = program === 'oc' ? oc : kubectl;
  const seconds = Object.hasOwn(known, verb) ? known[verb] : undefined;
  // A plug-in may have any name: only what is near a command is called a typo.
  if (!seconds) return unknownWord(program, verb, Object.keys(known), true);
  if (seconds.length === 0 || second === undefined || isOpen(second)) return undefined;
  return seconds.includes(second) ? undefined : unknownWord(verb, second, seconds, false);
}

function ownProblem(
  words: readonly string[],
  { misfortune, dashboards }: CommandContext,
): Problem | undefined {
  const [command, name] = operands(words);
  if (command === undefined || isOpen(command)) return undefined;
  if (misfortune && !misfortune.includes(command))
    return unknownWord('misfortune', command, misfortune, false);
  if (command !== 'dash' || !dashboards || name === undefined || isOpen(name) || dashboards.includes(name))
    return undefined;
  const near = nearest(name, dashboards);
  return {
    code: 'unknown-dashboard',
    message: `There is no dashboard "${name}".`,
    ...(near && { todo: `Did you mean "${near}"?` }),
  };
}

function unknownWord(
  of: string,
  word: string,
  known: readonly string[],
  onlyNear: boolean,
): Problem | undefined {
  const near = nearest(word, known);
  if (!near && onlyNear) return undefined;
  return {
    code: 'unknown-command',
    message: `${of} has no "${word}".`,
    todo: near ? `Did you mean "${near}"?` : `Known: ${known.join(', ')}.`,
  };
}

function operands(words: readonly string[]): string[] {
  const found: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    if (takesWord.has(word)) index += 1;
    else if (!word.startsWith('-')) found.push(word);
  }
  return found;
}

function isOpen(word: string): boolean {
  return /[$<]/.test(word);
}

/** The simple commands of a line, as words without their quotes. */
function commandsOf(line: string): string[][] {
  const commands: string[][] = [[]];
  for (const [, separator, single, double, plain] of line.matchAll(
    /\s*(?:(\|\||&&|[|;&])|'([^']*)'|"((?:[^"\\]|\\.)*)"|((?:[^\s'"|;&\\]|\\.)+))/g,
  )) {
    if (separator) commands.push([]);
    else commands.at(-1)!.push(single ?? double ?? plain ?? '');
  }
  return commands.filter((words) => words.length > 0);
}
