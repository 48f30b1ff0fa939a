export async function recover(..._: unknown[]): Promise<void> {
  throw new Error('not yet');
}
