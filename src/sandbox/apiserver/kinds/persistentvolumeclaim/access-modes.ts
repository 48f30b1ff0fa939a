/** How volumes may be mounted, in the order in which kubectl shows it. */
import type { FieldError } from '../../status.ts';
import { forbiddenValue, oneOf } from '../../validation/rules.ts';

const short = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

/** `RWO,ROX` */
export function accessModesText(modes: string[] = []): string {
  return Object.entries(short)
    .flatMap(([mode, text]) => (modes.includes(mode) ? text : []))
    .join(',');
}

export function accessModes(field: string, modes: string[]): FieldError[] {
  const errors = modes.flatMap((mode) => oneOf(field, mode, Object.keys(short).sort()));
  if (modes.includes('ReadWriteOncePod') && modes.length > 1) {
    errors.push(forbiddenValue(field, 'may not use ReadWriteOncePod with other access modes'));
  }
  return errors;
}
