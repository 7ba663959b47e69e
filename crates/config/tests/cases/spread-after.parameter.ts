import { more } from './more';
const envs = {
  before: { region: 'ap-northeast-1', closedNetworkMode: true },
  ...more,
  after: { region: 'ap-northeast-1', closedNetworkMode: true },
};
