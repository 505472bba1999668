import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FunctionTool, Gemini, InMemoryRunner, LlmAgent, LogLevel, setLogLevel } from '@google/adk'
import type { Event } from '@google/adk'
import { conversation, offeredTools, startLab } from '@holdfast/lab'
import { instrument } from 'holdfast'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'

const lookUp = { name: 'weather', arguments: { city: 'Rome' } }
const transfer = { name: 'transfer_to_agent', arguments: { agentName: 'forecaster' } }
const answer = 'That was Rome.'
const lab = await startLab({
  script: (request) =>
    conversation({
      calls: offeredTools(request).includes('weather') ? [transfer, lookUp] : [transfer],
      answer,
    })(request),
})
const folder = await mkdtemp(join(tmpdir(), 'holdfast-adk-'))
const holdfast = instrument({
  telemetry: false,
  journal: { store: join(folder, 'journal.db') },
})
beforeAll(() => {
  setLogLevel(LogLevel.ERROR)
  process.env['GOOGLE_GEMINI_BASE_URL'] = lab.baseUrls.gemini
})
afterAll(async () => {
  await holdfast.uninstrument()
  await lab.close()
  await rm(folder, { recursive: true })
})

/** A run of an agent that transfers to another one, which has a tool; it may be cut off at its end. */
async function forecast(
  id: string,
  how: { readonly requireConfirmation?: boolean; readonly cutOff?: boolean },
) {
  const ran: string[] = []
  const model = (): Gemini => new Gemini({ model: 'gemini-lab', apiKey: 'none' })
  const weather = new FunctionTool({
    name: 'weather',
    description: 'Looks the weather up',
    parameters: z.object({ city: z.string() }),
    requireConfirmation: how.requireConfirmation ?? false,
    execute: ({ city }, context) => {
      ran.push(city)
      context?.state.set('city', city)
      return `Sunny in ${city}`
    },
  })
  const forecaster = new LlmAgent({ name: 'forecaster', model: model(), tools: [weather] })
  const door = new LlmAgent({ name: 'door', model: model(), subAgents: [forecaster] })
  const runner = new InMemoryRunner({ agent: door, appName: 'weather' })
  const session = { userId: 'ada', sessionId: id }
  await runner.sessionService.createSession({ appName: 'weather', ...session })
  const newMessage = { role: 'user', parts: [{ text: 'Weather in Rome?' }] }
  const events: Event[] = []
  const work = holdfast.run({ id }, async () => {
    for await (const event of runner.runAsync({ ...session, newMessage })) events.push(event)
    if (how.cutOff === true) throw new Error('cut off')
  })
  if (how.cutOff === true) await expect(work).rejects.toThrow('cut off')
  else await work
  const { state } = (await runner.sessionService.getSession({ appName: 'weather', ...session }))!
  const said = events.map(({ author, content }) => [
    author,
    content?.parts?.map(({ text, functionCall }) => text ?? functionCall?.name),
  ])
  return { ran, state, said }
}

test('a run that is gone on with transfers again, and changes the state as its tools did', async () => {
  const first = await forecast('transferred', { cutOff: true })
  expect(first).toMatchObject({ ran: ['Rome'], state: { city: 'Rome' } })
  expect(first.said.at(-1)).toEqual(['forecaster', [answer]])
  const { length: asked } = lab.requests

  const again = await forecast('transferred', {})
  expect(again).toEqual({ ...first, ran: [] })
  expect(lab.requests).toHaveLength(asked)
})

test('a tool that waited for a confirmation asks for it again', async () => {
  const asking = ['forecaster', ['adk_request_confirmation']]
  const first = await forecast('waiting', { requireConfirmation: true, cutOff: true })
  expect(first.said).toContainEqual(asking)
  const again = await forecast('waiting', { requireConfirmation: true })
  expect(again.said).toContainEqual(asking)
  expect([...first.ran, ...again.ran]).toEqual([])
})
