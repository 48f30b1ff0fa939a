import { afterAll, beforeAll, it } from 'vitest';
import { launcher, Place, startingMs } from './place.ts';
import { Screen } from './screen.ts';

let place: Place;
beforeAll(async () => {
  place = new Place(5);
  await place.startSandbox();
}, startingMs);
afterAll(() => place.close());

/**
 * As under npm: the interface is in the process group of a shell that does no job control. There a read from the background
 * does not stop a process, it fails.
 */
it('the terminal is lent to a recorded shell and taken back, under npm too, and the game goes on', async () => {
  const command = `'${process.execPath}' '${launcher}' play haymaker --unguarded --speed ${place.speed}; echo "left with $?"`;
  const env = { ...place.env, SHELL: '/bin/bash', HOME: place.home };
  const screen = new Screen('sh', ['-c', command], env, 100, 30);
  try {
    await screen.shows(/paying takes forever/i);
    screen.type('\r');
    await screen.shows('On call for');
    screen.type('\r');
    await screen.shows(/\d left/);
    screen.type('t');
    await screen.shows('[Y/n]');
    screen.type('y\r');
    await screen.shows('(sandbox)');
    screen.type('kubectl get pods -n shop\r');
    await screen.shows('checkout-');
    screen.type('exit\r');
    await screen.shows('what you did');
    await screen.shows('kubectl get pods -n shop');
    // It hears keys, and what happens is drawn.
    screen.type('n');
    await screen.shows('Note ›');
    screen.type('back again\r');
    await screen.shows('note: back again');
    screen.type('q');
    await screen.shows('[y/n]');
    screen.type('y');
    await screen.shows('What broke');
    screen.type('q');
    await screen.shows('space spin');
    screen.type('q');
    await screen.shows('left with 0');
    await screen.ended;
  } finally {
    screen.close();
  }
}, 240_000);
