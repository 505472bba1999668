import { instrument } from 'holdfast'
import type { HoldfastOptions } from 'holdfast'
import OpenAI from 'openai'
import type { Variant } from './interleave.ts'
import { registerOpenTelemetry, unregisterOpenTelemetry } from './open-telemetry.ts'

/** A way of running the process: how Holdfast is put on, if at all. */
export interface Setting {
  readonly name: string
  readonly options?: HoldfastOptions
  readonly openTelemetry?: boolean
}

const bare: Setting = { name: 'bare' }
const withAll: Setting = { name: 'with all, no OTel SDK', options: {} }

export const settings: readonly Setting[] = [
  bare,
  { name: 'capture alone', options: { reliability: false, telemetry: false, adapters: false } },
  { name: 'with reliability', options: { telemetry: false, adapters: false } },
  withAll,
  { name: 'with all, OTel SDK', options: {}, openTelemetry: true },
  // The OTel SDK leaves code behind that the engine has to optimise anew: what comes next pays for it, and is not what
  // the others are compared with.
  { name: 'bare again' },
]

/** Without Holdfast, and with all of it. */
export const bareAndAll: readonly Setting[] = [bare, withAll]

/** Something that an application does again and again, by a client that talks to the provider. */
export type Ask = (client: OpenAI) => () => Promise<unknown>

/** The same in one setting. */
export function variant(
  { name, options, openTelemetry = false }: Setting,
  origin: string,
  ask: Ask,
): Variant {
  let holdfast: ReturnType<typeof instrument> | undefined
  return {
    name,
    enter() {
      if (openTelemetry) registerOpenTelemetry()
      if (options !== undefined) holdfast = instrument(options)
      return ask(new OpenAI({ apiKey: 'none', baseURL: `${origin}/v1` }))
    },
    async leave() {
      await holdfast?.uninstrument()
      if (openTelemetry) unregisterOpenTelemetry()
    },
  }
}

const prompt = 'Tell me about foxes and dogs, in some detail please. '.repeat(20).slice(0, 1_000)
const messages = [{ role: 'user' as const, content: prompt }]
const model = 'gpt-4o-mini'

export const whole: Ask = (client) => () => client.chat.completions.create({ model, messages })

export const streamed: Ask = (client) => async () => {
  const stream = await client.chat.completions.create({ model, messages, stream: true })
  let chunks = 0
  for await (const _ of stream) chunks++
  return chunks
}

export const firstChunk: Ask = (client) => async () => {
  const stream = await client.chat.completions.create({ model, messages, stream: true })
  for await (const _ of stream) break
}

export const at64: Ask = (client) => () =>
  Promise.all(Array.from({ length: 64 }, () => client.chat.completions.create({ model, messages })))
