/** The wires of the matrix. */
export type Wire = 'openai-chat' | 'openai-responses' | 'anthropic-messages' | 'gemini'

/** One logical call, as an application would make it. */
export interface Question {
  readonly wire: Wire
  readonly stream: boolean
  /** Where the provider is, without a trailing slash and without a version. */
  readonly baseUrl: string
  /** Offers the tool `search` to the model. */
  readonly tools: boolean
  /** Ends a bare call that would hang; nothing else aborts it. */
  readonly signal: AbortSignal
}

/** What the application got to see, filled in as it arrives. */
export interface Said {
  text: string
  toolCalls: { readonly name: string; readonly arguments: unknown }[]
  finish: string | undefined
  /** The bytes of the body, where the client shows them. */
  bytes?: Uint8Array[]
}

/** An SDK as an application uses it, with its default settings. */
export interface Client {
  readonly name: ClientName
  readonly wires: readonly Wire[]
  /** Makes one call; resolves as the application's own `await` would, throws what it would catch. */
  ask(question: Question, said: Said): Promise<void>
  /** What the SDK says of every broken stream on a wire, where it names no cause. */
  readonly saysOfBrokenStreams?: Readonly<Partial<Record<Wire, string>>>
  /** The class of its error for an error status, by name. */
  statusError(status: number, wire: Wire): string
  /** What it throws when a connection is lost, by class name. */
  readonly lostConnection: readonly string[]
  /** What it throws in place of every error that speaks of a timeout, by name. @default it keeps the error */
  readonly timeout?: readonly string[]
  /** The SDK's error classes that an application would test with `instanceof`, most special first. */
  readonly errorClasses: readonly ErrorClass[]
}

export type ClientName = 'openai' | 'anthropic' | 'genai' | 'ai-sdk' | 'langchain' | 'fetch'

/** A class that `instanceof` can test. */
export type ErrorClass = abstract new (...args: never[]) => Error

/** What every call of the matrix asks. */
export const prompt = 'What does the lab say?'

/** The tool that calls with tools offer. */
export const searchTool = {
  name: 'search',
  description: 'Searches the library.',
  parameters: {
    type: 'object',
    properties: { query: { type: 'string' }, limit: { type: 'number' } },
    required: ['query'],
  },
} as const

/** The model that is asked for, per wire. */
export const models: Readonly<Record<Wire, string>> = {
  'openai-chat': 'gpt-5-mini',
  'openai-responses': 'gpt-5-mini',
  'anthropic-messages': 'claude-haiku-4-5',
  gemini: 'gemini-2.5-flash',
}
