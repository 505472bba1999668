/** True for what leaves a graph by throwing and is no error: `interrupt()`, and a command to the graph above. */
export function isBubble(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    (error as { is_bubble_up?: unknown }).is_bubble_up === true
  )
}
