import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { packageRoot } from '../../paths.ts';
import type { KnownRule } from '../input.ts';
import type { RuleFile } from './rule-file.ts';

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

/** Every .yaml and .yml file of a folder, named as in `shown`; [] where there is none. */
export function ruleFilesIn(folder: string, shown = folder): RuleFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => ({ path: `${shown}/${name}`, text: readFileSync(join(folder, name), 'utf8') }));
}
