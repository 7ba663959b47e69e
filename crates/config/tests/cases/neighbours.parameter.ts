const common = { region: 'ap-northeast-1', closedNetworkMode: true };
const envs = {
  dev: { ...common, closedNetworkVpcId: process.env.DEV_VPC },
  stg: { ...common, closedNetworkVpcIpv4Cidr: '10.5.0.0/16' },
  get made() { return common; },
  [process.env.NAME!]: { ...common },
  wrong: { ...common, closedNetworkVpcIpv4Cidr: '10.0.0.0/8' },
  prod: { ...common, closedNetworkVpcIpv4Cidr: '10.6.0.0/16', searchApiKey: process.env.KEY },
};
