const envs = {
  '': { region: 'ap-northeast-1', closedNetworkMode: true },
  dev: {},
};
