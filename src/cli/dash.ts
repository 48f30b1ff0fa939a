export async function dash(..._: unknown[]): Promise<void> {
  throw new Error('not yet');
}
