import { describeAdapter } from './describe-adapter.ts'

const files = [
  '@aws-sdk/client-bedrock-runtime/dist-cjs/index.js',
  '@smithy/node-http-handler/dist-cjs/index.js',
]

describeAdapter({
  framework: 'bedrock',
  adapter: 'bedrock',
  // The SDK runs no tools; the application's are made by tool().
  boundary: 'holdfast',
  packages: ['@aws-sdk/client-bedrock-runtime'],
  oldest: { '@aws-sdk/client-bedrock-runtime': '3.803.0' },
  newest: { '@aws-sdk/client-bedrock-runtime': '3.1163.0' },
  attached: { esm: files, cjs: files },
  together: [{ session: 'Oslo' }, { session: 'Bern' }],
  brokenModel: ['InternalServerException', 500, 1],
  lacks: {
    interrupt: 'the SDK runs no agent that could wait for a person',
    wrappedTwice: 'the SDK runs no tools',
  },
})
