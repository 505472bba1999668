import { memoryId } from '@holdfast/core/memory'
import type { MemoryPlace } from '@holdfast/core/memory'
import type { Memory } from '../memory.ts'
import type { LineCaller } from './caller.ts'
import type { Known } from './note.ts'

/** What counts whatever is asked: of each of these topics a user has one memory. */
const topics = ['called', 'name', 'language', 'diet']

/** What is known of the user that no question would find. */
export async function standing(
  memory: Pick<Memory, 'history'>,
  { tenant, user }: LineCaller,
): Promise<readonly Known[]> {
  const place: MemoryPlace = { tier: 'long-term', tenant, user }
  const newest = await Promise.all(
    topics.map(async (topic) => {
      const versions = await memory.history(memoryId(place, 'topic', topic), { tenant, user })
      return versions.at(-1)
    }),
  )
  return newest.flatMap((version) =>
    version !== undefined && (version.expiresAtMs ?? Infinity) > Date.now()
      ? [{ memory: version }]
      : [],
  )
}
