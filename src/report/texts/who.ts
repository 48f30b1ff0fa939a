/** A line with who did or said it, where several took part. */
export function withWho({ text, who }: { text: string; who?: string }): string {
  return who === undefined ? text : `${text} (${who})`;
}
