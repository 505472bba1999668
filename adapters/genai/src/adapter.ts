import type { Adapter } from 'holdfast'
import { patchModels } from './patch-models.ts'

/** Ties the automatic function calling of @google/genai to Holdfast. */
export const adapter: Adapter = {
  name: 'genai',
  targets: [
    {
      specifier: '@google/genai',
      file: /\/@google\/genai\/dist\/(?:node\/)?index\.(?:mjs|cjs|js)$/,
      attach: patchModels,
    },
  ],
}
