// What the examples run with: each tool call that is caught is said on stderr.
export default {
  telemetry: { export: false },
  interceptors: {
    tool: [
      async function watchTool(call, next) {
        const { value } = await next(call)
        console.error(`caught: ${call.name} ${JSON.stringify(call.arguments)}`)
        return { value }
      },
    ],
  },
}
