import { spawn } from 'node:child_process';
import { text as readAll } from 'node:stream/consumers';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import { program } from '../../paths.ts';

export interface StackPrintOptions {
  image?: string;
  pullSecret?: string[];
  limits?: string[];
  without?: string[];
}

/** Prints the shop for a real cluster. @throws as `stackText` */
export const printManifests = (options: StackPrintOptions) => printStack('print', options);

export const printRules = () => printStack('rules');

export const printScrapeConfig = () => printStack('scrape-config');

async function printStack(what: StackText, options?: StackPrintOptions): Promise<void> {
  process.stdout.write(await stackText(what, options));
}

type StackText = 'print' | 'rules' | 'scrape-config';

/**
 * The shop for a real cluster, out of the sandbox's own program: only that knows what the shop is made of.
 * @throws MisfortuneError `stack-options`, `stack-failed`
 */
export async function stackText(what: StackText, options: StackPrintOptions = {}): Promise<string> {
  const { image, pullSecret = [], limits = [], without = [] } = options;
  const flags = [
    ...(image === undefined ? [] : [`--image=${image}`]),
    ...pullSecret.map((name) => `--pull-secret=${name}`),
    ...limits.map((text) => `--limits=${text}`),
    ...without.map((name) => `--without=${name}`),
  ];
  const child = spawn(process.execPath, [program('stack.js'), what, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const [printed, said, code] = await Promise.all([readAll(child.stdout), readAll(child.stderr), ended]);
  if (code === 0) return printed;
  if (code === exitCodes.usage)
    throw new MisfortuneError('stack-options', said.trim(), { exitCode: exitCodes.usage });
  throw new MisfortuneError(
    'stack-failed',
    `Printing the shop's manifests failed with exit code ${code}. ${said.trim()}`,
    {
      todo: 'Run `npm run build`, then try again.',
      exitCode: exitCodes.internal,
    },
  );
}
