const envs = {
  Live: { region: 'ap-northeast-1', closedNetworkMode: true },
  '-poc': { region: 'ap-northeast-1', closedNetworkMode: true },
  PRD_2: { region: 'ap-northeast-1', closedNetworkMode: true },
  検証: { region: 'ap-northeast-1', closedNetworkMode: true },
  'a-name-of-more-than-16': { region: 'ap-northeast-1', closedNetworkMode: true },
};
