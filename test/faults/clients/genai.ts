import { ApiError, GoogleGenAI } from '@google/genai'
import type { GenerateContentParameters, GenerateContentResponse } from '@google/genai'
import type { Client, Said } from './client.ts'
import { models, prompt, searchTool } from './client.ts'

/** The @google/genai package. */
export const genai: Client = {
  name: 'genai',
  wires: ['gemini'],
  statusError: () => 'ApiError',
  lostConnection: ['Error'],
  errorClasses: [ApiError],
  async ask({ baseUrl, stream, tools, signal }, said) {
    const client = new GoogleGenAI({ apiKey: 'faults', httpOptions: { baseUrl } })
    const { name, description, parameters } = searchTool
    const request: GenerateContentParameters = {
      model: models.gemini,
      contents: prompt,
      config: {
        abortSignal: signal,
        ...(tools
          ? {
              tools: [
                { functionDeclarations: [{ name, description, parametersJsonSchema: parameters }] },
              ],
            }
          : {}),
      },
    }
    if (!stream) {
      read(await client.models.generateContent(request), said)
      return
    }
    for await (const chunk of await client.models.generateContentStream(request)) read(chunk, said)
  },
}

function read(response: GenerateContentResponse, said: Said): void {
  const candidate = response.candidates?.[0]
  for (const part of candidate?.content?.parts ?? []) {
    if (part.text !== undefined && part.thought !== true) said.text += part.text
    if (part.functionCall !== undefined) {
      const { name = '', args } = part.functionCall
      said.toolCalls.push({ name, arguments: args })
    }
  }
  said.finish = candidate?.finishReason ?? said.finish
}
