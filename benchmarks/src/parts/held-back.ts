import { instrument } from 'holdfast'
import type { Part } from '../bench.ts'
import { allGuards } from '../gate.ts'
import { heldBack, latePieces, streamedFormats } from '../held-back.ts'

/** What of a stream the guards hold back. */
export const run: Part = async ({ check }) => {
  const holdfast = instrument({ telemetry: false, ...allGuards })
  const streams = await Promise.all(streamedFormats.map((format) => heldBack(format)))
  await holdfast.uninstrument()
  const late = streams.map(latePieces)
  const pieces = streams.flatMap((stream) => stream.pieces).length
  const text = late.flatMap((stream) => stream.text).length
  const calls = late.flatMap((stream) => stream.calls).length
  console.log(
    `\nstreams in ${streams.length} formats, ${pieces} pieces: ${text} of text held back, ${calls} of tool calls held longer than until they are whole`,
  )
  check({ what: 'streamed text held back', value: text, most: 0, unit: 'pieces' })
  check({ what: 'tool calls held too long', value: calls, most: 0, unit: 'pieces' })
}
