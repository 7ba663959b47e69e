const envs = {
  a: {
    region: 'ap-northeast-1', closedNetworkMode: true,
    closedNetworkVpcId: undefined,
    hiddenUseCases: { image: undefined, video: true, voiceChat: null },
    agents: [{ displayName: 'x', agentId: 'A', aliasId: 'B', description: undefined }],
    closedNetworkTags: { owner: void 0, team: 'genu' },
  },
};
