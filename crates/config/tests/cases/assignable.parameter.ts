let region = 'ap-northeast-1';
const envs = { a: { closedNetworkMode: true,
  region } };
