export async function play(..._: unknown[]): Promise<void> {
  throw new Error('not yet');
}
