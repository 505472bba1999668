import { random } from '../crash/random.ts'

/** A whole number from 0 to below the limit, the same sequence for the same seed. */
export type Random = (limit: number) => number

export function randomOf(seed: number): Random {
  const next = random(seed)
  return (limit) => Math.floor(next() * limit)
}
