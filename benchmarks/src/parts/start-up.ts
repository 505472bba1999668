import { interval } from '../bench.ts'
import type { Part } from '../bench.ts'
import { importTimeMs, preloadTime } from '../start-up.ts'

/** What Holdfast adds to the start of a process. */
export const run: Part = async ({ check }) => {
  const { value, low, high } = importTimeMs()
  console.log(`\nimport 'holdfast': ${value.toFixed(1)} ms [${low.toFixed(1)}, ${high.toFixed(1)}]`)
  check({ what: "import 'holdfast'", value, most: 50, unit: 'ms' })
  const alone = preloadTime()
  console.log(`--import holdfast/auto: ${interval(alone.addedMs)} ms with no framework`)
  const what = 'start-up added by holdfast/auto'
  check({ what, value: alone.addedMs.value, most: 40, unit: 'ms' })
  for (const framework of ['@openai/agents', '@langchain/langgraph/prebuilt']) {
    const { ownMs, addedMs } = preloadTime(framework)
    console.log(`  ${interval(addedMs)} ms beside the ${ownMs.toFixed(0)} ms of ${framework}`)
    const share = (100 * addedMs.value) / ownMs
    check({ what: `of ${framework}'s import`, value: share, most: 8, unit: '%' })
  }
}
