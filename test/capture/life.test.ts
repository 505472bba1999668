import { describe, expect, test } from 'vitest'
import { nodeVersions, runProgram } from './node-versions.ts'

describe.each(nodeVersions)('on Node $major', (node) => {
  const run = (scene: string): Promise<unknown> => runProgram(node, 'life.ts', [scene])

  test('two copies of the package handle every call once', async () => {
    const all = (name: string): string[] =>
      ['fetch', 'undici', 'http', 'undici'].map((layer) => `${name} ${layer}`)
    expect(await run('copies')).toEqual([true, all('second'), all('first'), []])
  })

  test('a capture that loads nothing by itself catches what is loaded later', async () => {
    const layers = ['fetch', 'fetch', 'undici', 'http', 'undici']
    expect(await run('lazy')).toEqual(layers.map((layer) => `first ${layer}`))
  })

  test('an undici that cannot be reached is reported', async () => {
    expect(await run('bundled')).toEqual([[], ['undici'], ['/x']])
  })

  test('a captured process ends by itself', async () => {
    expect(await run('exit')).toBe('ends by itself')
  })
})
