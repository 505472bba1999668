/**
 * Where an agent's process kills itself. `record` is the outcome of a model call, `intent` and `outcome` are those of a
 * tool call; each is met before its write and after it.
 */
export const points = [
  'acquire-before',
  'acquire-after',
  'renew-before',
  'renew-after',
  'record-before',
  'record-after',
  'intent-before',
  'intent-after',
  'effect-before',
  'effect-after',
  'outcome-before',
  'outcome-after',
  'request',
  'first-byte',
  'terminal-event',
  'last-byte',
  'checkpoint-after',
  'settle-before',
  'settle-after',
  'finish-before',
  'finish-after',
] as const
export type Point = (typeof points)[number]

/** The points that exist where nobody keeps a journal. */
export const agentPoints: readonly Point[] = [
  'effect-before',
  'effect-after',
  'request',
  'first-byte',
  'terminal-event',
  'last-byte',
]

/** The points that a run meets once, and those that it meets for every step. */
export const rarePoints: readonly Point[] = [
  'acquire-before',
  'acquire-after',
  'settle-before',
  'settle-after',
  'finish-before',
  'finish-after',
]
