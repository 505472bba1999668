import { instrument } from 'holdfast'
import type { Holdfast, HoldfastOptions } from 'holdfast'
import OpenAI from 'openai'
import { interleave } from './interleave.ts'
import type { Measured, Variant } from './interleave.ts'

// As an application would turn them on. Caps are so large that nobody is stopped: what is measured is the counting.
const guards = {
  gate: { tools: { preset: 'strict', declare: { search: { class: 'read-only' } } } },
  governance: {
    governance: {
      caps: [
        { per: 'all', maxCalls: 1e9, maxTokens: 1e12 },
        { per: 'user', periodMs: 86_400_000, maxTokens: 1e12 },
      ],
    },
    run: { user: 'ada' },
  },
  redaction: { security: true },
} satisfies Record<string, HoldfastOptions>

/** The tool gate, governance and redaction, all of them on. */
export const allGuards: HoldfastOptions = {
  ...guards.gate,
  ...guards.governance,
  ...guards.redaction,
}

/** Turns all of them off, where they are on by themselves. */
const unguarded: HoldfastOptions = { tools: false, governance: false, security: false }

/** Holdfast without guards, with each, and with all; then all of them on a request with something to take out. */
export async function measureGate(
  origin: string,
  { rounds }: { readonly rounds: number },
): Promise<{ readonly plain: readonly Measured[]; readonly withHits: readonly Measured[] }> {
  const plain = [
    variant(origin, 'with reliability', {}, conversation),
    ...Object.entries(guards).map(([name, options]) =>
      variant(origin, `with ${name}`, options, conversation),
    ),
    variant(origin, 'with all three', allGuards, conversation),
  ]
  const withHits = [
    variant(origin, 'with reliability', {}, personal),
    variant(origin, 'with all three', allGuards, personal),
  ]
  const blocks = { rounds, calls: 40 }
  return {
    plain: await interleave(plain, blocks),
    withHits: await interleave(withHits, { ...blocks, rounds: Math.ceil(rounds / 3) }),
  }
}

type Body = OpenAI.ChatCompletionCreateParamsNonStreaming

const toolNames = ['search_orders', 'read_invoice', 'write_note']
const tools = toolNames.map((name) => ({
  type: 'function' as const,
  function: {
    name,
    description: `${name.replace('_', ' ')} of a customer by number, and says what it found there`,
    parameters: {
      type: 'object',
      properties: { number: { type: 'string' }, limit: { type: 'integer' } },
      required: ['number'],
    },
  },
}))

const paragraph =
  'The order of last week has not come yet, and the customer asks where it is and when he may expect it at the latest. '

/** An agent in the middle of its work: 4 kB of instructions, questions, tool calls and results. The last result is new each time. */
export const conversation: () => Body = turnsOf('')
/** The same about somebody whom one can reach. */
const personal: () => Body = turnsOf(
  'Write to ada.lovelace@example.org or call +44 20 7946 0958; the account is DE89370400440532013000. ',
)

function turnsOf(about: string): () => Body {
  const call = (id: string, name: string) => ({
    role: 'assistant' as const,
    tool_calls: [
      { id, type: 'function' as const, function: { name, arguments: '{"number":"A-1043"}' } },
    ],
  })
  const result = (id: string, content: string) => ({
    role: 'tool' as const,
    tool_call_id: id,
    content,
  })
  const before = [
    { role: 'system' as const, content: paragraph.repeat(6) },
    { role: 'user' as const, content: about + paragraph.repeat(5) },
    call('call_1', 'search_orders'),
    result('call_1', paragraph.repeat(9)),
    call('call_2', 'read_invoice'),
  ]
  const found = paragraph.repeat(7)
  let turn = 0
  return () => ({
    model: 'gpt-4o-mini',
    tools,
    messages: [...before, result('call_2', `Invoice ${turn++}: ${found}`)],
  })
}

function variant(
  origin: string,
  name: string,
  options: HoldfastOptions,
  body: () => Body,
): Variant {
  let holdfast: Holdfast | undefined
  return {
    name,
    enter() {
      holdfast = instrument({ telemetry: false, adapters: false, ...unguarded, ...options })
      const client = new OpenAI({ apiKey: 'none', baseURL: `${origin}/varied/v1` })
      return () => client.chat.completions.create(body())
    },
    async leave() {
      await holdfast?.uninstrument()
    },
  }
}
