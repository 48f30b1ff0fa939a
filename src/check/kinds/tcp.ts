import { z } from 'zod';
import { duration, slug } from '../../document/fields.ts';
import type { CheckContext, CheckKind, Finding } from '../kind.ts';
import { probeNeeds } from '../needs.ts';
import { hostText, probe, serviceNamed } from '../probe.ts';

interface Spec {
  /** A name or address, as a program of the stack has it. */
  host: string;
  port: number;
  /** The namespace from which it is connected to. */
  from: string;
  /** Milliseconds, default 2 s. */
  timeout: number;
}

const program = `
const begun = Date.now();
const socket = require('net').connect(input.port, input.host);
socket.on('connect', () => say({ ms: Date.now() - begun }));
socket.on('error', ({ code, message }) => say({ error: code ?? message }));`;

/** A port takes connections from a pod of the namespace. Nothing is sent. */
export const tcp: CheckKind<Spec> = {
  schema: z.strictObject({
    host: hostText,
    port: z.int().min(1).max(65_535),
    from: slug,
    timeout: duration.prefault('2s'),
  }),
  evaluate,
  permissions: ({ from }) => probeNeeds(from),
  references: ({ host, from }) => serviceNamed(host, from),
};

async function evaluate(spec: Spec, context: CheckContext): Promise<Finding> {
  const { host, port, from } = spec;
  const { error, ms } = await probe<{ error?: string; ms?: number }>(from, program, spec, context);
  if (error !== undefined)
    return { holds: false, seen: `${host}:${port} takes no connection from ${from}: ${error}` };
  return { holds: true, value: ms, seen: `${host}:${port} took a connection from ${from} after ${ms} ms` };
}
