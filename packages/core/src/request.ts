/**
 * A model request in neutral form: what every provider's format can say, under one name each.
 * The original bytes stay with the call; this form is read from them only when somebody asks.
 */
export interface LlmRequest {
  readonly model: string
  /** System or developer instructions, in order, apart from the messages. */
  readonly system: readonly Part[]
  readonly messages: readonly Message[]
  readonly tools: readonly ToolDefinition[]
  readonly toolChoice?: ToolChoice
  /** False forbids parallel tool calls. */
  readonly parallelToolCalls?: boolean
  readonly maxOutputTokens?: number
  readonly temperature?: number
  readonly topP?: number
  readonly topK?: number
  readonly stopSequences?: readonly string[]
  readonly seed?: number
  readonly frequencyPenalty?: number
  readonly presencePenalty?: number
  readonly reasoning?: { readonly effort?: string; readonly budgetTokens?: number }
  readonly output?: OutputFormat
  readonly stream: boolean
  /** The end user, where the request names one. */
  readonly user?: string
  readonly metadata?: Readonly<Record<string, unknown>>
  /** Members of the body that have no neutral name, as they came: kept when written in the same format. */
  readonly extra: Readonly<Record<string, unknown>>
}

export interface Message {
  readonly role: 'user' | 'assistant' | 'tool'
  readonly parts: readonly Part[]
  /** Members of the original message without a neutral name. */
  readonly extra?: Readonly<Record<string, unknown>>
}

export type Part =
  | TextPart
  | MediaPart
  | ReasoningPart
  | ToolCallPart
  | ToolResultPart
  | RefusalPart
  | OtherPart

export interface TextPart {
  readonly type: 'text'
  readonly text: string
  readonly extra?: Readonly<Record<string, unknown>>
}

/** An image, document, audio or video, by URL, by provider file id, or as base64 data. */
export interface MediaPart {
  readonly type: 'media'
  readonly kind: 'image' | 'document' | 'audio' | 'video'
  readonly mediaType?: string
  readonly url?: string
  readonly fileId?: string
  readonly data?: string
  readonly filename?: string
  readonly extra?: Readonly<Record<string, unknown>>
}

export interface ReasoningPart {
  readonly type: 'reasoning'
  readonly text: string
  readonly signature?: string
  readonly encrypted?: string
  readonly extra?: Readonly<Record<string, unknown>>
}

export interface ToolCallPart {
  readonly type: 'tool-call'
  readonly id: string
  readonly name: string
  /** JSON text, as the model wrote it. */
  readonly arguments: string
  readonly extra?: Readonly<Record<string, unknown>>
}

export interface ToolResultPart {
  readonly type: 'tool-result'
  readonly id: string
  readonly name?: string
  readonly parts: readonly Part[]
  readonly isError?: boolean
  readonly extra?: Readonly<Record<string, unknown>>
}

export interface RefusalPart {
  readonly type: 'refusal'
  readonly text: string
}

/** A part with no neutral form, as it came. */
export interface OtherPart {
  readonly type: 'other'
  readonly value: unknown
}

export interface ToolDefinition {
  readonly name: string
  readonly description?: string
  /** JSON Schema of the arguments. */
  readonly parameters?: unknown
  readonly strict?: boolean
  /** A tool that the provider runs itself (web search, code interpreter), as it came. */
  readonly provider?: unknown
  readonly extra?: Readonly<Record<string, unknown>>
}

export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string }

export type OutputFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json' }
  | {
      readonly type: 'json-schema'
      readonly schema: unknown
      readonly name?: string
      readonly strict?: boolean
    }
