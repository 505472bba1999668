import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { isDeepStrictEqual } from 'node:util'
import Anthropic from '@anthropic-ai/sdk'
import { type GenerateContentParameters, GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import type { FormatName } from './formats.ts'

/** A server on loopback that keeps what it is sent. */
export interface Catcher {
  /** Sends a composed body with the provider's own SDK; says where what arrives is another one. */
  send(
    name: FormatName,
    body: Readonly<Record<string, unknown>>,
    model: string,
  ): Promise<string | undefined>
  close(): Promise<void>
}

/** Starts the server. */
export async function startCatcher(): Promise<Catcher> {
  let caught: unknown
  const server = createServer(async (request, response) => {
    caught = await json(request)
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const openai = new OpenAI({ apiKey: 'none', baseURL: baseUrl, maxRetries: 0, logLevel: 'off' })
  const anthropic = new Anthropic({
    apiKey: 'none',
    baseURL: baseUrl,
    maxRetries: 0,
    logLevel: 'off',
  })
  const google = new GoogleGenAI({ apiKey: 'none', vertexai: false, httpOptions: { baseUrl } })

  async function throughSdk(
    name: FormatName,
    body: Readonly<Record<string, unknown>>,
    model: string,
  ): Promise<void> {
    // Streams are asked for as whole answers: what is sent is the question here.
    const whole = { ...body }
    delete whole['stream']
    delete whole['stream_options']
    switch (name) {
      case 'openai-chat':
        await openai.chat.completions.create(whole as never)
        return
      case 'openai-responses':
        await openai.responses.create(whole as never)
        return
      case 'anthropic-messages':
        await anthropic.messages.create(whole as never, { timeout: 60_000 })
        return
      default:
        await google.models.generateContent(googleParameters(whole, model))
    }
  }

  return {
    async send(name, body, model) {
      caught = undefined
      try {
        await throughSdk(name, body, model)
      } catch (error) {
        if (caught === undefined) return `the SDK refuses it: ${String(error)}`
      }
      const sent = normal(caught)
      const { stream: _, stream_options: __, ...expected } = body
      return isDeepStrictEqual(sent, normal(expected))
        ? undefined
        : `the SDK sends another body: ${JSON.stringify(sent)?.slice(0, 300)}`
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** The body in the words of Google's SDK, which takes it apart. */
function googleParameters(
  body: Readonly<Record<string, unknown>>,
  model: string,
): GenerateContentParameters {
  const { contents, systemInstruction, tools, toolConfig, generationConfig } = body
  const config = { systemInstruction, tools, toolConfig, ...(generationConfig as object) }
  const given = Object.entries(config).filter(([, value]) => value !== undefined)
  return { model, contents: contents as never, config: Object.fromEntries(given) }
}

/** Google's SDK says the role of the instruction, and levels in capitals. */
function normal(body: unknown): unknown {
  const copy = structuredClone(body) as {
    systemInstruction?: { role?: string }
    generationConfig?: { thinkingConfig?: { thinkingLevel?: string } }
  }
  delete copy.systemInstruction?.role
  if (Object.keys(copy.generationConfig ?? {}).length === 0) delete copy.generationConfig
  const thinking = copy.generationConfig?.thinkingConfig
  if (thinking?.thinkingLevel) thinking.thinkingLevel = thinking.thinkingLevel.toLowerCase()
  return copy
}
