const envs = {
  a: { region: 'ap-northeast-1', closedNetworkMode: true, closedNetworkVpcIpv4Cidr: '10.4.0.0/16' },
};
const envs = { a: { region: 'ap-northeast-1', closedNetworkMode: true } };
