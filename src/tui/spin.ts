/** How long a spin takes when nobody stops it, ms. */
export const spinMs = 4_000;
/** Turns of the wheel in a whole spin. */
const turns = 3;

/**
 * Which entry is under the pointer `elapsed` ms after the spin began: a cubic ease-out that comes to rest on
 * `target`. The winner is drawn by weight before; the movement only shows it.
 */
export function spinPosition(start: number, target: number, count: number, elapsed: number): number {
  if (count <= 0) return 0;
  const distance = turns * count + ((((target - start) % count) + count) % count);
  const progress = Math.min(1, Math.max(0, elapsed / spinMs));
  const eased = 1 - (1 - progress) ** 3;
  return (start + Math.round(distance * eased)) % count;
}
