import { parsedJson } from './json.ts'
import type { Random } from './random.ts'
import type { Step, StepToolCall } from './script.ts'

/** Why an answer ended, in words that every wire translates into its own. */
export type Finish =
  | 'stop'
  | 'length'
  | 'tool-calls'
  | 'content-filter'
  | 'refusal'
  | 'recitation'
  | 'malformed-function-call'
  | 'unknown'

/** A good (or subtly wrong) answer before a wire writes it. */
export interface Answer {
  readonly model: string
  /** Unix seconds, the same for the same request index: answers are reproducible byte by byte. */
  readonly createdAt: number
  readonly text: string
  readonly reasoning: string
  readonly refusal: string
  readonly toolCalls: readonly AnswerToolCall[]
  readonly finish: Finish
  /** Undefined leaves the usage out. */
  readonly usage: AnswerUsage | undefined
  /** Into how many deltas the text is cut; undefined is one per word. */
  readonly chunks: number | undefined
  /** The same for the arguments of a tool call; undefined is one per nine characters. */
  readonly argumentChunks: number | undefined
  /** `none`: no candidate at all; `blocked`: the prompt was refused before the model ran. */
  readonly candidates: 'one' | 'none' | 'blocked'
  readonly random: Random
}

/** A tool call with the arguments both as the model meant them and as it wrote them. */
export interface AnswerToolCall {
  readonly kind?: StepToolCall['kind'] | undefined
  /** Undefined lets the wire make one up. */
  readonly id: string | undefined
  readonly name: string
  readonly arguments: unknown
  readonly argumentsText: string
}

/** Tokens, all counts present. */
export interface AnswerUsage {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cachedInputTokens: number
  readonly reasoningTokens: number
}

const firstSecond = Date.UTC(2026, 10, 21) / 1000

/** Fills in everything that a step leaves open. */
export function answerFrom(
  step: Step,
  asked: { model: string; bodyText: string; index: number },
  random: Random,
): Answer {
  const toolCalls = (step.toolCalls ?? []).map((call) => ({
    id: call.id,
    kind: call.kind,
    name: call.name,
    ...writtenArguments(call),
  }))
  const text = step.text ?? (toolCalls.length > 0 ? '' : 'The lab is up and answers as asked.')
  const reasoning = step.reasoning ?? ''
  const said = text + toolCalls.map((call) => call.name + call.argumentsText).join('')
  const reasoningTokens = step.usage?.reasoningTokens ?? tokens(reasoning)
  return {
    model: step.model ?? asked.model,
    createdAt: firstSecond + asked.index,
    text,
    reasoning,
    refusal: '',
    toolCalls,
    finish: step.finishReason ?? (toolCalls.length > 0 ? 'tool-calls' : 'stop'),
    usage: {
      inputTokens: step.usage?.inputTokens ?? Math.max(1, tokens(asked.bodyText)),
      outputTokens: step.usage?.outputTokens ?? Math.max(1, tokens(said) + reasoningTokens),
      cachedInputTokens: step.usage?.cachedInputTokens ?? 0,
      reasoningTokens,
    },
    chunks: step.chunks,
    argumentChunks: step.argumentChunks,
    candidates: 'one',
    random,
  }
}

/** Cuts a text into deltas: the wanted number of equal pieces, or one per word. */
export function cutText(text: string, chunks: number | undefined): string[] {
  if (text === '') return []
  if (chunks === undefined) return text.match(/\s*\S+\s*$|\s*\S+|\s+$/g) ?? [text]
  const characters = Array.from(text)
  const count = Math.min(Math.max(1, chunks), characters.length)
  return Array.from({ length: count }, (_, n) =>
    characters
      .slice(
        Math.floor((n * characters.length) / count),
        Math.floor(((n + 1) * characters.length) / count),
      )
      .join(''),
  )
}

/** Cuts the JSON of tool arguments into the wanted number of deltas, or a few that end anywhere, as models write them. */
export function cutArguments(argumentsText: string, chunks: number | undefined): string[] {
  return cutText(argumentsText, chunks ?? Math.max(2, Math.ceil(argumentsText.length / 9)))
}

function writtenArguments({
  arguments: meant,
  argumentsText,
}: StepToolCall): Pick<AnswerToolCall, 'arguments' | 'argumentsText'> {
  if (argumentsText === undefined) return { arguments: meant, argumentsText: JSON.stringify(meant) }
  return { arguments: parsedJson(argumentsText) ?? argumentsText, argumentsText }
}

function tokens(text: string): number {
  return Math.ceil(text.length / 4)
}
