const envs = {
