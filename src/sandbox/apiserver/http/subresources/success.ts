import type { Call } from '../context.ts';
import { sendJson } from '../respond.ts';

/** The answer of subresources that only do something: binding, eviction. */
export function sendSuccess(call: Call): void {
  sendJson(call, 201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
}
