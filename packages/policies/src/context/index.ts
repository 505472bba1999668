export { estimateText } from './count/estimate-text.ts'
