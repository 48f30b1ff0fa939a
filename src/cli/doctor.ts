export async function doctor(..._: unknown[]): Promise<void> {
  throw new Error('not yet');
}
