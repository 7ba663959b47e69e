const envs = {
  '': { region: 'ap-northeast-1', closedNetworkMode: true, closedNetworkVpcIpv4Cidr: '10.7.0.0/16' },
  default: { region: 'ap-northeast-1', closedNetworkMode: true, closedNetworkVpcIpv4Cidr: '10.8.0.0/16' },
  Dev: { region: 'ap-northeast-1', closedNetworkMode: true },
  dev: {},
};
