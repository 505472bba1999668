import { aiSdk } from './ai-sdk.ts'
import { anthropic } from './anthropic.ts'
import type { Client, ClientName } from './client.ts'
import { genai } from './genai.ts'
import { langchain } from './langchain.ts'
import { openai } from './openai.ts'
import { plainFetch } from './plain-fetch.ts'

/** Every client of the matrix by name. */
export const clients: Readonly<Record<ClientName, Client>> = {
  openai,
  anthropic,
  genai,
  'ai-sdk': aiSdk,
  langchain,
  fetch: plainFetch,
}
