const enter = '\u001b[?1049h\u001b[2J\u001b[?25l\u001b]0;Wheel of Misfortune\u0007';
const leave = '\u001b[?25h\u001b[?1049l';

/**
 * Takes the alternate screen and gives it back on every way out: normal end, exception, signal. Writing the
 * sequence twice does no harm, so the exit hook may always do it.
 */
export function takeTerminal(stdout: NodeJS.WriteStream): () => void {
  let taken = true;
  stdout.write(enter);
  const giveBack = (): void => {
    if (!taken) return;
    taken = false;
    process.off('exit', giveBack);
    stdout.write(leave);
  };
  process.on('exit', giveBack);
  return giveBack;
}
