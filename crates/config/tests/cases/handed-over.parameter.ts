import { complete } from './complete';
const envs = { a: { region: 'ap-northeast-1', closedNetworkMode: true } };
complete(envs);
