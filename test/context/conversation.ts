import { randomFrom } from '../recordings/random.ts'

/** The four wires. */
export const wireNames = [
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini',
] as const
export type WireName = (typeof wireNames)[number]

/** What is called, and what it answers. */
interface ToolUse {
  readonly id: string
  readonly name: string
  readonly args: Readonly<Record<string, unknown>>
  readonly result: string
}

/** A step of a conversation. */
export type Step =
  | { readonly by: 'user'; readonly text: string; readonly pinned: boolean }
  | { readonly by: 'system'; readonly text: string }
  | {
      readonly by: 'model'
      readonly text: string | undefined
      readonly thought: string | undefined
      readonly uses: readonly ToolUse[]
    }

/** A made-up agent's conversation. */
export interface Conversation {
  readonly wire: WireName
  readonly model: string
  readonly windowTokens: number
  readonly answerTokens: number
  readonly system: string
  readonly steps: readonly Step[]
  /** After how many steps the model is asked. */
  readonly asks: readonly number[]
  /** How many tokens the provider makes of a character. */
  readonly tokensPerCharacter: number
}

export const pinMark = '[pinned]'

/** Another conversation for each seed, the same for the same one. */
export function conversationOf(seed: number): Conversation {
  const random = randomFrom(seed)
  const below = (most: number): number => Math.floor(random() * most)
  const often = (share: number): boolean => random() < share
  const words = (most: number): string =>
    Array.from({ length: 1 + below(most) }, () => vocabulary[below(vocabulary.length)]).join(' ')
  const wire = wireNames[below(4)] ?? 'gemini'
  const steps: Step[] = []
  let uses = 0
  const use = (): ToolUse => {
    const again = often(0.15) ? readBefore(steps, below) : undefined
    return {
      id: `call_${seed}_${uses++}`,
      name: again?.name ?? `tool_${below(4)}`,
      args: again?.args ?? { path: words(3), line: below(100) },
      result: often(0.25) ? words(700) : words(60),
    }
  }
  if (often(0.03)) steps.push({ by: 'model', text: words(8), thought: undefined, uses: [] })
  const turns = 1 + below(6)
  for (let turn = 0; turn < turns; turn++) {
    steps.push({
      by: 'user',
      text: `${turn > 0 && often(0.15) ? `${pinMark} ` : ''}turn ${turn}: ${words(often(0.1) ? 400 : 40)}`,
      pinned: false,
    })
    if (wire === 'openai-chat' && often(0.05)) steps.push({ by: 'system', text: words(10) })
    const rounds = often(0.2) ? below(25) : below(8)
    for (let round = 0; round < rounds; round++) {
      steps.push({
        by: 'model',
        text: often(0.4) ? words(30) : undefined,
        thought: often(0.4) ? words(30) : undefined,
        uses: Array.from({ length: often(0.25) ? 2 + below(3) : 1 }, use),
      })
    }
    if (turn < turns - 1 || often(0.1)) {
      steps.push({ by: 'model', text: words(80), thought: undefined, uses: [] })
    }
  }
  // The model is asked after what a user said and after what tools answered.
  const places = steps.flatMap((step, at) =>
    step.by === 'user' || (step.by === 'model' && step.uses.length > 0) ? [at + 1] : [],
  )
  return {
    wire,
    model: wire.startsWith('openai') && often(0.1) ? 'gpt-4o' : `model-${seed}`,
    windowTokens: 3_500 + below(6_000),
    answerTokens: 200 + below(600),
    system: words(60),
    steps: steps.map((step) =>
      step.by === 'user' ? { ...step, pinned: step.text.startsWith(pinMark) } : step,
    ),
    asks: places.slice(-6),
    tokensPerCharacter: 0.2 + random() * 0.12,
  }
}

function readBefore(steps: readonly Step[], below: (most: number) => number): ToolUse | undefined {
  const known = steps.flatMap((step) => (step.by === 'model' ? step.uses : []))
  return known[below(known.length)]
}

const vocabulary = [
  ...'the a file path error module of import function value returns string number check'.split(' '),
  ...'Straße naïve 你好世界 данные 12345 0xff {"key":1} <div> https://example.com/a?b=c'.split(' '),
  ...'configuration deployment authentication kubernetes, therefore; however: "quoted" \n\n - 😀'.split(
    ' ',
  ),
]
