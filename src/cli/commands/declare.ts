import { exitCodes, MisfortuneError } from '../../errors.ts';
import { connectConductor } from '../../game/api/client.ts';
import { requireGameAddress } from '../../game/api/current.ts';
import type { Declaration } from '../../game/api/protocol.ts';
import { stateHome } from '../../paths.ts';
import { print } from '../output.ts';

interface Options {
  as: string;
  json?: boolean;
}

/** What a responder says in a game; each goes to the conductor that runs now. */
export const ack = (alert: string | undefined, options: Options): Promise<void> =>
  declare({ type: 'ack', who: options.as, ...(alert ? { alert } : {}) }, options);

export const note = (text: string[], options: Options & { step?: string }): Promise<void> =>
  declare(
    { type: 'note', who: options.as, text: text.join(' '), ...(options.step ? { step: options.step } : {}) },
    options,
  );

export async function diagnose(options: Options & { origin?: string; mechanism?: string }): Promise<void> {
  const { origin, mechanism } = options;
  if (!origin && !mechanism) {
    throw new MisfortuneError('empty-diagnosis', 'Expected --origin or --mechanism (or both), got neither.', {
      todo: 'misfortune diagnose --origin deployment/shop/worker --mechanism config',
      exitCode: exitCodes.usage,
    });
  }
  await declare(
    { type: 'diagnose', who: options.as, ...(origin ? { origin } : {}), ...(mechanism ? { mechanism } : {}) },
    options,
  );
}

export const hint = (options: Options): Promise<void> => declare({ type: 'hint', who: options.as }, options);

export const resolve = (options: Options): Promise<void> =>
  declare({ type: 'resolve', who: options.as }, options);

async function declare(declaration: Declaration, options: Options): Promise<void> {
  const address = requireGameAddress(stateHome());
  const answer = await connectConductor(address, 'responder').declare(declaration);
  print(answer, options, () => [answer.message]);
  if (!answer.accepted) process.exitCode = exitCodes.failed;
}
