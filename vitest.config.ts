import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['@holdfast/source'] },
  ssr: { resolve: { conditions: ['@holdfast/source'] } },
  test: {
    include: [
      '{packages,adapters}/*/src/**/*.test.ts',
      'test/**/*.test.ts',
      'benchmarks/src/**/*.test.ts',
    ],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    pool: 'forks',
    execArgv: ['--conditions=@holdfast/source', '--expose-gc'],
  },
})
