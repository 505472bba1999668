import type { Features } from './prefix-counts.ts'

/** How many tokens one of each feature makes: a token of text, a message, having tools, a request. */
export interface Weights {
  readonly text: number
  readonly message: number
  /** A call of a tool, and what it answered. */
  readonly call: number
  readonly result: number
  /** A token of the tools' declarations. */
  readonly tools: number
  readonly declaration: number
  readonly hasTools: number
  readonly isForced: number
  /** A token of the schema that the answer must have. */
  readonly schema: number
  readonly hasSchema: number
  readonly thinks: number
  readonly request: number
}

/** What is usual for the models of a family, and how far one of them may be from that. */
export interface Family {
  readonly weights: Weights
  readonly spread: Weights
  readonly reading: Reading
}

/** How a family's models are shown what they read. */
export interface Reading {
  /** How many digits of a number make a token. */
  readonly digitsPerToken: 1 | 3
  /** Tools, calls and results as the JSON that they come in, or the words of it alone. */
  readonly showsJson: boolean
}

type Habit = readonly [weight: number, spread: number]

function family(reading: Reading, habits: Readonly<Partial<Record<keyof Weights, Habit>>>): Family {
  const all = { ...unheardOf, ...habits }
  const pick = (at: 0 | 1): Weights => ({
    text: all.text[at],
    message: all.message[at],
    call: all.call[at],
    result: all.result[at],
    tools: all.tools[at],
    declaration: all.declaration[at],
    hasTools: all.hasTools[at],
    isForced: all.isForced[at],
    schema: all.schema[at],
    hasSchema: all.hasSchema[at],
    thinks: all.thinks[at],
    request: all.request[at],
  })
  return { reading, weights: pick(0), spread: pick(1) }
}

const unheardOf: Readonly<Record<keyof Weights, Habit>> = {
  text: [1, 0.06],
  message: [4, 2],
  call: [8, 8],
  result: [3, 6],
  tools: [1, 0.2],
  declaration: [10, 12],
  hasTools: [40, 80],
  isForced: [0, 5],
  schema: [0.2, 0.4],
  hasSchema: [0, 20],
  thinks: [0, 10],
  request: [3, 100],
}

// What stands around a request's own text, from the usage of some hundred recorded answers (2026-11-22).
const bytePairs: Reading = { digitsPerToken: 3, showsJson: true }
const oneDigit: Reading = { digitsPerToken: 1, showsJson: true }
const words: Reading = { digitsPerToken: 1, showsJson: false }
const others = family(bytePairs, {})
const families: readonly (readonly [name: RegExp, family: Family])[] = [
  [
    // Older models, and Vertex, show tools without the JSON that they come in.
    /gcp\.gemini gemini-(2\.5|[3-9])|gcp\.gemini gemini-[a-z]/,
    family(oneDigit, {
      message: [0, 0.3],
      call: [8, 5],
      result: [8, 5],
      tools: [1, 0.08],
      declaration: [10, 4],
      hasTools: [0, 3],
      schema: [0, 0.1],
      hasSchema: [0, 2],
      thinks: [0, 1],
      request: [0.2, 0.4],
    }),
  ],
  [
    /gemini|gemma/,
    family(words, {
      message: [0, 0.3],
      call: [0, 3],
      result: [0, 3],
      tools: [1.15, 0.15],
      declaration: [2, 5],
      hasTools: [0, 3],
      schema: [0, 0.2],
      hasSchema: [0, 5],
      thinks: [0, 1],
      request: [0.2, 0.4],
    }),
  ],
  [
    /mi[sx]tral|ministral|codestral|devstral/,
    family(oneDigit, {
      message: [1, 0.5],
      call: [0, 3],
      result: [0, 3],
      declaration: [25, 6],
      hasTools: [10, 8],
      schema: [0, 0.1],
      hasSchema: [0, 3],
      thinks: [9, 5],
      request: [3, 5],
    }),
  ],
  [/qwen/, family(oneDigit, { message: [5, 0.5], hasTools: [100, 40], request: [4, 3] })],
  [
    /grok/,
    family(bytePairs, {
      declaration: [0, 6],
      hasTools: [70, 15],
      schema: [1, 0.3],
      hasSchema: [10, 10],
      request: [185, 10],
    }),
  ],
  [/gpt-oss/, family(bytePairs, { declaration: [5, 6], hasTools: [15, 10], request: [63, 4] })],
  [
    /deepseek/,
    family(bytePairs, {
      message: [1, 0.5],
      call: [25, 15],
      result: [15, 10],
      hasTools: [260, 40],
      request: [3, 5],
    }),
  ],
  // Ollama serves all sorts of models.
  [/(?<!o)llama/, family(bytePairs, { message: [5, 1], hasTools: [80, 60], request: [28, 5] })],
  [
    // Behind all that are served in Anthropic's words, too.
    /claude|anthropic/,
    family(bytePairs, {
      message: [3, 1],
      call: [30, 8],
      result: [15, 8],
      tools: [1.1, 0.1],
      declaration: [38, 10],
      // Anthropic tells its models about tools in some hundred tokens, and about schemas.
      // https://platform.claude.com/docs/en/agents-and-tools/tool-use (2026-11-21)
      hasTools: [485, 25],
      isForced: [98, 10],
      schema: [1, 0.4],
      hasSchema: [160, 40],
      thinks: [28, 4],
      request: [4, 1],
    }),
  ],
]

/** The family of a model, by its name. */
export function familyOf(model: string): Family {
  const name = model.toLowerCase()
  return families.find(([pattern]) => pattern.test(name))?.[1] ?? others
}

/** How often a request has what each weight is for. */
export function amountsOf(features: Features): Readonly<Record<keyof Weights, number>> {
  const { text, messages, calls, results, tools, declarations, isForced, schema, thinks } = features
  return {
    text,
    message: messages,
    call: calls,
    result: results,
    tools,
    declaration: declarations,
    hasTools: declarations > 0 ? 1 : 0,
    isForced: isForced ? 1 : 0,
    schema,
    hasSchema: schema > 0 ? 1 : 0,
    thinks: thinks ? 1 : 0,
    request: 1,
  }
}

/** The names of all weights. */
export const weightNames = Object.keys(others.weights) as readonly (keyof Weights)[]

/** What the features come to. */
export function tokensOf(features: Features, weights: Weights): number {
  const amounts = amountsOf(features)
  return weightNames.reduce((sum, name) => sum + amounts[name] * weights[name], 0)
}
