import { expect, test } from 'vitest'
import { crossings } from './crossings.ts'
import { overSharedSockets } from './sockets.ts'

test('what follows from the callback of a shared socket belongs to the run that asked', async () => {
  const played = await overSharedSockets(20)
  for (const [client, one] of Object.entries(played)) {
    const { models, tools, wrong } = crossings(one)
    expect([client, models, tools, wrong]).toEqual([client, 40, 20, []])
  }
})
