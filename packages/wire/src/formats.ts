import type { WireFormat } from '@holdfast/core'
import { anthropicMessages } from './anthropic-messages/format.ts'
import { anthropicVertex } from './anthropic-vertex/format.ts'
import { bedrockAnthropic } from './bedrock-anthropic/format.ts'
import { bedrockConverse } from './bedrock-converse/format.ts'
import { bedrockInvoke } from './bedrock-invoke/format.ts'
import { cohereChat } from './cohere-chat/format.ts'
import { gemini } from './gemini/format.ts'
import { mistralConversations } from './mistral-conversations/format.ts'
import { ollamaChat } from './ollama-chat/format.ts'
import { openaiChat } from './openai-chat/format.ts'
import { openaiCompletions } from './openai-completions/format.ts'
import { openaiResponses } from './openai-responses/format.ts'

/** Every format that is known, in the order in which a request is held against them. */
export const formats: readonly WireFormat[] = [
  openaiChat,
  openaiResponses,
  anthropicMessages,
  gemini,
  bedrockConverse,
  bedrockAnthropic,
  bedrockInvoke,
  cohereChat,
  ollamaChat,
  openaiCompletions,
  anthropicVertex,
  mistralConversations,
]
