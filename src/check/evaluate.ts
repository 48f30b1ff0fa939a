import type { CheckResult } from '../log/events.ts';
import type { Check } from './grammar.ts';
import type { CheckContext, Finding } from './kind.ts';
import { leafOf, leavesOf } from './leaves.ts';

/**
 * Evaluates a check once. Never throws for what the cluster or the monitoring does: no answer and no data are a
 * gap (`holds: false, gap: true`). Throws the signal's reason when aborted.
 */
export async function evaluate(check: Check, context: CheckContext): Promise<CheckResult> {
  context.signal?.throwIfAborted();
  const id = idOf(check);
  try {
    return { id, ...(await find(check, context)) };
  } catch (error) {
    context.signal?.throwIfAborted();
    return { id, holds: false, gap: true, seen: `no answer: ${(error as Error).message}` };
  }
}

/**
 * Evaluates several at the same time; results are in the same order. Those that change the cluster come last, and only
 * where all others hold: nobody's pod is deleted to prove what is known to be broken.
 */
export async function evaluateAll(checks: readonly Check[], context: CheckContext): Promise<CheckResult[]> {
  const looks = new Map(
    checks.filter((check) => !acts(check)).map((check) => [check, evaluate(check, context)]),
  );
  const othersHold = (await Promise.all(looks.values())).every(({ holds }) => holds);
  return await Promise.all(
    checks.map((check) => looks.get(check) ?? (othersHold ? evaluate(check, context) : notTried(check))),
  );
}

function acts(check: Check): boolean {
  return leavesOf(check).some(({ kind }) => kind.acts);
}

function notTried(check: Check): CheckResult {
  return { id: idOf(check), holds: false, gap: true, seen: 'tried when the other checks hold' };
}

/** Evaluates an oracle: the members of its `all` one by one, so that each failing one is named. */
export async function evaluateOracle(
  oracle: Check,
  context: CheckContext,
): Promise<{ checks: CheckResult[]; holds: boolean }> {
  const checks = await evaluateAll(membersOf(oracle), context);
  return { checks, holds: checks.every(({ holds }) => holds) };
}

/** The members of an `all`, else the check itself. */
export function membersOf(check: Check): Check[] {
  return check.all ?? [check];
}

/** The id by which results name a check: its own, else what kind it is and of what. */
function idOf(check: Check): string {
  if (check.id !== undefined) return check.id;
  const leaf = leafOf(check);
  if (!leaf) return ['all', 'any', 'not'].find((key) => Object.hasOwn(check, key)) ?? 'check';
  const { key, spec } = leaf;
  return key + (spec !== null && typeof spec === 'object' && 'ref' in spec ? ` ${String(spec.ref)}` : '');
}

async function find(check: Check, context: CheckContext): Promise<Finding> {
  if (check.all) return allOf(await evaluateAll(check.all, context));
  if (check.any) return anyOf(await evaluateAll(check.any, context));
  if (check.not) return negated(await evaluate(check.not, context));
  const leaf = leafOf(check);
  if (!leaf) throw new Error('a check of no known kind');
  return await leaf.kind.evaluate(leaf.spec, context);
}

function allOf(results: CheckResult[]): Finding {
  const failing = results.filter(({ holds }) => !holds);
  if (failing.length === 0) return { holds: true, seen: inWords(results) };
  return { holds: false, seen: inWords(failing), ...gapIf(failing.every(({ gap }) => gap)) };
}

function anyOf(results: CheckResult[]): Finding {
  const holding = results.filter(({ holds }) => holds);
  if (holding.length > 0) return { holds: true, seen: inWords(holding) };
  return { holds: false, seen: inWords(results), ...gapIf(results.some(({ gap }) => gap)) };
}

/** The opposite of what is not known is not known either. */
function negated({ holds, seen, gap, value }: CheckResult): Finding {
  return { holds: !holds && !gap, seen, value, ...gapIf(gap === true) };
}

function gapIf(gap: boolean): { gap?: true } {
  return gap ? { gap } : {};
}

function inWords(results: CheckResult[]): string {
  return results.map(({ id, seen }) => `${id}: ${seen}`).join('; ');
}
