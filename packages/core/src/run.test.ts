import { expect, test } from 'vitest'
import { childRun, currentRun, enterRun } from './run.ts'

test('calls made later in a run still belong to it', async () => {
  const run = childRun({ id: 'r1', session: 's1' })
  const seen = await enterRun(run, async () => {
    await new Promise((resolve) => setTimeout(resolve, 1))
    return currentRun()
  })
  expect(seen).toBe(run)
  expect(currentRun()).toBeUndefined()
})

test('a run inside a run keeps session and user, and names its parent', () => {
  const outer = childRun({ session: 's1', user: 'u1', agent: 'planner' })
  const inner = enterRun(outer, () => childRun({ agent: 'writer' }))
  expect(inner).toMatchObject({ session: 's1', user: 'u1', agent: 'writer', parent: outer })
  expect(inner.id).not.toBe(outer.id)
})

test('runs side by side do not mix', async () => {
  const ids = await Promise.all(
    ['a', 'b', 'c'].map((id) =>
      enterRun(childRun({ id }), async () => {
        await new Promise((resolve) => setTimeout(resolve, 5))
        return currentRun()?.id
      }),
    ),
  )
  expect(ids).toEqual(['a', 'b', 'c'])
})
