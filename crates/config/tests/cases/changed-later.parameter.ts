const shared = { region: 'ap-northeast-1', closedNetworkMode: true };
const envs: Record<string, any> = {
  assigned: { region: 'ap-northeast-1', closedNetworkMode: true },
  assign: { region: 'ap-northeast-1', closedNetworkMode: true },
  deleted: { region: 'ap-northeast-1', closedNetworkMode: true },
  alias: { region: 'ap-northeast-1', closedNetworkMode: true },
  shared: shared,
  copy: { ...shared },
  deep: { region: 'ap-northeast-1', closedNetworkMode: true, hiddenUseCases: {} },
  untouched: { region: 'ap-northeast-1', closedNetworkMode: true },
};
envs.assigned.closedNetworkVpcId = 'vpc-0123456789abcdef0';
Object.assign(envs.assign, { closedNetworkVpcId: 'vpc-0123456789abcdef0' });
delete envs.deleted.closedNetworkMode;
const it = envs['alias'];
it.region = 'ap-northeast-3';
envs.shared!.region = 'ap-northeast-3';
function later() { envs.deep.hiddenUseCases.image = true; }
envs['more'] = { closedNetworkMode: true };
