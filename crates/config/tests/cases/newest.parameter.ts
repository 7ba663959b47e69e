import { StackInput } from './lib/stack-input';

const envs: Record<string, Partial<StackInput>> = {
  tokyo: {
    region: 'ap-northeast-1',
    agentFoundationModel: 'jp.anthropic.claude-sonnet-4-6',
    ragKnowledgeBaseStorageType: 's3vectors',
    createResearchAgentFargate: false,
    agentCoreVpcId: null,
    agentCoreSubnetIds: [],
    hiddenUseCases: { transcribe: true },
    closedNetworkMode: true,
  },
};
