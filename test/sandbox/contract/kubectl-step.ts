/** One kubectl command and what it printed. */
import { runKubectl } from '../../kubectl.ts';
import type { Step } from './cases.ts';
import { difference } from './compare.ts';
import { reworded } from './kubectl-rewordings.ts';
import { type Bindings, matchText, substitute } from './placeholders.ts';
import type { Target } from './target.ts';

export async function kubectlDifference(
  target: Target,
  step: Step,
  bindings: Bindings,
): Promise<string | undefined> {
  const { args, stdin, env } = substitute(step.kubectl!, bindings);
  const { kubeconfig, kubectl } = target;
  if (!kubectl) throw new Error(`expected a kubectl to run ${args.join(' ')} with`);
  const run = await runKubectl(args, { kubeconfig, path: kubectl.path, stdin, env });
  if (run.exitCode !== step.exitCode) {
    return `expected exit code ${step.exitCode}, got ${run.exitCode}: ${run.stdout}${run.stderr}`;
  }
  if (step.stdoutJson !== undefined) {
    const found = difference(step.stdoutJson, JSON.parse(run.stdout), bindings, 'stdout');
    if (found) return found;
  } else {
    const expected = reworded(step.stdout ?? '', kubectl, args);
    const found = stdoutDifference(args, expected, withoutFolders(run.stdout), bindings);
    if (found) return `stdout: ${found}`;
  }
  const expected = reworded(step.stderr ?? '', kubectl, args);
  const said = run.stderr.replace(shortWatch, '').replace(deprecatedFlag, '');
  const found = textDifference(expected.replace(deprecatedFlag, ''), said, bindings);
  return found && `stderr: ${found}`;
}

/** client-go warns of its own short wait, if that ends before the server has answered the watch. */
const shortWatch = /^[IW]\d{4} .*very short watch.*\n/gm;

/** What kubectl thinks of flags changes with its versions. */
const deprecatedFlag = /^Flag --\S+ has been deprecated, .*\n/gm;

function stdoutDifference(args: string[], expected: string, actual: string, bindings: Bindings) {
  if (args.includes('events')) return unorderedDifference(expected, actual, bindings);
  if (!args.includes('describe')) return textDifference(expected, actual, bindings);
  const [wanted, seen] = [expected, actual].map((text) => text.split(/^(?=Events:)/m)) as [
    string[],
    string[],
  ];
  if (wanted.length !== seen.length) return textDifference(expected, actual, bindings);
  for (const [index, part] of wanted.entries()) {
    const compare = part.startsWith('Events:') ? unorderedDifference : textDifference;
    const found = compare(part, seen[index]!, bindings);
    if (found) return found;
  }
  return undefined;
}

/** How often something was repeated so far is chance. */
const withoutCounts = (text: string) => text.replace(/ \(x\d+ over [^)]*\)/g, '');

/**
 * Events of one second are sorted by times of different precision: the scheduler's to the microsecond, others to
 * the second. So whether Scheduled comes before Pulled is chance.
 */
function unorderedDifference(expected: string, actual: string, bindings: Bindings): string | undefined {
  const rest = lines(withoutCounts(actual));
  for (const line of lines(withoutCounts(expected))) {
    const at = rest.findIndex((candidate) => matchText(line, candidate, bindings));
    if (at < 0) return `expected ${JSON.stringify(line)} somewhere in\n${actual}`;
    rest.splice(at, 1);
  }
  return rest.length > 0 ? `expected no ${JSON.stringify(rest[0])} in\n${actual}` : undefined;
}

/** What `rollout status` says on the way depends on how fast pods are. */
const onTheWay =
  /^(Waiting for (deployment|daemon set) "[^"]*" rollout to finish|Waiting for partitioned roll out to finish|Waiting for \d+ pods to be ready)/;

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
    if (onTheWay.test(line) && wanted.some((other) => onTheWay.test(other))) continue;
    while (onTheWay.test(wanted[at] ?? '')) at += 1;
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
