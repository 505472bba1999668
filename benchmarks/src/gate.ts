import { createHash } from 'node:crypto'
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
  // Secrets and personal data at high risk.
  redaction: { security: { injection: false } },
} satisfies Record<string, HoldfastOptions>

/** The tool gate, governance and redaction. */
const gateGovernanceRedaction: HoldfastOptions = {
  ...guards.gate,
  ...guards.governance,
  ...guards.redaction,
}

/** The same, and texts that give orders to the model are looked for too. */
export const allGuards: HoldfastOptions = { ...gateGovernanceRedaction, security: true }

/** Turns all of them off, where they are on by themselves. */
const unguarded: HoldfastOptions = { tools: false, governance: false, security: false }

/** What the guards add to a call, each and together. */
export interface MeasuredGuards {
  /** Holdfast without guards, with each of three, with the three together, and with all that there are. */
  readonly plain: readonly Measured[]
  /** Of these: the three together. */
  readonly together: Measured | undefined
  /** Without guards and with the three on requests with something to take out. */
  readonly withHits: readonly Measured[]
}

/** Measures calls beside each other, all variants equally warm. */
export async function measureGate(
  origin: string,
  { rounds }: { readonly rounds: number },
): Promise<MeasuredGuards> {
  const plain = await interleave(
    [
      variant(origin, 'with reliability', {}, conversation),
      ...Object.entries(guards).map(([name, options]) =>
        variant(origin, `with ${name}`, options, conversation),
      ),
      variant(origin, 'with all three', gateGovernanceRedaction, conversation),
      variant(origin, 'and injection', allGuards, conversation),
    ],
    { rounds, warmUpRounds: rounds, calls: 40 },
  )
  const withHits = await interleave(
    [
      variant(origin, 'with reliability', {}, personal),
      variant(origin, 'with all three', gateGovernanceRedaction, personal),
    ],
    { rounds: Math.ceil(rounds / 3), warmUpRounds: Math.ceil(rounds / 3), calls: 40 },
  )
  return { plain, together: plain.at(-2), withHits }
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

/** An agent at work, turn by turn: each adds a tool call and its result. After eight, at 5 kB, comes the next task. */
export const conversation: () => Body = turnsOf('')
/** The same about somebody whom one can reach. */
const personal: () => Body = turnsOf(
  'Write to ada.lovelace@example.org or call +44 20 7946 0958; the account is DE89370400440532013000. ',
)

const turnsOfTask = 8

function turnsOf(about: string): () => Body {
  let [task, turn] = [0, 0]
  let messages: OpenAI.ChatCompletionMessageParam[] = []
  return () => {
    if (turn === 0) {
      task++
      messages = [
        { role: 'system', content: paragraph.repeat(7) },
        { role: 'user', content: `Task ${task}: ${about}${paragraph.repeat(4)}` },
      ]
    }
    const number = task * turnsOfTask + turn
    const id = `call_${createHash('sha256').update(String(number)).digest('base64url').slice(0, 24)}`
    const name = toolNames[turn % toolNames.length] ?? ''
    const asked = JSON.stringify({ number: `A-${number}`, limit: 3 })
    messages.push(
      {
        role: 'assistant',
        tool_calls: [{ id, type: 'function', function: { name, arguments: asked } }],
      },
      {
        role: 'tool',
        tool_call_id: id,
        content: `Order ${number}, 3 items, 2 of them sent:\n${paragraph}`,
      },
    )
    turn = (turn + 1) % turnsOfTask
    return { model: 'gpt-4o-mini', tools, messages: [...messages] }
  }
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
