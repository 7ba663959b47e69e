import { more } from './more';
const envs = { dev: {}, ...more };
