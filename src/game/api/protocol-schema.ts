import { z } from 'zod';
import type { Action, Preimage } from '../../recorder/action.ts';
import type { Declaration } from './protocol.ts';

const who = z.string().min(1).max(80);
const line = z.string().min(1).max(400);

export const declarationSchema: z.ZodType<Declaration> = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ack'), who, alert: line.optional() }),
  z.strictObject({ type: z.literal('note'), who, text: z.string().min(1).max(4000), step: line.optional() }),
  z.strictObject({ type: z.literal('diagnose'), who, origin: line.optional(), mechanism: line.optional() }),
  z.strictObject({ type: z.literal('hint'), who }),
  z.strictObject({ type: z.literal('resolve'), who }),
  z.strictObject({ type: z.literal('join'), who }),
  z.strictObject({ type: z.literal('leave'), who }),
  z.strictObject({ type: z.literal('start') }),
  z.strictObject({ type: z.literal('nudge'), text: z.string().min(1).max(1000) }),
  z.strictObject({ type: z.literal('abort'), who }),
]);

const kubeRequest = z.looseObject({
  verb: z.string(),
  group: z.string(),
  version: z.string(),
  resource: z.string(),
  status: z.number(),
});

const action: z.ZodType<Action> = z.looseObject({
  id: z.string().min(1),
  at: z.number(),
  until: z.number(),
  who,
  surface: z.enum([
    'kubectl',
    'kubernetes',
    'prometheus',
    'grafana',
    'alertmanager',
    'dash',
    'playbook',
    'cluster',
  ]),
  effect: z.enum(['read', 'mutate', 'attempted']),
  title: z.string(),
  requests: z.array(kubeRequest),
});

const preimage: z.ZodType<Preimage> = z.looseObject({
  sequence: z.number(),
  actionId: z.string(),
  at: z.number(),
  who,
  apiVersion: z.string(),
  kind: z.string(),
  resource: z.string(),
  namespace: z.string().optional(),
  name: z.string(),
  before: z.record(z.string(), z.unknown()).optional(),
  refused: z.literal(true).optional(),
  verb: z.string(),
});

export const openSchema = z.strictObject({ name: line, who });
export const actionsSchema = z.object({ actions: z.array(action) });
export const preimagesSchema = z.object({ preimages: z.array(preimage) });
