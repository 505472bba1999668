import { instrument } from 'holdfast'
import { expect, test } from 'vitest'
import { allGuards } from './gate.ts'
import { heldBack, latePieces, streamedFormats } from './held-back.ts'

test.each(streamedFormats)('%s alone: every piece arrives when it was sent', async (format) => {
  const { pieces, untouched } = await heldBack(format)
  expect(pieces.filter(({ heldFor }) => heldFor > 0)).toEqual([])
  expect(untouched).toBe(true)
})

test.each(streamedFormats)(
  '%s behind the guards: text is never held back, a tool call until it is whole',
  async (format) => {
    const holdfast = instrument({ telemetry: false, ...allGuards })
    const held = await heldBack(format)
    await holdfast.uninstrument()

    const { pieces, untouched } = held
    expect(untouched).toBe(true)
    expect(latePieces(held)).toEqual({ text: [], calls: [] })
    expect(pieces.filter(({ kind }) => kind === 'text').length).toBeGreaterThan(10)
    expect(pieces.filter(({ kind }) => kind === 'call').length).toBeGreaterThan(1)
    // What opens a reply waits for its first words, as it does without the guards.
    const firstWords = pieces.findIndex(({ kind }) => kind === 'text')
    const openings = pieces.filter(({ kind }) => kind === 'opening')
    expect(openings.filter(({ index, heldFor }) => index + heldFor > firstWords)).toEqual([])
    expect(holdfast.report().bugs).toEqual([])
  },
)
