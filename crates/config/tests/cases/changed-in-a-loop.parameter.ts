const envs = { a: { region: 'ap-northeast-1', closedNetworkMode: true }, b: { region: 'ap-northeast-1', closedNetworkMode: true } };
for (const one of Object.values(envs)) one.region = 'ap-northeast-3';
