import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Lab } from './index.ts'
import { startLab } from './index.ts'

const beside = fileURLToPath(new URL('../../../../shared/recordings', import.meta.url))
const folder = process.env['HOLDFAST_RECORDINGS'] ?? beside
const index = join(folder, 'INDEX.json')
const missing = !existsSync(index)
if (missing)
  console.log(`No recordings at ${folder}: skipped. HOLDFAST_RECORDINGS names another folder.`)

interface Row {
  readonly file: string
  readonly api: string
  readonly provider: string
  readonly status: number
  readonly streaming: boolean
}

const wires = [
  // DeepSeek is where reasoning_content comes from.
  ['openai.chat', ['openai', 'deepseek'], '/v1/chat/completions'],
  ['openai.responses', ['openai', 'azure', 'xai'], '/v1/responses'],
  ['anthropic.messages', ['anthropic'], '/v1/messages'],
  ['gemini.generateContent', ['gemini', 'vertex'], '/v1beta/models/lab:generateContent'],
  [
    'gemini.streamGenerateContent',
    ['gemini', 'vertex'],
    '/v1beta/models/lab:streamGenerateContent?alt=sse',
  ],
  ['bedrock.converse', ['bedrock'], '/model/lab/converse'],
  ['bedrock.converseStream', ['bedrock'], '/model/lab/converse-stream'],
  ['cohere.chat', ['cohere'], '/v2/chat'],
  ['ollama.chat', ['ollama'], '/api/chat'],
] as const

/** Nobody recorded a stream of Ollama's that thinks. https://github.com/ollama/ollama/blob/main/docs/api.md (2026-11-21) */
const unrecorded: Readonly<Record<string, readonly string[]>> = {
  'ollama.chat': ['.message.thinking'],
}

/** Whether a path is streamed, where the path says so; else the body does. */
const byPath: Readonly<Record<string, boolean>> = {
  'gemini.generateContent': false,
  'gemini.streamGenerateContent': true,
  'bedrock.converse': false,
  'bedrock.converseStream': true,
}

let lab: Lab
beforeAll(async () => {
  const toolCalls = [{ name: 'search', arguments: {} }]
  lab = await startLab({ script: { reasoning: 'I think', text: 'I say', toolCalls } })
})
afterAll(() => lab.close())

describe.skipIf(missing)('the lab makes nothing up', () => {
  const rows: Row[] = missing ? [] : JSON.parse(readFileSync(index, 'utf8'))

  test.each(wires)(
    'each member it writes on %s is in the recordings too',
    async (api, from, path) => {
      for (const streaming of api in byPath ? [byPath[api] === true] : [false, true]) {
        const recorded = new Set<string>()
        const mine = rows.filter(
          (row) =>
            row.api === api &&
            row.status === 200 &&
            row.streaming === streaming &&
            from.some((provider) => provider === row.provider),
        )
        for (const { file } of mine) {
          const { response } = JSON.parse(readFileSync(join(folder, file), 'utf8'))
          const body = Buffer.from(response.body ?? '', response.body_base64 ? 'base64' : 'utf8')
          collect(documents(body, streaming), recorded)
        }
        const response = await fetch(lab.url + path, {
          method: 'POST',
          body: JSON.stringify({ stream: streaming, stream_options: { include_usage: true } }),
        })
        const written = new Set<string>()
        collect(documents(Buffer.from(await response.arrayBuffer()), streaming), written)
        expect(written.size).toBeGreaterThan(13)
        expect([...written].filter((member) => !recorded.has(member))).toEqual(
          streaming ? (unrecorded[api] ?? []) : [],
        )
      }
    },
  )
})

/** The JSON documents of a body: one, or one per event. */
function documents(body: Buffer, streaming: boolean): unknown[] {
  return textsOf(body, streaming).flatMap((text) => {
    try {
      return [JSON.parse(text) as unknown]
    } catch {
      return []
    }
  })
}

function textsOf(body: Buffer, streaming: boolean): string[] {
  const text = body.toString()
  if (!streaming) return [text]
  if (body[0] === 0) return payloads(body)
  return text.startsWith('{') ? text.split('\n') : text.split(/\r?\n\r?\n/).map(dataOf)
}

/** What the messages of an event stream of AWS hold. */
function payloads(body: Buffer): string[] {
  const found: string[] = []
  for (let at = 0; at < body.length; at += body.readUInt32BE(at)) {
    const start = at + 12 + body.readUInt32BE(at + 4)
    found.push(body.toString('utf8', start, at + body.readUInt32BE(at) - 4))
  }
  return found
}

function dataOf(event: string): string {
  const lines = event.split(/\r?\n/).filter((line) => line.startsWith('data:'))
  return lines.map((line) => line.slice(5)).join('\n')
}

/** The paths of all members, under the type of their event where it has one. */
function collect(value: unknown, into: Set<string>, path = ''): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, into, path)
  } else if (typeof value === 'object' && value !== null) {
    const type = path === '' && 'type' in value ? String(value.type) : ''
    for (const [name, member] of Object.entries(value)) {
      const at = `${path}${type}.${name}`
      into.add(at)
      collect(member, into, at)
    }
  }
}
