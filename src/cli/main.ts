import { setMaxListeners } from 'node:events';
import { CommanderError } from 'commander';
import { describeError, exitCodes, MisfortuneError } from '../errors.ts';
import { makeProgram } from './program/program.ts';

// One signal reaches every request of a process: many listeners are no leak.
setMaxListeners(0);

// Who reads a pipe may have had enough (`| head`), a terminal may be gone: what is still said is lost, and no error.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (!['EPIPE', 'EIO'].includes(error.code ?? '')) throw error;
  });

/** The command line: one promise, one exit code, one place where errors become words. */
try {
  await makeProgram().parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
  if (!(error instanceof CommanderError)) {
    process.stderr.write(`misfortune: ${describeError(error)}\n`);
    if (!(error instanceof MisfortuneError) && error instanceof Error) {
      process.stderr.write(
        `${process.env.MISFORTUNE_DEBUG ? error.stack : 'This is a defect. MISFORTUNE_DEBUG=1 shows where.'}\n`,
      );
    }
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  return error instanceof MisfortuneError ? error.exitCode : exitCodes.internal;
}
