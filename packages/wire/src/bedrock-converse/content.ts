import { present } from '@holdfast/core'
import type { Part, ToolResultPart } from '@holdfast/core'
import { type JsonObject, list, object, parseJson, text } from '../json/json.ts'
import { Members, type MutableObject } from '../request/members.ts'
import type { Originals } from '../request/originals.ts'
import { mediaNames, readMedia, writeMedia } from './media.ts'

/** The parts of a list of content blocks. */
export function readContent(content: unknown, originals: Originals): Part[] {
  return list(content).map((value) =>
    originals.keep(readBlock(object(value) ?? {}, value, originals), value),
  )
}

/** A block is an object with one member, named after what it is. */
function readBlock(value: JsonObject, original: unknown, originals: Originals): Part {
  const members = new Members(value)
  const said = members.string('text')
  if (said !== undefined) return { type: 'text', text: said, ...members.extra() }
  const media = mediaNames.find((name) => object(value[name]) !== undefined)
  if (media !== undefined) {
    return readMedia(media, object(value[media]) ?? {}) ?? { type: 'other', value: original }
  }
  const use = object(value['toolUse'])
  if (use !== undefined) {
    // A tool that Bedrock runs itself is none of the application's.
    if (use['type'] === 'server_tool_use') return { type: 'other', value: original }
    const { toolUseId, name, input, ...extra } = use
    const json = JSON.stringify(input ?? {})
    return {
      type: 'tool-call',
      id: text(toolUseId),
      name: text(name),
      arguments: json,
      ...extraOf(extra),
    }
  }
  const result = object(value['toolResult'])
  if (result !== undefined) return readToolResult(result, originals)
  const reasoning = object(value['reasoningContent'])
  if (reasoning !== undefined) return readReasoning(reasoning) ?? { type: 'other', value: original }
  return { type: 'other', value: original }
}

function readToolResult(result: JsonObject, originals: Originals): ToolResultPart {
  const { toolUseId, content, status, ...extra } = result
  const parts = list(content).map((value): Part => {
    const json = object(value)?.['json']
    if (json === undefined) return readContent([value], originals)[0] as Part
    return originals.keep({ type: 'text', text: JSON.stringify(json) }, value)
  })
  return {
    type: 'tool-result',
    id: text(toolUseId),
    parts,
    ...(typeof status === 'string' ? { isError: status === 'error' } : {}),
    ...extraOf(extra),
  }
}

function readReasoning(reasoning: JsonObject): Part | undefined {
  const said = object(reasoning['reasoningText'])
  if (said !== undefined) {
    const signature = text(said['signature']) || undefined
    return { type: 'reasoning', text: text(said['text']), ...present({ signature }) }
  }
  const encrypted = text(reasoning['redactedContent'])
  return encrypted === '' ? undefined : { type: 'reasoning', text: '', encrypted }
}

/** The parts as content blocks. Parts that Bedrock has no block for are named to `lost` and left out. */
export function writeContent(
  parts: readonly Part[],
  originals: Originals,
  lost: (part: Part) => void = () => {},
): unknown[] {
  return parts.flatMap((part) => {
    const written = originals.of(part) ?? writeBlock(part, originals, lost)
    if (written === undefined) lost(part)
    return written === undefined ? [] : [written]
  })
}

function writeBlock(part: Part, originals: Originals, lost: (part: Part) => void): unknown {
  switch (part.type) {
    case 'text':
      return { text: part.text, ...part.extra }
    case 'refusal':
      return { text: part.text }
    case 'reasoning':
      return part.text === '' && part.encrypted !== undefined
        ? { reasoningContent: { redactedContent: part.encrypted } }
        : {
            reasoningContent: {
              reasoningText: { text: part.text, ...present({ signature: part.signature }) },
            },
          }
    case 'tool-call': {
      const { id: toolUseId, name, extra } = part
      return { toolUse: { toolUseId, name, input: inputOf(part.arguments), ...extra } }
    }
    case 'tool-result': {
      const { id: toolUseId, isError, extra } = part
      const status = isError === undefined ? undefined : isError ? 'error' : 'success'
      const content = writeContent(part.parts, originals, lost)
      return { toolResult: { toolUseId, content, ...present({ status }), ...extra } }
    }
    case 'media':
      return writeMedia(part)
    default:
      return part.value
  }
}

/** Arguments have to be an object here; text that is none is kept where the model can read it. */
function inputOf(json: string): JsonObject {
  if (json === '') return {}
  return object(parseJson(json)) ?? { arguments: json }
}

function extraOf(extra: MutableObject): { readonly extra?: JsonObject } {
  return Object.keys(extra).length > 0 ? { extra } : {}
}
