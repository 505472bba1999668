import type { Adapter } from 'holdfast'
import type { Watch } from '../agent/watch.ts'
import { watchedFetch } from '../agent/watched-fetch.ts'

type MakeFetch = (...given: readonly unknown[]) => typeof globalThis.fetch

/** Stands between OpenClaw and what it fetches its models with; `begin` is told of the first request. */
export function watchModel(watch: Watch, begin: () => void): Adapter {
  let begun = false
  return {
    name: 'watch',
    targets: [
      {
        specifier: 'openclaw: the fetch of models',
        file: /\/openclaw\/dist\/provider-transport-fetch-[\w-]+\.mjs$/,
        functions: ['buildGuardedModelFetch'],
        attach(_exports, host, functions = {}) {
          host.patch<MakeFetch>(functions, 'buildGuardedModelFetch', (original) => (...given) => {
            if (!begun) begin()
            begun = true
            return watchedFetch(original(...given), watch)
          })
        },
      },
    ],
  }
}
