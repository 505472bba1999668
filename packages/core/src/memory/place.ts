import { createHash } from 'node:crypto'
import { HoldfastError } from '../errors.ts'
import type { MemoryPlace, MemoryVersion } from './memory.ts'
import type { MemoryOwner, MemoryQuery } from './memory-store.ts'

/**
 * What a place is called in a store. Two places have the same key only where they are the same: no name of a user, a
 * tenant or a namespace can be made to look like another place.
 * @throws HoldfastError IDENTITY_MISSING for a place that is nobody's
 */
export function placeKey(place: MemoryPlace): string {
  const { tier, tenant, user, namespace, session } = place
  const isWhole =
    tier === 'long-term'
      ? session === undefined && (isName(user) ? namespace === undefined : isName(namespace))
      : isName(session) && namespace === undefined
  if (!isWhole || user === '' || tenant === '') throw identityMissing(tier)
  const names = [tier, tenant, user, namespace, session].map((name) => name ?? null)
  return hash(JSON.stringify(names), 24)
}

/** The id of the memory of that topic, or of that text: whoever remembers it at the same time means the same memory. */
export function memoryId(place: MemoryPlace, kind: 'topic' | 'text' | 'block', of: string): string {
  return hash(JSON.stringify([placeKey(place), kind, of]), 16)
}

/** What is told where nobody has said whose memory it is. */
export function identityMissing(tier: MemoryPlace['tier'] = 'long-term'): HoldfastError {
  const needed =
    tier === 'long-term'
      ? 'a user or a namespace: name one, or call it inside run({ user }, ...)'
      : 'a session: name one, or call it inside run({ session }, ...)'
  return new HoldfastError('IDENTITY_MISSING', `${tier} memory is of ${needed}`)
}

/** True where a query asks for this version, leaving aside whether it is the newest. */
export function matches(version: MemoryVersion, query: MemoryQuery): boolean {
  const { place, source, kind } = version
  const { tenant, user, namespace, session, tiers, kinds } = query
  return (
    (tenant === undefined || place.tenant === tenant) &&
    (user === undefined || place.user === user || source.user === user) &&
    (namespace === undefined || place.namespace === namespace) &&
    (session === undefined || place.session === session) &&
    tiers?.includes(place.tier) !== false &&
    kinds?.includes(kind) !== false
  )
}

/** True for what goes when the owner's memory is erased. */
export function isOf({ place, source }: MemoryVersion, { tenant, user }: MemoryOwner): boolean {
  return place.tenant === tenant && (place.user === user || source.user === user)
}

function isName(name: string | undefined): boolean {
  return name !== undefined && name !== ''
}

function hash(text: string, characters: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, characters)
}
