/** One kubectl command and what it printed. */
import { runKubectl } from '../../kubectl.ts';
import type { Step } from './cases.ts';
import { difference } from './compare.ts';
import { type Bindings, matchText, substitute } from './placeholders.ts';
import type { Target } from './target.ts';

export async function kubectlDifference(
  target: Target,
  step: Step,
  bindings: Bindings,
): Promise<string | undefined> {
  const { args, stdin, env } = substitute(step.kubectl!, bindings);
  const { kubeconfig, kubectl: path } = target;
  const run = await runKubectl(args, { kubeconfig, path, stdin, env });
  if (run.exitCode !== step.exitCode) {
    return `expected exit code ${step.exitCode}, got ${run.exitCode}: ${run.stdout}${run.stderr}`;
  }
  if (step.stdoutJson !== undefined) {
    const found = difference(step.stdoutJson, JSON.parse(run.stdout), bindings, 'stdout');
    if (found) return found;
  } else {
    const found = textDifference(step.stdout ?? '', withoutFolders(run.stdout), bindings);
    if (found) return `stdout: ${found}`;
  }
  const found = textDifference(step.stderr ?? '', run.stderr, bindings);
  return found && `stderr: ${found}`;
}

/** Runs of spaces inside a line are stored as two; a line that is repeated may come more or less often. */
export function textDifference(expected: string, actual: string, bindings: Bindings): string | undefined {
  const wanted = lines(expected);
  const seen = lines(actual);
  if (
    wanted.length === seen.length &&
    wanted.every((line, index) => matchText(line, seen[index], bindings))
  ) {
    return undefined;
  }
  let at = 0;
  for (const line of seen) {
    if (at < wanted.length && matchText(wanted[at]!, line, bindings)) at += 1;
    else if (at > 0 && matchText(wanted[at - 1]!, line, bindings)) continue;
    else
      return `expected ${JSON.stringify(wanted[at] ?? 'no more lines')}, got ${JSON.stringify(line)} in\n${actual}`;
  }
  return at < wanted.length ? `expected ${JSON.stringify(wanted[at])}, got the end of\n${actual}` : undefined;
}

/** kubectl diff compares folders of its own, with chance in their names. */
const withoutFolders = (text: string) => text.replace(/\/\S*\/(LIVE|MERGED)-\d+/g, '/folder/$1');

const lines = (text: string) =>
  text.split('\n').map((line) => line.replace(/(\S) {2,}/g, '$1  ').replace(/ +$/, ''));
