import type { Part } from '../bench.ts'
import { measureContext } from '../context.ts'

/** Counting the tokens of a conversation that grows. */
export const run: Part = async ({ rounds, check }) => {
  for (const [who, model] of [
    ["OpenAI's tokeniser", 'gpt-4o'],
    ['estimated', 'claude-sonnet-4-6'],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const { firstUs, nextUs, ratio } = await measureContext(model, { rounds: rounds(40) })
    console.log(
      `\ncounting a conversation (${who}): first turn ${firstUs.toFixed(0)} us, the turn after 200 ${nextUs.toFixed(0)} us`,
    )
    const what = `counting turn 201 against turn 1 (${who})`
    check({ what, value: ratio.value, most: 1, unit: 'times' })
  }
}
