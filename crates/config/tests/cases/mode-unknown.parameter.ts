const envs = {
  a: { closedNetworkMode: process.env.CLOSED === 'yes' },
};
