import type { Cluster } from '../cluster/cluster.ts';
import type { CheckResult } from '../log/events.ts';
import type { Prometheus } from '../signal/series.ts';
import type { Baseline } from './baseline.ts';
import { checkEndpoints } from './endpoints.ts';
import { type Check, checkKinds } from './grammar.ts';
import { checkHttp } from './http.ts';
import { checkLog } from './log.ts';
import { checkAbsent, checkField } from './object.ts';
import { checkPromql } from './promql.ts';
import { checkStopped } from './stopped.ts';
import { checkRollout, checkWorkload } from './workload.ts';

/** What checks are evaluated against. */
export interface CheckContext {
  cluster: Cluster;
  prometheus: Prometheus;
  /** For `available: baseline`; `captureBaseline` takes it before the injection. */
  baseline: Baseline;
  signal?: AbortSignal;
}

/** What one kind of check finds; `evaluate` adds the id. */
export type Finding = Omit<CheckResult, 'id'>;

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

/** Evaluates several at the same time; results are in the same order. */
export async function evaluateAll(checks: readonly Check[], context: CheckContext): Promise<CheckResult[]> {
  return await Promise.all(checks.map((check) => evaluate(check, context)));
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
  const kind = checkKinds.find((each) => check[each] !== undefined);
  if (kind === undefined) return 'check';
  const about = check[kind];
  const ref = about !== null && typeof about === 'object' && 'ref' in about ? ` ${String(about.ref)}` : '';
  return `${kind}${ref}`;
}

async function find(check: Check, context: CheckContext): Promise<Finding> {
  if (check.all) return allOf(await evaluateAll(check.all, context));
  if (check.any) return anyOf(await evaluateAll(check.any, context));
  if (check.not) return negated(await evaluate(check.not, context));
  if (check.promql) return await checkPromql(check.promql, context);
  if (check.field) return await checkField(check.field, context);
  if (check.workload) return await checkWorkload(check.workload, context);
  if (check.endpoints) return await checkEndpoints(check.endpoints, context);
  if (check.absent) return await checkAbsent(check.absent.ref, context);
  if (check.stopped) return await checkStopped(check.stopped.ref, context);
  if (check.rollout) return await checkRollout(check.rollout.ref, context);
  if (check.http) return await checkHttp(check.http, context);
  if (check.log) return await checkLog(check.log, context);
  throw new Error('a check of no known kind');
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
