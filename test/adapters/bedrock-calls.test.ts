import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLab } from '@holdfast/lab'
import type { Lab } from '@holdfast/lab'
import { instrument } from 'holdfast'
import type { Holdfast, HoldfastOptions } from 'holdfast'
import { afterEach, beforeEach, expect, test } from 'vitest'

let lab: Lab
let folder: string
let holdfast: Holdfast | undefined

beforeEach(async () => {
  lab = await startLab({ awsSecrets: { known: 'secret' } })
  folder = await mkdtemp(join(tmpdir(), 'holdfast-bedrock-'))
})

afterEach(async () => {
  await holdfast?.uninstrument()
  await lab.close()
  await rm(folder, { recursive: true })
})

/** The SDK's client as an application makes it. */
async function client(options: HoldfastOptions) {
  holdfast = instrument({ telemetry: { export: false, warn() {} }, ...options })
  const bedrock = await import('@aws-sdk/client-bedrock-runtime')
  const made = new bedrock.BedrockRuntimeClient({
    region: 'eu-central-1',
    endpoint: lab.baseUrls.bedrock,
    credentials: { accessKeyId: 'known', secretAccessKey: 'secret' },
  })
  const question = {
    modelId: 'anthropic.claude-lab-v1:0',
    messages: [{ role: 'user' as const, content: [{ text: 'Hello' }] }],
    toolConfig: {
      tools: [{ toolSpec: { name: 'shell', inputSchema: { json: { type: 'object' } } } }],
    },
  }
  return {
    whole: async (): Promise<string> => {
      const { output } = await made.send(new bedrock.ConverseCommand(question))
      return JSON.stringify(output?.message?.content)
    },
    streamed: async (): Promise<string> => {
      const { stream = [] } = await made.send(new bedrock.ConverseStreamCommand(question))
      const events = []
      for await (const event of stream) events.push(event)
      return JSON.stringify(events)
    },
  }
}

test('a signed call is caught where it fits its signature, tried again where it fails, and streamed', async () => {
  lab.reset([{ fault: 'server-error' }, { text: 'Hello, whole' }, { text: 'Hello, streamed' }])
  const { whole, streamed } = await client({ reliability: { retry: { baseDelayMs: 1 } } })

  expect(await whole()).toContain('Hello, whole')
  expect(await streamed()).toContain('streamed')
  expect(lab.requests).toHaveLength(3)
  expect(holdfast?.report().caught).toMatchObject([{ format: 'bedrock-converse' }])
})

test('a run that is gone on with has its answers from the journal', async () => {
  lab.reset([{ text: 'Hello, whole' }, { text: 'Hello, streamed' }])
  const { whole, streamed } = await client({
    journal: { store: join(folder, 'journal.db') },
  })
  const both = () =>
    holdfast!.run({ id: 'greeting' }, async () => [await whole(), await streamed()])
  const failed = holdfast!.run({ id: 'greeting' }, async () => {
    await whole()
    await streamed()
    throw new Error('cut off')
  })
  await expect(failed).rejects.toThrow('cut off')

  const [first, second] = await both()
  expect(first).toContain('Hello, whole')
  expect(second).toContain('streamed')
  expect(lab.requests).toHaveLength(2)
})

test('a tool call that is refused reaches nobody, whole or streamed', async () => {
  const calls = [{ name: 'shell', arguments: { command: 'rm -rf /' } }]
  // What was refused is told to the model, which is asked once more.
  lab.reset([{ toolCalls: calls }, { text: 'Sorry' }, { toolCalls: calls }, { text: 'Sorry' }])
  const { whole, streamed } = await client({ tools: { preset: 'strict' } })

  expect(await whole()).not.toContain('toolUse')
  expect(await streamed()).not.toContain('toolUse')
  expect(holdfast?.report().tools).toMatchObject([
    { tool: 'shell', verdict: 'deny', enforced: true, times: 2 },
  ])
})
