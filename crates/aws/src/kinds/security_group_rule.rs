//! One rule between two groups, where each group's rules name the other.

use async_trait::async_trait;
use reconciler::{
    Attr, Attrs, Candidate, Change, Created, Fault, Health, Impact, Kind, Mark, Needs, Pace, Phase,
    Ref, Resend, Scope, Settles, Tags, settled,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ec2::{tag, untag};
use crate::kinds::SecurityGroup;
use crate::kinds::SecurityGroupOut;
use crate::kinds::security_group::rules::{
    LiveRule, authorize, permission, revoke, rule_text, rules_of,
};
use crate::{Aws, Reads, Writes};

/// Egress over TCP from the first group to the second.
#[derive(Debug, Clone)]
pub struct SecurityGroupRule {
    /// TCP port.
    pub port: u16,
}

/// What others need of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroupRuleOut {
    /// `sgr-…`.
    pub id: String,
    /// The group it belongs to.
    pub group: String,
}

#[async_trait]
impl Kind for SecurityGroupRule {
    type Cloud = Aws;
    type Needs = (Ref<SecurityGroup>, Ref<SecurityGroup>);
    type Out = SecurityGroupRuleOut;
    const NAME: &'static str = "ec2/security-group-rule";
    const PACE: Pace = Pace::seconds(1, 1, 1, 300);
    const RESEND: Resend = Resend::Safe;
    const SETTLES: Settles = Settles::AtOnce;
    const DELETE_BATCH: usize = 1;
    const HELD: bool = false;
    const UPDATE_MOVES: bool = false;
    const TAGGABLE: bool = true;
    const TAGGED_AT_CREATE: bool = true;

    fn identity(out: &SecurityGroupRuleOut) -> String {
        out.id.clone()
    }
    fn name(&self) -> Option<String> {
        None
    }
    fn attrs(&self, (from, to): &<Self::Needs as Needs>::Maybe) -> Attrs {
        let port = self.port.into();
        let to = to.as_ref().map(|to| rule_text("tcp", port, port, &to.id));
        Attrs::new()
            .with("group", Attr::of(from.as_ref().map(|from| from.id.clone())))
            .with("egress", Attr::of(to))
    }
    fn impact(_: &str) -> Impact {
        Impact::Replace
    }

    async fn list(
        reads: &Reads,
        scope: &Scope<'_, Self>,
    ) -> Result<Vec<Candidate<SecurityGroupRuleOut>>, Fault> {
        let groups: Vec<_> = scope.found.all::<SecurityGroupOut>().collect();
        let groups: Vec<&str> = groups.iter().map(|group| group.id.as_str()).collect();
        let rules = rules_of(reads, &groups).await?.into_iter();
        let candidate = |rule: LiveRule| Candidate {
            out: SecurityGroupRuleOut {
                id: rule.id,
                group: rule.group.clone(),
            },
            attrs: Attrs::new()
                .with("group", rule.group)
                .with("egress", rule.text),
            mark: Mark::Tags(rule.tags),
            name: None,
            pristine: false,
            health: Health::Ready,
            notes: Vec::new(),
        };
        Ok(rules
            .filter(|rule| rule.own && rule.egress)
            .map(candidate)
            .collect())
    }

    async fn phases(
        _: &Reads,
        outs: &[SecurityGroupRuleOut],
    ) -> Vec<Result<Phase<SecurityGroupRuleOut>, Fault>> {
        settled(outs)
    }

    async fn create(
        &self,
        writes: &Writes,
        (from, to): &<Self::Needs as Needs>::Known,
        tags: &Tags,
        _: Uuid,
    ) -> Result<Created<SecurityGroupRuleOut>, Fault> {
        let port = self.port.into();
        let text = rule_text("tcp", port, port, &to.id);
        authorize(
            writes,
            &from.id,
            true,
            permission(&text).into_iter().collect(),
            tags,
        )
        .await?;
        let rules = rules_of(&writes.reads, &[&from.id]).await?;
        let rule = rules
            .into_iter()
            .find(|rule| rule.egress && rule.text == text);
        let rule = rule.ok_or_else(|| {
            let what = format!("{} does not show the rule {text} yet", from.id);
            Fault::new(
                reconciler::Class::NotVisible,
                "ec2:DescribeSecurityGroupRules",
                what,
            )
        })?;
        let out = SecurityGroupRuleOut {
            id: rule.id,
            group: rule.group,
        };
        let mut created = Created::complete(self, &(from.clone(), to.clone()), out);
        // The same rule may have been there without our tags.
        created.tagged = rule.own;
        Ok(created)
    }

    async fn update(
        &self,
        _: &Writes,
        _: &<Self::Needs as Needs>::Known,
        out: &SecurityGroupRuleOut,
        _: &Tags,
        _: &[Change],
    ) -> Result<SecurityGroupRuleOut, Fault> {
        Ok(out.clone())
    }

    async fn tag(writes: &Writes, out: &SecurityGroupRuleOut, tags: &Tags) -> Result<(), Fault> {
        tag(writes, &out.id, tags).await
    }

    async fn untag(
        writes: &Writes,
        out: &SecurityGroupRuleOut,
        keys: &[String],
    ) -> Result<(), Fault> {
        untag(writes, &out.id, keys).await
    }

    async fn delete(writes: &Writes, outs: &[SecurityGroupRuleOut]) -> Vec<Result<(), Fault>> {
        let mut answers = Vec::new();
        for out in outs {
            let rule = LiveRule {
                id: out.id.clone(),
                group: out.group.clone(),
                egress: true,
                text: String::new(),
                tags: Tags::new(),
                own: true,
            };
            answers.push(revoke(writes, &out.group, &[rule]).await);
        }
        answers
    }
}
