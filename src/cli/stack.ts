import { spawn } from 'node:child_process';
import { exitCodes, MisfortuneError } from '../errors.ts';
import { program } from '../paths.ts';

export interface StackPrintOptions {
  image?: string;
  pullSecret?: string[];
  limits?: string[];
}

/** The shop for a real cluster, out of the sandbox's own program: only that knows what the shop is made of. */
export async function printStack(
  what: 'print' | 'rules' | 'scrape-config',
  options: StackPrintOptions = {},
): Promise<void> {
  const { image, pullSecret = [], limits = [] } = options;
  const flags = [
    ...(image === undefined ? [] : [`--image=${image}`]),
    ...pullSecret.map((name) => `--pull-secret=${name}`),
    ...limits.map((text) => `--limits=${text}`),
  ];
  const child = spawn(process.execPath, [program('stack.js'), what, ...flags], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', resolve);
  });
  if (code === 0) return;
  if (code === exitCodes.usage) process.exitCode = exitCodes.usage;
  else
    throw new MisfortuneError('stack-failed', `Printing the shop ended with exit code ${code}.`, {
      todo: 'Run `npm run build`, then try again.',
      exitCode: exitCodes.internal,
    });
}
