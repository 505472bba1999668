import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { instrument } from 'holdfast'
import type { Holdfast, HoldfastOptions } from 'holdfast'
import OpenAI from 'openai'
import { conversation } from './gate.ts'
import { interleave } from './interleave.ts'
import type { Measured, Variant } from './interleave.ts'

const question = 'What shall we order for the customer who asked about green tea last week?'
const known = 500

/**
 * What it costs to put memories into a request, besides recalling them: the same recall is made by the application
 * itself where it is compared with. Each call is a new turn of a 4 kB conversation.
 */
export async function measureInjection(
  origin: string,
  { rounds }: { readonly rounds: number },
): Promise<readonly Measured[]> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
  const store = join(folder, 'memory.db')
  const before = process.env['HOLDFAST_MEMORY']
  process.env['HOLDFAST_MEMORY'] = store
  try {
    await fill()
    return await interleave(
      [
        variant(origin, 'recall alone', {}, true),
        variant(origin, 'with injection', { memory: { learn: false } }, false),
        variant(origin, 'and what is learnt', { memory: true }, false),
      ],
      { rounds, calls: 40 },
    )
  } finally {
    if (before === undefined) delete process.env['HOLDFAST_MEMORY']
    else process.env['HOLDFAST_MEMORY'] = before
    rmSync(folder, { recursive: true })
  }
}

function nextTurn(): OpenAI.ChatCompletionCreateParamsNonStreaming {
  const before = conversation()
  const messages = [
    ...before.messages,
    { role: 'assistant' as const, content: 'Both orders are on their way.' },
    { role: 'user' as const, content: question },
  ]
  return { ...before, messages }
}

async function fill(): Promise<void> {
  const holdfast = instrument({ telemetry: false, adapters: false })
  for (let index = 0; index < known; index++) {
    const text =
      index % 50 === 0
        ? `Customer ${index} asked about green tea number ${index}`
        : `Invoice ${index} was paid in month ${index % 12} by transfer ${index * 7}`
    await holdfast.memory.remember({ user: 'ada', text, kind: 'episode' })
  }
  await holdfast.uninstrument()
}

function variant(
  origin: string,
  name: string,
  options: HoldfastOptions,
  recalls: boolean,
): Variant {
  let holdfast: Holdfast | undefined
  return {
    name,
    enter() {
      const started = (holdfast = instrument({ telemetry: false, adapters: false, ...options }))
      const client = new OpenAI({ apiKey: 'none', baseURL: `${origin}/v1` })
      return () =>
        started.run({ user: 'ada' }, async () => {
          if (recalls) await started.memory.recall({ query: question })
          return client.chat.completions.create(nextTurn())
        })
    },
    async leave() {
      await holdfast?.uninstrument()
    },
  }
}
