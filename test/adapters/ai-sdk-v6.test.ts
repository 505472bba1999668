import { aiSdk } from './ai-sdk-contract.ts'
import { describeAdapter } from './describe-adapter.ts'

describeAdapter({
  ...aiSdk,
  framework: 'ai-sdk-v6',
  packages: ['ai-v6'],
  attached: { esm: ['ai/dist/index.mjs'], cjs: ['ai/dist/index.js'] },
})
