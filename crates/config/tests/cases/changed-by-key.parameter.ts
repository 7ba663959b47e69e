const envs: any = { a: { region: 'ap-northeast-1', closedNetworkMode: true } };
for (const key in envs) envs[key].region = 'ap-northeast-3';
