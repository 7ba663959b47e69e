const subnets = ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'];
if (true) subnets.push('subnet-0123456789abcdef2');
const base = { region: 'ap-northeast-1', closedNetworkMode: true, closedNetworkVpcId: 'vpc-0123456789abcdef0' };
(base as any).region = 'ap-northeast-3';
const envs = {
  a: { ...base, region: 'ap-northeast-1', closedNetworkSubnetIds: subnets },
  b: { ...base },
  c: { ...base, region: 'ap-northeast-1' },
};
