import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { packageRoot } from '../../paths.ts';
import { type RuleFile, ruleFilesIn } from '../../rule-files.ts';
import type { KnownRule } from '../input.ts';

const shipped: Record<string, string> = { shop: 'src/shop/rules' };

const ruleFile = z.object({
  groups: z.array(z.object({ rules: z.array(z.object({ alert: z.string().optional(), expr: z.string() })) })),
});

/** The alerting rules of a stack as we ship it; [] for any other stack. */
export function shippedRules(stack: string): KnownRule[] {
  return shippedRuleFiles(stack)
    .flatMap(({ text }) => ruleFile.parse(parse(text)).groups)
    .flatMap(({ rules }) => rules)
    .flatMap(({ alert, expr }) => (alert === undefined ? [] : [{ name: alert, query: expr }]));
}

/** The files that they are in, by their paths in the package; [] for any other stack. */
export function shippedRuleFiles(stack: string): RuleFile[] {
  const folder = Object.hasOwn(shipped, stack) ? shipped[stack] : undefined;
  return folder === undefined ? [] : ruleFilesIn(join(packageRoot, folder), folder);
}
