/** Query options of writes: dryRun, fieldManager, fieldValidation. */
import type { WriteOptions } from '../../operations.ts';
import { type FieldError, invalid } from '../../status.ts';
import type { Call } from '../context.ts';

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

/** `kind` names the options in an error: CreateOptions, UpdateOptions, PatchOptions. Throws ApiError 422. */
export function writeOptions(call: Call, kind: string): WriteOptions {
  const query = call.url.searchParams;
  const errors: FieldError[] = [];
  const dryRun = query.getAll('dryRun').filter(Boolean);
  checkDryRun(dryRun, errors);
  const validation = query.get('fieldValidation') ?? '';
  if (!['', 'Ignore', 'Warn', 'Strict'].includes(validation)) {
    errors.push({
      type: 'NotSupported',
      field: 'fieldValidation',
      message: `Unsupported value: ${JSON.stringify(validation)}: supported values: "", "Ignore", "Strict", "Warn"`,
    });
  }
  if (errors.length > 0) throw invalid({ kind, group: 'meta.k8s.io' }, '', errors);
  return { dryRun: dryRun.length > 0, manager: query.get('fieldManager') || defaultManager(call) };
}

export function checkDryRun(dryRun: string[], errors: FieldError[]): void {
  if (dryRun.every((value) => value === 'All')) return;
  errors.push({
    type: 'NotSupported',
    field: 'dryRun',
    message: `Unsupported value: ${JSON.stringify(dryRun)}: supported values: "All"`,
  });
}

export function fieldValidation(call: Call): FieldValidation {
  const value = call.url.searchParams.get('fieldValidation');
  return value === 'Ignore' || value === 'Strict' ? value : 'Warn';
}

/** Without a name a writer is called by the first word of its User-Agent. */
function defaultManager(call: Call): string {
  const [first = ''] = String(call.request.headers['user-agent'] ?? '').split('/');
  return first.slice(0, 128) || 'unknown';
}
