/**
 * CPU seconds as a kernel with a quota would account them: real and virtual time together, never more than
 * `limitCores` for each second that passed. Monotonic.
 */
export function createCpuAccount(
  limitCores: number,
  virtualSeconds: () => number,
): { virtualSeconds(): number } {
  const real = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  };
  let last = { at: performance.now(), real: real(), virtual: virtualSeconds() };
  let counted = 0;
  return {
    virtualSeconds() {
      const now = { at: performance.now(), real: real(), virtual: virtualSeconds() };
      const spentReal = now.real - last.real;
      const room = Math.max(0, ((now.at - last.at) / 1000) * limitCores - spentReal);
      counted += Math.min(room, Math.max(0, now.virtual - last.virtual));
      last = now;
      return counted;
    },
  };
}
