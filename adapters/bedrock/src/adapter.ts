import type { Adapter } from 'holdfast'
import { patchClient } from './patch-client.ts'
import { patchHandler } from './patch-handler.ts'

/** Ties the AWS SDK's client for Bedrock to Holdfast. */
export const adapter: Adapter = {
  name: 'bedrock',
  targets: [
    {
      specifier: '@smithy/node-http-handler',
      file: /\/@smithy\/node-http-handler\/dist-cjs\/index\.js$/,
      attach: patchHandler,
    },
    {
      specifier: '@aws-sdk/client-bedrock-runtime',
      file: /\/@aws-sdk\/client-bedrock-runtime\/dist-cjs\/index\.js$/,
      attach: patchClient,
    },
  ],
}
