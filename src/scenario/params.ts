import type { Cluster } from '../cluster/cluster.ts';
import { readField } from '../cluster/fields/path.ts';
import { formatRef, parseRef } from '../cluster/ref.ts';
import { problemAt, type SourceDocument } from '../document/document.ts';
import { namesIn, substitute } from '../document/substitute.ts';
import { valueAt } from '../document/validate.ts';
import { exitCodes, MisfortuneError } from '../errors.ts';
import type { Prometheus } from '../signal/series.ts';
import { suggest } from '../words/nearest.ts';
import type { MeasuredParam } from './schema.ts';

/** Params that use params that use params. */
const longestChain = 50;

/**
 * The values of a document's params. Params may use each other; a cycle is a problem. `given` overrides the
 * file. A measured param without a given value stands as `unmeasuredValue` and is named in `unmeasured`.
 */
export function resolveParams(
  document: SourceDocument,
  given: Record<string, unknown>,
  unmeasuredValue: number | string = 1,
): { values: Record<string, unknown>; unmeasured: string[]; problems: MisfortuneError[] } {
  const problems: MisfortuneError[] = [];
  const raw = valueAt(document.value, ['params']);
  const params = raw !== null && typeof raw === 'object' && !Array.isArray(raw) ? { ...raw } : {};
  const all: Record<string, unknown> = { ...params, ...given };
  const values: Record<string, unknown> = {};
  const unmeasured: string[] = [];
  const open: string[] = [];

  const resolve = (name: string): void => {
    if (Object.hasOwn(values, name)) return;
    if (open.includes(name)) {
      const circle = [...open.slice(open.indexOf(name)), name].join(' → ');
      const place = document.place(['params', name]);
      problems.push(problemAt(place, 'param-cycle', `Params use each other in a circle: ${circle}.`));
      values[name] = 1;
      return;
    }
    if (open.length >= longestChain) {
      const message = `Expected a chain of at most ${longestChain} params that use each other, got more.`;
      problems.push(problemAt(document.place(['params', name]), 'param-chain', message));
      values[name] = 1;
      return;
    }
    open.push(name);
    for (const used of namesIn(all[name])) if (Object.hasOwn(all, used)) resolve(used);
    open.pop();
    if (Object.hasOwn(values, name)) return;
    const filled = substitute(all[name], values);
    for (const { path, code, message, todo } of filled.unknown) {
      problems.push(problemAt(document.place(['params', name, ...path]), code, message, { todo }));
    }
    // What is too long is told once, not again for all that uses it.
    if (filled.unknown.some(({ code }) => code === 'document-too-large')) filled.value = 1;
    const measured = isMeasured(filled.value);
    values[name] = measured ? unmeasuredValue : filled.value;
    if (measured) unmeasured.push(name);
  };

  for (const name of Object.keys(given)) {
    if (Object.hasOwn(params, name)) continue;
    const message = `The scenario has no param "${name}".`;
    problems.push(
      problemAt(document.place(['params']), 'unknown-param', message, {
        todo: suggest(name, Object.keys(params)),
      }),
    );
  }
  for (const name of Object.keys(all)) resolve(name);
  return { values, unmeasured, problems };
}

/** Measures the params that need it; call before anything is injected, then parse again with the result. */
export async function measureParams(
  document: SourceDocument,
  given: Record<string, unknown>,
  sources: { cluster: Cluster; prometheus: Prometheus },
  signal?: AbortSignal,
): Promise<Record<string, unknown>> {
  const measured: Record<string, unknown> = { ...given };
  const { unmeasured } = resolveParams(document, given);
  for (const name of unmeasured) {
    const { values } = resolveParams(document, measured);
    const raw = valueAt(document.value, ['params', name]);
    const param = substitute(raw, values).value as MeasuredParam;
    measured[name] = await measure(name, param, document, sources, signal);
  }
  return measured;
}

async function measure(
  name: string,
  param: MeasuredParam,
  document: SourceDocument,
  { cluster, prometheus }: { cluster: Cluster; prometheus: Prometheus },
  signal?: AbortSignal,
): Promise<unknown> {
  const seen =
    'promql' in param
      ? await queryOne(prometheus, param.promql, signal)
      : readField(await cluster.get(parseRef(param.field.ref), signal), param.field.path);
  const source =
    'promql' in param ? param.promql : `${formatRef(parseRef(param.field.ref))} ${param.field.path}`;
  const arithmetic = param.times !== undefined || param.plus !== undefined;
  const unusable = seen === undefined || (arithmetic && !Number.isFinite(Number(seen)));
  if (unusable) {
    const got = seen === undefined ? 'nothing' : JSON.stringify(seen);
    throw new MisfortuneError(
      'unmeasurable-param',
      `Param ${name}: expected a value from ${source}, got ${got}.`,
      {
        place: document.place(['params', name]),
        todo: 'Check that the stack is up and has metrics, or give the param a literal value.',
        exitCode: exitCodes.refused,
      },
    );
  }
  return arithmetic ? Number(seen) * (param.times ?? 1) + (param.plus ?? 0) : seen;
}

async function queryOne(
  prometheus: Prometheus,
  query: string,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const [sample] = await prometheus.query(query, { signal });
  return sample && Number.isFinite(sample.value) ? sample.value : undefined;
}

function isMeasured(value: unknown): value is MeasuredParam {
  return (
    value !== null &&
    typeof value === 'object' &&
    !Array.isArray(value) &&
    ('promql' in value || 'field' in value)
  );
}
