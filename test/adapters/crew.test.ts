import { expect, test } from 'vitest'
import { describeAdapter } from './describe-adapter.ts'

describeAdapter({
  framework: 'crew',
  boundary: 'kaibanjs',
  attached: { esm: ['kaibanjs/dist/bundle.mjs'], cjs: ['kaibanjs/dist/bundle.cjs'] },
  together: [{ agent: 'Oslo agent' }, { agent: 'Bern agent' }],
  brokenModel: ['BLOCKED', null, [null]],
  packages: ['kaibanjs'],
  oldest: { kaibanjs: '0.21.1', '@langchain/core': '1.0.0', react: '18.3.1', zod: '4.1.0' },
  lacks: {
    stream: 'a team hands over its result at its end',
    interrupt: 'a task that waits for its validation has no tool under way',
  },
  more(outcome) {
    test('a team that starts in the same breath as Holdfast is known too', () => {
      for (const { run } of outcome().played['answer']!.models) {
        expect(run).toMatchObject({ agent: 'Rome agent', parent: { agent: 'first' } })
      }
    })

    test('a team is a run, and each task a run of its agent inside of it', () => {
      const { models, ended } = outcome().played['twoTasks']!
      expect(new Set(models.map(({ run }) => `${run?.parent?.agent}: ${run?.agent}`))).toEqual(
        new Set(['pair: Paris agent', 'pair: Madrid agent']),
      )
      expect(new Set(ended.map(({ agent }) => agent))).toEqual(
        new Set(['Paris agent', 'Madrid agent', 'pair']),
      )
    })
  },
})
