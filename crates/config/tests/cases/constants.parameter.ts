const region = 'ap-northeast-1' as const;
const account = '123456789012';
const zone = { name: 'example.internal', hosts: ['genu', 'www'] };
enum Zone { Tokyo = 'ap-northeast-1', Osaka = 'ap-northeast-3' }
const closed = !0;
const stage: string = 'prod';
const envs = {
  a: {
    account,
    region: Zone.Tokyo,
    modelRegion: region,
    closedNetworkMode: closed,
    closedNetworkDomainName: `${zone.hosts[0]}.${zone.name}`,
    closedNetworkCertificateArn:
      'arn:aws:acm:' + region + ':' + account + `:certificate/${'a' + 1}`,
    closedNetworkVpcIpv4Cidr: stage === 'prod' ? '10.1.0.0/16' : '10.2.0.0/16',
    closedNetworkLogRetentionDays: 2 * 15,
    tagValue: zone['owner'] ?? 'nobody',
    ['closedNetworkProtect']: !!1,
    ...(stage === 'prod' && { closedNetworkCreateTestEnvironment: false }),
    ...(stage !== 'prod' ? { closedNetworkMode: false } : {}),
  },
};
