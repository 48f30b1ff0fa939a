import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { programFile } from './program.ts';

/** Runs the open-loop sender for a second against `url`; resolves to the number of its requests. */
export async function measureUnnamed(url: string): Promise<number> {
  const child = spawn(process.execPath, [programFile('sender-rate')], {
    env: { TARGET_URL: url, PER_SECOND: '20', DURATION_SECONDS: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  await once(child, 'close');
  return JSON.parse(text.trim().split('\n').at(-1)!).answered;
}
