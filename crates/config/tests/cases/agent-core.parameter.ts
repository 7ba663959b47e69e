const envs = {
  a: { region: 'ap-northeast-1', closedNetworkMode: true, createGenericAgentCoreRuntime: true, agentCoreRegion: 'ap-northeast-1',
       agentCoreExternalRuntimes: [{ name: 'x', arn: 'arn:aws:bedrock-agentcore:ap-northeast-1:123456789012:runtime/x' }] },
  b: { region: 'ap-northeast-1', closedNetworkMode: true, researchAgentEnabled: true, agentCoreRegion: 'us-east-1' },
  c: { region: 'ap-northeast-1', closedNetworkMode: true, agentCoreExternalRuntimes: [{ name: 'x', arn: 'arn:aws:bedrock-agentcore:us-east-1:123456789012:runtime/x' }] },
  d: { region: 'ap-northeast-1', closedNetworkMode: true, agentCoreRegion: 'us-east-1' },
};
