import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { packageRoot } from '../../paths.ts';
import type { KnownRule } from '../input.ts';

const shipped: Record<string, string> = { shop: join(packageRoot, 'src/shop/rules') };

const ruleFile = z.object({
  groups: z.array(z.object({ rules: z.array(z.object({ alert: z.string().optional(), expr: z.string() })) })),
});

/** The alerting rules of a stack as we ship it; [] for any other stack. */
export function shippedRules(stack: string): KnownRule[] {
  const folder = Object.hasOwn(shipped, stack) ? shipped[stack] : undefined;
  if (folder === undefined || !existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .flatMap((name) => ruleFile.parse(parse(readFileSync(join(folder, name), 'utf8'))).groups)
    .flatMap(({ rules }) => rules)
    .flatMap(({ alert, expr }) => (alert === undefined ? [] : [{ name: alert, query: expr }]));
}
