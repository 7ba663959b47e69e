import * as cdk from 'aws-cdk-lib';
import { stackInputSchema } from './lib/stack-input';
const base = { region: 'ap-northeast-1', closedNetworkMode: true };
const envs: Record<string, any> = { a: { ...base, closedNetworkClientCidrs: ['10.0.0.0/8'] } };
console.log(JSON.stringify(envs), Object.keys(envs).length);
const closed = Object.entries(envs).filter(([, one]) => one.closedNetworkMode).map(([name]) => name);
export const getParams = (app: cdk.App) => {
  let params = stackInputSchema.parse(app.node.getAllContext());
  if (envs[params.env]) {
    params = stackInputSchema.parse({ ...envs[params.env], env: params.env });
  }
  params.modelIds = params.modelIds.map((id: string) => ({ modelId: id }));
  const envsOfThis = { ...envs.a };
  envsOfThis.region = app.region;
  const base = {} as any;
  base.region = 'a name of its own';
  return { ...params, closed: closed.includes(params.env) };
};
