import type { Cell, Keeper } from './cell.ts'

/**
 * Where an agent's process kills itself. `record` is the outcome of a model call, `intent` and `outcome` are those of a
 * tool call; each is met before its write and after it.
 */
const points = [
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
  'record-torn',
  'adopt-middle',
  'settle-before',
  'settle-after',
  'finish-before',
  'finish-after',
] as const
export type Point = (typeof points)[number]

/** The points that exist where nobody keeps a journal. */
const agentPoints: readonly Point[] = [
  'effect-before',
  'effect-after',
  'request',
  'first-byte',
  'terminal-event',
  'last-byte',
]

/** The points inside of a SQLite file and its log. */
const sqlitePoints: readonly Point[] = ['checkpoint-after', 'record-torn', 'adopt-middle']

/** The points that a cell's agents come to. */
export function pointsOf({ store }: Cell, keeper: Keeper): readonly Point[] {
  if (keeper !== 'journal') return agentPoints
  return store === 'redis' ? points.filter((point) => !sqlitePoints.includes(point)) : points
}

/** The points that a run meets once, and those that it meets for every step. */
export const rarePoints: readonly Point[] = [
  'acquire-before',
  'acquire-after',
  'adopt-middle',
  'settle-before',
  'settle-after',
  'finish-before',
  'finish-after',
]
