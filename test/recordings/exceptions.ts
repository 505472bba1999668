/** Where the SDK's own result cannot be the measure, why, and what is held against it instead. */
export interface Exception {
  readonly why: string
  /** What the SDK is given instead of the recorded body. */
  readonly repair?: (body: string) => string
  /**
   * `joined`: the events as the SDK parses them, joined in order, without its accumulator.
   * `no-arguments`: the SDK's result, but for the arguments of tool calls.
   * `nothing`: the answer is only read. Left out: the SDK's result.
   */
  readonly measure?: 'joined' | 'no-arguments' | 'nothing'
  /** The body is no answer of the format, and this is what Holdfast says of it. */
  readonly problem?: string
}

const chatPiece = "OpenAI's accumulator insists on a member that this provider leaves out"

const table: Readonly<Record<string, Exception>> = {
  // OpenAI Chat
  'openai.chat/azure--azure-chat-completion-streamed-7fb5fc2e': {
    why: `${chatPiece}: role`,
    measure: 'joined',
  },
  'openai.chat/doubleword--gpt-oss-reasoning-streaming-2defc11c': {
    why: `${chatPiece}: role`,
    measure: 'joined',
  },
  'openai.chat/groq--test-groq-model-web-search-tool-stream-ee5bd05a': {
    why: `${chatPiece}: role`,
    measure: 'joined',
  },
  'openai.chat/litellm-proxy--completion-stream-multiple-choices-proxy-28c36236': {
    why: `${chatPiece}: finish_reason of the second choice`,
    measure: 'joined',
  },
  'openai.chat/snowflake--test-snowflake-model-streaming-d3b1c558': {
    why: `${chatPiece}: finish_reason`,
    measure: 'joined',
  },
  'openai.chat/mistral--test-synchronous-streaming-chat-completions-with-tool-ca-': {
    why: `${chatPiece}: index of a tool call`,
    measure: 'joined',
  },
  'openai.chat/mistral--mistral-reasoning-485eebb5': {
    why: "OpenAI's accumulator adds Mistral's typed parts up as [object Object]",
    measure: 'joined',
  },
  'openai.chat/mistral--test-mistral-model-thinking-part-iter-8fd29a94': {
    why: "OpenAI's accumulator adds Mistral's typed parts up as [object Object]",
    measure: 'joined',
  },
  'openai.chat/openai-compatible--test-text-response-a0bf5747': {
    why: 'a plain text instead of a completion; the SDK hands over the text',
    problem: 'the body is plain text, not JSON',
  },
  // OpenAI Responses
  'openai.responses/chatgpt--': {
    why: 'the closing event has no output, and the SDK believes it rather than the items before',
    measure: 'joined',
  },
  'openai.responses/copilot--github-copilot-id-rotation-1-76ae1807': {
    why: "OpenAI's accumulator insists on one response id",
    measure: 'joined',
  },
  'openai.responses/openai--openai-shell-container-1-814573ba': {
    why: 'shortened by the recorder: the deltas are those of another text than the finished item',
    measure: 'nothing',
  },
  // Anthropic Messages
  'anthropic.messages/anthropic--anthropic-programmatic-tool-calling-1-e130393c': {
    why: 'sixteen answers pasted together by the recorder',
    measure: 'nothing',
  },
  'anthropic.messages/anthropic--gateway-message-delta-metadata-9d2a50f7': {
    why: "Anthropic's SDK takes the gateway's [DONE] for JSON",
    repair: (body) => body.replace('data: [DONE]', ''),
  },
  'anthropic.messages/anthropic--streaming-prompt-caching-reuses-tool-cache-e7f5e55b-01': {
    why: 'without the empty line after the last event, which the SDK then drops',
    repair: (body) => `${body}\n\n`,
  },
  // Gemini
  'gemini.streamGenerateContent/gemini--streaming-failure-prompt-blocked-safety-8771804e': {
    why: 'without the empty line after the last event, which the SDK takes for a cut',
    repair: (body) => `${body}\r\n`,
  },
  'gemini.streamGenerateContent/vertex--streaming-failure-prompt-blocked-safety-with-message-d1f1cb13':
    {
      why: 'without the empty line after the last event, which the SDK takes for a cut',
      repair: (body) => `${body}\r\n`,
    },
  'gemini.streamGenerateContent/gemini--test-nested-model-': {
    why: 'one JSON array, which the SDK does not read',
    repair: arrayAsEvents,
  },
  'gemini.streamGenerateContent/gemini--test-tools-707542bb-': {
    why: 'one JSON array, which the SDK does not read',
    repair: arrayAsEvents,
  },
  'gemini.streamGenerateContent/gemini--google-stream-no-args-tool-call-9024cf31': {
    why: 'the SDK leaves the joining of partialArgs to its users',
    measure: 'no-arguments',
  },
  'gemini.streamGenerateContent/gemini--google-stream-tool-call-array-arguments-missing-terminal-597bc1d0':
    {
      why: 'the SDK leaves the joining of partialArgs to its users',
      measure: 'no-arguments',
    },
  'gemini.generateContent/vertex--unary-failure-invalid-response-dfb4e907': {
    why: 'JSON of another shape; the SDK hands over an answer without candidates',
    problem: 'no candidates in the body',
  },
}

/** The exception for a recording, by the beginning of its name. */
export function exceptionFor(file: string): Exception | undefined {
  for (const [beginning, exception] of Object.entries(table)) {
    if (file.startsWith(beginning)) return exception
  }
  return undefined
}

/** Names in the table that no recording goes by any more. */
export function unusedExceptions(files: readonly string[]): string[] {
  return Object.keys(table).filter((name) => !files.some((file) => file.startsWith(name)))
}

function arrayAsEvents(body: string): string {
  const elements = JSON.parse(body) as unknown[]
  return elements.map((element) => `data: ${JSON.stringify(element)}\r\n\r\n`).join('')
}
