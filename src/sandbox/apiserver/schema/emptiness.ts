/**
 * Which zero values the server writes and which it leaves out. In Kubernetes this is decided per Go field: a plain
 * value marked omitempty is left out when it is zero, a pointer is kept. The generated models do not tell.
 */
import { keptStrings, omittedZeros } from '../kinds/fields.ts';

/** Booleans that are no pointers: false is the same as absent. */
const plainBooleans = new Set([
  'readOnly',
  'stdin',
  'stdinOnce',
  'tty',
  'paused',
  'unschedulable',
  'hostIPC',
  'hostNetwork',
  'hostPID',
  'publishNotReadyAddresses',
  'denied',
  'authenticated',
  'chapAuthDiscovery',
  'chapAuthSession',
  'sslEnabled',
]);

/** True if a field with this (already decoded) value is left out. */
export function isOmitted(model: string, field: string, required: boolean, value: unknown): boolean {
  if (value === false) return plainBooleans.has(field);
  if (value === 0) return field === 'observedGeneration' || omittedZeros.has(`${model}.${field}`);
  if (value === '') return !required && !keptStrings.has(`${model}.${field}`);
  return Array.isArray(value) && value.length === 0 && !required;
}
