export async function validate(..._: unknown[]): Promise<void> {
  throw new Error('not yet');
}
