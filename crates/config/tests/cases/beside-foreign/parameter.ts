export const deploy_envs = { dev: {} };
