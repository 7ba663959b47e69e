const envs = {
  a: { region: 'ap-northeast-1', closedNetworkMode: true, closedNetworkVpcIpv4Cidr: '10.0.0.0/16',
       closedNetworkVpcIpv4Cidr: '10.9.0.0/16' },
};
