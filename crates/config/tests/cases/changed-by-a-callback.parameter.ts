const envs = { a: { region: 'ap-northeast-1', closedNetworkMode: true } };
Object.entries(envs).forEach(([name, one]) => {
  one.tagValue = name;
});
