import type { Answer } from './answer.ts'
import type { Exchange } from './load.ts'
import { messagesAnswer } from './sdk-anthropic-messages.ts'
import { converseAnswer } from './sdk-bedrock-converse.ts'
import { invokeAnswer } from './sdk-bedrock-invoke.ts'
import { cohereAnswer } from './sdk-cohere-chat.ts'
import { geminiAnswer } from './sdk-gemini.ts'
import { generateAnswer, ollamaAnswer } from './sdk-ollama-chat.ts'
import { chatAnswer } from './sdk-openai-chat.ts'
import { completionsAnswer } from './sdk-openai-completions.ts'
import { responsesAnswer } from './sdk-openai-responses.ts'

/**
 * The SDK's own result, or why it gave up. `joined` is what its parsed events say when they are put together
 * in order, without its accumulator.
 */
export type SdkAnswer =
  | { readonly answer: Answer; readonly joined?: Answer }
  | { readonly failed: Error; readonly joined: Answer | undefined }

/** Lets the provider's own SDK fetch and read an answer. */
export async function askSdk(exchange: Exchange, baseUrl: string): Promise<SdkAnswer> {
  const { wire, streaming } = exchange
  try {
    switch (wire) {
      case 'openai-chat':
        return await chatAnswer(baseUrl, streaming)
      case 'openai-responses':
        return await responsesAnswer(baseUrl, streaming)
      case 'anthropic-messages':
        return await messagesAnswer(baseUrl, streaming)
      case 'bedrock-converse':
        return await converseAnswer(baseUrl, streaming)
      case 'bedrock-anthropic':
      case 'bedrock-invoke':
        return await invokeAnswer(baseUrl, streaming)
      case 'openai-completions':
        return await completionsAnswer(baseUrl, streaming)
      case 'cohere-chat':
        return await cohereAnswer(baseUrl, streaming)
      case 'ollama-chat':
        return exchange.api === 'ollama.generate'
          ? await generateAnswer(baseUrl, streaming)
          : await ollamaAnswer(baseUrl, streaming)
      default:
        return await geminiAnswer(baseUrl, streaming)
    }
  } catch (error) {
    return { failed: withStatus(error as SdkError), joined: undefined }
  }
}

/** The SDKs have several names for the status of an error answer. */
type SdkError = Error & {
  readonly status?: number
  readonly statusCode?: number
  readonly status_code?: number
  readonly $metadata?: { readonly httpStatusCode?: number }
}

function withStatus(error: SdkError): Error {
  const { status, statusCode, status_code, $metadata } = error
  const known = status ?? statusCode ?? status_code ?? $metadata?.httpStatusCode
  return known === status ? error : Object.assign(new Error(error.message), { status: known })
}
