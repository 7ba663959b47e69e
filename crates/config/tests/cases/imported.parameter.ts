import { theirs } from './envs/closed';
import * as all from './envs';
const envs = {
  a: theirs,
  b: { ...theirs, closedNetworkMode: true },
  c: { ...theirs, closedNetworkMode: false },
  d: { closedNetworkMode: false, ...theirs },
  e: all.e,
  f: { region: 'ap-northeast-1', closedNetworkMode: true },
};
