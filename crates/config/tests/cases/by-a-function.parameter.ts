const base = { region: 'ap-northeast-1' };
const closed = (more: object) => ({ ...base, closedNetworkMode: true, ...more });
const envs = {
  a: closed({ closedNetworkVpcIpv4Cidr: '10.3.0.0/16' }),
};
