const envs = {
  tokyo: {
    region: 'ap-northeast-1',
    portalUrl: 'https://portal.example.internal/',
    mfaRequired: true,
    retention: { tables: 90, files: 30 },
    closedNetworkMode: true,
  },
};
