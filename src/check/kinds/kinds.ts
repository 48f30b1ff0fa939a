import type { CheckKind } from '../kind.ts';
import { absent } from './absent.ts';
import { dns } from './dns.ts';
import { endpoints } from './endpoints.ts';
import { field } from './field.ts';
import { http } from './http.ts';
import { log } from './log.ts';
import { promql } from './promql.ts';
import { recreate } from './recreate.ts';
import { replay } from './replay.ts';
import { rollout } from './rollout.ts';
import { routed } from './routed.ts';
import { stopped } from './stopped.ts';
import { tcp } from './tcp.ts';
import { workload } from './workload.ts';

/** Every kind of check by its key in documents. Grammar, evaluation, permissions and lint come from this list. */
export const kinds = {
  promql,
  field,
  workload,
  endpoints,
  absent,
  stopped,
  rollout,
  http,
  log,
  dns,
  tcp,
  routed,
  recreate,
  replay,
} satisfies Record<string, CheckKind<unknown>>;
