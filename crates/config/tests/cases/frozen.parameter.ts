const envs = Object.freeze({
  a: Object.freeze({ region: 'ap-northeast-1', closedNetworkMode: true } as const),
});
