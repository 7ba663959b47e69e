const base = { region: 'ap-northeast-1' };
const base = { region: 'ap-northeast-3' };
const envs = {
  a: { ...base, closedNetworkMode: true },
  b: { region: 'ap-northeast-1', closedNetworkMode: true },
};
