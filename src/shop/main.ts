/**
 * Prints the shop for a real cluster: `node dist/stack.js print [--image I] [--pull-secret S]… [--limits L]… [--without P]…`,
 * `node dist/stack.js rules`, `node dist/stack.js scrape-config`. Ends with 2 for wrong use.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { printedRules, printedScrapeConfig, printedStack } from './print.ts';

const dist = dirname(fileURLToPath(import.meta.url));
try {
  process.stdout.write(printed());
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
}

function printed(): string {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      image: { type: 'string' },
      'pull-secret': { type: 'string', multiple: true },
      limits: { type: 'string', multiple: true },
      without: { type: 'string', multiple: true },
    },
  });
  switch (positionals[0]) {
    case 'print': {
      const programs = (name: string): string => readFileSync(join(dist, 'programs', `${name}.cjs`), 'utf8');
      const { image, limits, without, 'pull-secret': pullSecrets } = values;
      return printedStack(programs, { image, limits, without, pullSecrets });
    }
    case 'rules':
      return printedRules();
    case 'scrape-config':
      return printedScrapeConfig();
    default:
      throw new Error(`Expected print, rules or scrape-config, got ${positionals[0] ?? 'nothing'}.`);
  }
}
