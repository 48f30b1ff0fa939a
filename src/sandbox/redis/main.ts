/**
 * What runs in a container of the image `redis`: as much of Redis 7 as a cache and a queue need, in memory only. On a real
 * cluster the image is Redis itself.
 */
import process from 'node:process';
import { RedisServer } from './server.ts';
import { readSettings, type Settings } from './settings.ts';

const say = (text: string) =>
  process.stdout.write(`1:M ${new Date().toUTCString().slice(5, 25)} * ${text}\n`);

function settingsOrEnd(): Settings {
  try {
    return readSettings(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`*** FATAL CONFIG FILE ERROR (Redis 7.0.15) ***\n${(error as Error).message}\n`);
    process.exit(1);
  }
}

function stop(why: string): void {
  say(why);
  say('Redis is now ready to exit, bye bye...');
  process.exit(0);
}

const settings = settingsOrEnd();
const server = new RedisServer(settings, Date.now, () => stop('User requested shutdown...'));
process.on('SIGTERM', () => stop('Received SIGTERM scheduling shutdown...'));
process.on('SIGINT', () => stop('Received SIGINT scheduling shutdown...'));
server.listen(Number(settings.port)).then(
  (port) => say(`Ready to accept connections tcp, port ${port}`),
  (error: Error) => {
    process.stderr.write(
      `Warning: Could not create server TCP listening socket *:${settings.port}: ${error.message}\n`,
    );
    process.exit(1);
  },
);
