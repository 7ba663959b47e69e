type Input = Record<string, unknown>;
const base = { region: 'ap-northeast-1' } as const;
export const envs = {
  a: {
    ...(base satisfies Input),
    modelRegion: <string>'ap-northeast-1',
    closedNetworkMode: true as boolean,
    closedNetworkVpcId: undefined!,
    closedNetworkClientCidrs: ['10.0.0.0/8', ...(['172.16.0.0/12'] as string[])],
  },
} as const satisfies Record<string, Input>;
