/** DeleteOptions from a body, or from the query where there is none. */
import { ApiError } from '../../api.ts';
import type { DeleteOptions } from '../deletion.ts';
import { isRecord } from '../json.ts';
import { type FieldError, invalid } from '../status.ts';
import type { Call } from './context.ts';
import { readValue } from './object-body.ts';
import { checkDryRun } from './options.ts';

const policies = ['Foreground', 'Background', 'Orphan'];

export async function readDeleteOptions(call: Call): Promise<DeleteOptions> {
  const query = call.url.searchParams;
  const body = (await readValue(call)) ?? {};
  if (!isRecord(body)) throw new ApiError(400, 'BadRequest', 'the body is no DeleteOptions object');
  const preconditions = isRecord(body.preconditions) ? body.preconditions : {};
  const grace = body.gracePeriodSeconds ?? query.get('gracePeriodSeconds');
  const policy = body.propagationPolicy ?? query.get('propagationPolicy') ?? undefined;
  const orphan = body.orphanDependents ?? query.get('orphanDependents') ?? undefined;
  const dryRun = [...((body.dryRun as string[] | undefined) ?? []), ...query.getAll('dryRun')].filter(
    Boolean,
  );
  validate(policy, orphan, dryRun);
  return {
    uid: preconditions.uid as string | undefined,
    resourceVersion: preconditions.resourceVersion as string | undefined,
    gracePeriodSeconds: grace === null || grace === undefined ? undefined : Number(grace),
    propagationPolicy: (policy ?? fromOrphan(orphan)) as DeleteOptions['propagationPolicy'],
    dryRun: dryRun.length > 0,
  };
}

function fromOrphan(orphan: unknown): string | undefined {
  if (orphan === undefined) return undefined;
  return String(orphan) === 'true' ? 'Orphan' : 'Background';
}

function validate(policy: unknown, orphan: unknown, dryRun: string[]): void {
  const errors: FieldError[] = [];
  if (policy !== undefined && orphan !== undefined) {
    errors.push({
      type: 'Invalid',
      field: 'propagationPolicy',
      message: `Invalid value: ${JSON.stringify(policy)}: orphanDependents and deletionPropagation cannot be both set`,
    });
  }
  if (policy !== undefined && !policies.includes(String(policy))) {
    errors.push({
      type: 'NotSupported',
      field: 'propagationPolicy',
      message: `Unsupported value: ${JSON.stringify(policy)}: supported values: "Foreground", "Background", "Orphan", "nil"`,
    });
  }
  checkDryRun(dryRun, errors);
  if (errors.length > 0) throw invalid({ kind: 'DeleteOptions', group: 'meta.k8s.io' }, '', errors);
}
