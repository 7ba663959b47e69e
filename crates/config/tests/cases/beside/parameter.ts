const envs = {
  dev: { region: 'ap-northeast-1', closedNetworkMode: true, closedNetworkVpcIpv4Cidr: '10.21.0.0/16' },
};
