import type { FaultName } from './faults/catalogue.ts'
import type { LabRequest } from './request.ts'

/** What the lab answers: one step for every request, one step per request in order, or a function. */
export type Script = readonly Step[] | Step | ((request: LabRequest) => Step | Promise<Step>)

/** One answer of the model, as plain data. `{}` is a plain good answer. */
export interface Step {
  /** What the model says. @default a short sentence, or nothing when it calls tools */
  readonly text?: string
  /** What the model thinks first. */
  readonly reasoning?: string
  readonly toolCalls?: readonly StepToolCall[]
  /** @default 'tool-calls' where it calls tools, else 'stop' */
  readonly finishReason?: 'stop' | 'length' | 'tool-calls' | 'content-filter'
  /** @default estimated from the lengths, four characters a token */
  readonly usage?: StepUsage
  /** The model that says it answered. @default the one that was asked for */
  readonly model?: string
  /** Into how many deltas the text is cut. @default one per word */
  readonly chunks?: number
  /** Into how many deltas the arguments of each tool call are cut, on wires that stream them. @default one per nine characters */
  readonly argumentChunks?: number
  /** How long the lab waits before the response headers. @default 0 */
  readonly delayMs?: number
  /** How long it waits between two pieces of the body. @default the lab's own chunkDelayMs */
  readonly chunkDelayMs?: number
  /** What goes wrong. A fault that makes no sense for this kind of request leaves the answer good. */
  readonly fault?: FaultName | Fault
  /** Response headers on top of the provider's own. */
  readonly headers?: Readonly<Record<string, string>>
}

/** A tool call that the model makes. */
export interface StepToolCall {
  readonly name: string
  readonly arguments: Readonly<Record<string, unknown>>
  /**
   * The arguments as the model writes them, where that is something else than their JSON. Wires that send a value send
   * what this parses to, or the text itself where it is no JSON. @default the JSON of `arguments`
   */
  readonly argumentsText?: string
  /**
   * What kind of call it is, where a provider has more than one: `function_call` of old (OpenAI Chat), or a call of the
   * shell that OpenAI's Responses know by themselves. Other wires write a usual one. @default a usual one
   */
  readonly kind?: 'function-call' | 'shell'
  /** @default made up from the seed, in the provider's style */
  readonly id?: string
}

/** The tokens that an answer says it cost. */
export interface StepUsage {
  readonly inputTokens?: number
  readonly outputTokens?: number
  readonly cachedInputTokens?: number
  readonly reasoningTokens?: number
}

/** A fault with its details; the name alone takes the catalogue's defaults. */
export interface Fault {
  readonly name: FaultName
  /** What Retry-After (and its like) says. */
  readonly retryAfterMs?: number
  /** How many pieces of content get through before the fault strikes. @default half of them */
  readonly afterChunks?: number
  /** How long a stall lasts before the answer goes on. @default for ever */
  readonly stallMs?: number
  /** How often keep-alive bytes come, or slow bytes drip. @default 50 */
  readonly everyMs?: number
  /** How long the lab refuses connections (provider-down). @default 1000 */
  readonly downMs?: number
}
