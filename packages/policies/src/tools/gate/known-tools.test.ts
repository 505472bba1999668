import { expect, test } from 'vitest'
import { KnownTools } from './known-tools.ts'

test('a tool is what its framework says, not what another agent offers under its name', () => {
  const tools = new KnownTools({})
  const of = (name: string) => ({ type: 'object', properties: { [name]: { type: 'string' } } })
  tools.offered('report', { description: 'Read the report', parameters: of('id') })
  const words = { description: 'Execute a shell command', parameters: of('command') }
  expect(tools.run('report', words, {}).toolClass).toBe('exec')
  expect(tools.run('report', {}, { id: '1' }).toolClass).toBe('read-only')
})
