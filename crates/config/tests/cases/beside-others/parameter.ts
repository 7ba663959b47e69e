import { StackInput } from './lib/stack-input';
const envs: Record<string, Partial<StackInput>> = { dev: {}, prod: {} };
