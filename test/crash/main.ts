// `pnpm crash`: agents killed with SIGKILL at random times and at named points, restarted until they are done.
// A real provider simulator in this process counts requests by logical step; tools append to a file outside of the
// journal, which is the truth that the journal is measured by.
console.error('pnpm crash: not ready yet')
process.exitCode = 2
