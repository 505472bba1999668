import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { conversation, startLab } from '@holdfast/lab'
import { openai } from '@llamaindex/openai'
import { agent, multiAgent } from '@llamaindex/workflow'
import { instrument } from 'holdfast'
import { tool } from 'llamaindex'
import { expect, test } from 'vitest'
import { z } from 'zod'

test('a run that is gone on with hands off again, and runs no tool a second time', async () => {
  await using lab = await startLab({
    script: conversation({
      calls: [
        { name: 'handOff', arguments: { toAgent: 'forecaster', reason: 'It knows.' } },
        { name: 'weather', arguments: { city: 'Rome' } },
      ],
      answer: 'That was Rome.',
    }),
  })
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-llamaindex-'))
  const holdfast = instrument({ telemetry: false, journal: { store: join(folder, 'journal.db') } })
  const ran: string[] = []
  const llm = openai({ model: 'gpt-4o-mini', apiKey: 'none', baseURL: lab.baseUrls.openai })
  const weather = tool({
    name: 'weather',
    description: 'Looks the weather up',
    parameters: z.object({ city: z.string() }),
    execute: ({ city }) => {
      ran.push(city)
      return `Sunny in ${city}`
    },
  })
  const forecast = (how: { readonly cutOff: boolean }) =>
    holdfast.run({ id: 'forecast' }, async () => {
      const forecaster = agent({ name: 'forecaster', llm, tools: [weather] })
      const front = agent({ name: 'front', llm, tools: [], canHandoffTo: [forecaster] })
      const desk = multiAgent({ agents: [front, forecaster], rootAgent: front })
      const { data } = await desk.run('Weather in Rome?')
      if (how.cutOff) throw new Error('cut off')
      return data.result
    })

  await expect(forecast({ cutOff: true })).rejects.toThrow('cut off')
  const { length: asked } = lab.requests
  await expect(forecast({ cutOff: false })).resolves.toBe('That was Rome.')

  expect(ran).toEqual(['Rome'])
  expect([asked, lab.requests.length]).toEqual([3, 3])
  await holdfast.uninstrument()
  await rm(folder, { recursive: true })
}, 30_000)
