import { shellWords } from './shell-words.ts';

/** One command of kubectl or oc: what it does, to what, and how. */
export interface KubectlCommand {
  program: 'kubectl' | 'oc';
  /** get, rollout undo, set image. */
  command: string;
  /** As it is written: job, job.batch, deploy; '' where the command names none. Pods where only a pod can be meant. */
  kind: string;
  names: string[];
  /** Pairs and other words behind them: app=x, NAME-, a port. */
  others: string[];
  /** By their flags as they are written; '' for those that stand alone. */
  options: ReadonlyMap<string, string>;
}

/** The commands of kubectl and oc in a line, in order; what is behind `--` belongs to a container and is left out. */
export function kubectlCommands(line: string): KubectlCommand[] {
  const words = shellWords(line.replace(substitution, openWord));
  const parts: string[][] = [[]];
  for (const word of words) {
    if (/^(&&|\|\|?|;)$/.test(word)) parts.push([]);
    else parts.at(-1)!.push(word);
  }
  return parts.flatMap((part) => {
    const begin = part.findIndex((word) => word === 'kubectl' || word === 'oc');
    return begin < 0 ? [] : [parted(part[begin] as 'kubectl' | 'oc', part.slice(begin + 1))];
  });
}

/** `$(…)` is run by the shell, what it gives is not known: one word for it. */
const substitution = /\$\((?:[^()]|\([^()]*\))*\)/g;
const openWord = '<substituted>';

/** Their second word is a part of the command. */
const groups = new Set(['rollout', 'set', 'auth', 'config', 'certificate', 'cluster-info', 'plugin']);

/** Options that stand alone; every other takes the next word. */
const standAlone =
  /^--?(all|force|wait|now|record|overwrite|local|dry-run|ignore-not-found|A|all-namespaces|cascade|watch|watch-only|follow|previous|timestamps|all-containers|all-pods|prefix|ignore-errors|show-labels|show-kind|show-managed-fields|no-headers|stdin|tty|quiet|rm|ignore-daemonsets|delete-emptydir-data|delete-local-data|disable-eviction|containers|recursive|list|server-side|force-conflicts|prune|sum|insecure-skip-tls-verify|help|h|R|it|ti|i|t|q|client|interactive|to-namespaces|all-images|as-root)$/;
/** Short ones that mean something else elsewhere: `logs -f` follows, `apply -f` reads a file. */
const standAloneOf: Record<string, RegExp> = {
  logs: /^-[fp]$/,
  get: /^-w$/,
  events: /^-w$/,
  rollout: /^-w$/,
};

function parted(program: 'kubectl' | 'oc', words: readonly string[]): KubectlCommand {
  const plain: string[] = [];
  const options = new Map<string, string>();
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    if (word === '--' || /^\d?>/.test(word)) break;
    const joined = /^(-[onlc])([^=].*)$/.exec(word);
    if (!word.startsWith('-') || word === '-') plain.push(word);
    else if (word.includes('='))
      options.set(word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1));
    else if (standAlone.test(word) || standAloneOf[plain[0] ?? '']?.test(word)) options.set(word, '');
    else if (joined) options.set(joined[1]!, joined[2]!);
    else options.set(word, words[++index] ?? '');
  }
  // `oc adm drain` is kubectl's drain.
  if (program === 'oc' && plain[0] === 'adm') plain.shift();
  const [first = '', second = ''] = plain;
  const command = groups.has(first) && second !== '' ? `${first} ${second}` : first;
  return { program, command, ...targetOf(plain.slice(command.split(' ').length), command), options };
}

/** Of commands whose first word is a pod unless it says otherwise. */
const ofPods = /^(logs|exec|attach|port-forward|debug|rsh|cp)$/;

/** `deployment/checkout app=x`, `deployment checkout other`, `node-b` of cordon. */
function targetOf(
  words: readonly string[],
  command: string,
): { kind: string; names: string[]; others: string[] } {
  const [first = '', ...rest] = words;
  if (/^(un)?cordon$|^drain$/.test(command)) return { kind: 'node', names: words.slice(0, 1), others: [] };
  const isOther = (word: string) =>
    word.includes('=') || (/-$/.test(word) && /^(label|annotate|set env|taint)$/.test(command));
  if (first.includes('/') && !first.startsWith('/') && command !== 'cp') {
    const [kind = '', name = ''] = first.split('/');
    return { kind, names: [name], others: rest };
  }
  if (ofPods.test(command)) {
    const name = command === 'cp' ? words.find((word) => word.includes(':'))?.split(':')[0] : first;
    return { kind: 'pod', names: name ? [name] : [], others: rest };
  }
  return { kind: first, names: rest.filter((word) => !isOther(word)), others: rest.filter(isOther) };
}
