/** Credentials of AWS, in the words of its SDK. */
export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

/** How Bedrock requests that policies changed are signed again. */
export interface AwsOptions {
  /**
   * Whose name they are signed in: a provider of the AWS SDK, such as `fromNodeProviderChain()`.
   * @default AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, where the request was signed with that key
   */
  readonly credentials: () => AwsCredentials | Promise<AwsCredentials>
}

/** The credentials in the environment, where they are there. */
export function environmentCredentials(
  env: NodeJS.ProcessEnv = process.env,
): AwsCredentials | undefined {
  const accessKeyId = env['AWS_ACCESS_KEY_ID']
  const secretAccessKey = env['AWS_SECRET_ACCESS_KEY']
  if (!accessKeyId || !secretAccessKey) return undefined
  const sessionToken = env['AWS_SESSION_TOKEN']
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) }
}
