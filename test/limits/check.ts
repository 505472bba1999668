import type { RedisServer } from '../redis/redis-server.ts'

/** One thing that has to hold. */
export interface Finding {
  readonly what: string
  readonly figure: string
  readonly holds: boolean
}

/** On what scale the limits are looked at. */
export interface Scale {
  readonly processes: number
  /** Calls at once in each process. */
  readonly loops: number
  readonly budgetRounds: number
  /** Run trees that are worked to their end, in each store. */
  readonly trees: number
  readonly rateSeconds: number
  /** How long a circuit stays open. */
  readonly openMs: number
  /** How long each state of affairs lasts until the next one. */
  readonly lullMs: number
}

/** Looks at one property. */
export type Check = (redis: RedisServer, scale: Scale) => Promise<readonly Finding[]>

export const wholeScale: Scale = {
  processes: 8,
  loops: 50,
  budgetRounds: 200,
  trees: 10,
  rateSeconds: 60,
  openMs: 3_000,
  lullMs: 3_000,
}
export const shortScale: Scale = {
  processes: 3,
  loops: 10,
  budgetRounds: 5,
  trees: 1,
  rateSeconds: 5,
  openMs: 1_500,
  lullMs: 1_500,
}

export function finding(what: string, figure: string, holds: boolean): Finding {
  return { what, figure, holds }
}
