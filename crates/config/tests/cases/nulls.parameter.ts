const envs = {
  a: {
    env: 'a', tagKey: null, kendraIndexArn: null, allowedIpV4AddressRanges: null, hostName: null,
    agentCoreGatewayArns: null, searchApiKey: '', region: 'ap-northeast-1', closedNetworkMode: true,
    closedNetworkVpcId: null, closedNetworkSubnetIds: null, closedNetworkDomainName: null,
  },
};
