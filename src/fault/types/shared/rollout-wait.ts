import { z } from 'zod';

/** `wait` of the types that change a workload. */
export const waitSchema = z
  .enum(['none', 'rollout'])
  .default('none')
  .describe('rollout: the next operation starts when the workload has rolled out. A broken one never does.');
