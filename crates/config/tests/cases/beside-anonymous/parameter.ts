const envs = { '': { region: 'ap-northeast-1' } };
