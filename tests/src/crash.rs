//! The crash matrix: every changing call of an apply and of a destroy, harmed in four ways. After
//! each harm a plain second run has to make everything right.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use fault_injector::{Fault, Injector, Script, Sky};

use crate::{Emulator, Ended, Sandbox};

/// Which network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// With a VPC of its own.
    Default,
    /// In a VPC of the user's.
    Imported,
}

/// What is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Goal {
    /// `apply`.
    Apply,
    /// `destroy`.
    Destroy,
}

/// What happens to the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Harm {
    /// The tool is killed after the call was executed and before its answer arrives.
    Kill,
    /// The answer is lost, and the tool goes on.
    Lose,
    /// The call fails with 500.
    Fail,
    /// The call is throttled.
    Throttle,
}

/// One entry of the matrix.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Point {
    /// Which network.
    pub shape: Shape,
    /// What is under way.
    pub goal: Goal,
    /// `ec2:CreateVpc`.
    pub call: String,
    /// The how many-eth of its operation, from 1.
    pub nth: usize,
    /// What happens to it.
    pub harm: Harm,
}

/// A word for each value, for reports that can be read back.
macro_rules! words {
    ($type:ident { $($variant:ident = $word:literal),* }) => {
        impl $type {
            const ALL: &[Self] = &[$(Self::$variant),*];
        }
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$variant => $word),* })
            }
        }
        impl FromStr for $type {
            type Err = ();
            fn from_str(word: &str) -> Result<Self, ()> {
                let found = Self::ALL.iter().find(|value| value.to_string() == word);
                found.copied().ok_or(())
            }
        }
    };
}

words!(Shape { Default = "default", Imported = "imported" });
words!(Goal { Apply = "apply", Destroy = "destroy" });
words!(Harm { Kill = "kill", Lose = "lose", Fail = "fail", Throttle = "throttle" });

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            shape,
            goal,
            call,
            nth,
            harm,
        } = self;
        write!(f, "{shape} {goal} {call} {nth} {harm}")
    }
}

impl FromStr for Point {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let words: Vec<&str> = text.split(' ').collect();
        let [shape, goal, call, nth, harm] = words[..] else {
            return Err(());
        };
        Ok(Self {
            shape: shape.parse()?,
            goal: goal.parse()?,
            call: call.to_owned(),
            nth: nth.parse().map_err(drop)?,
            harm: harm.parse()?,
        })
    }
}

/// What the trials of one shape start from: an account before, and one after an undisturbed apply.
#[derive(Debug)]
pub struct Ground {
    shape: Shape,
    configuration: String,
    before: Emulator,
    applied: Emulator,
    sandbox: Sandbox,
    /// Names of the outputs.
    outputs: Vec<String>,
    /// Changing calls of an undisturbed apply and destroy, with how often each is made.
    calls: BTreeMap<Goal, BTreeMap<String, usize>>,
}

impl Ground {
    /// Brings a network up and down once, undisturbed.
    ///
    /// # Panics
    /// When that fails.
    #[must_use]
    pub fn prepare(shape: Shape) -> Self {
        let before = Emulator::start(&[]);
        let configuration = match shape {
            Shape::Default => String::new(),
            Shape::Imported => {
                let vpc = before.vpc("10.9.0.0/16");
                let subnets = format!("{:?}", vpc.subnets);
                format!(
                    "closedNetworkVpcId = {:?}\nclosedNetworkSubnetIds = {subnets}",
                    vpc.id
                )
            }
        };
        let mut sandbox = Sandbox::new(&before);
        sandbox.configure_with(&configuration);
        // The emulator makes its defaults on the first call.
        let _ = sandbox.run(&["plan"]).expect(0);
        let applied = before.fork();
        let counted = |sandbox: &mut Sandbox, emulator: &Emulator, words: &[&str]| {
            let line = Injector::start(&emulator.url(), Sky::default()).unwrap();
            sandbox.turn_to(line.url());
            let _ = sandbox.run(words).expect(0);
            let mut counts = BTreeMap::new();
            for seen in line.seen().iter().filter(|seen| seen.call.changes()) {
                *counts.entry(seen.call.name()).or_insert(0) += 1;
            }
            counts
        };
        let mut calls = BTreeMap::new();
        calls.insert(
            Goal::Apply,
            counted(&mut sandbox, &applied, &["apply", "-y"]),
        );
        let outputs = sandbox.run(&["outputs", "--json"]).expect(0).json();
        let mut other = Sandbox::new(&applied);
        other.configure_with(&configuration);
        other.copy_state(&sandbox);
        calls.insert(
            Goal::Destroy,
            counted(&mut other, &applied.fork(), &["destroy", "-y"]),
        );
        Self {
            shape,
            configuration,
            before,
            applied,
            sandbox,
            outputs: outputs.as_object().unwrap().keys().cloned().collect(),
            calls,
        }
    }

    /// Every entry of the matrix for this shape.
    #[must_use]
    pub fn points(&self) -> Vec<Point> {
        let mut points = Vec::new();
        for (&goal, calls) in &self.calls {
            for (call, &times) in calls {
                for nth in 1..=times {
                    points.extend(Harm::ALL.iter().map(|&harm| Point {
                        shape: self.shape,
                        goal,
                        call: call.clone(),
                        nth,
                        harm,
                    }));
                }
            }
        }
        points
    }

    /// Tries one entry.
    ///
    /// # Errors
    /// What does not hold afterwards.
    pub fn survives(&self, point: &Point) -> Result<(), String> {
        let start = match point.goal {
            Goal::Apply => &self.before,
            Goal::Destroy => &self.applied,
        };
        let emulator = start.fork();
        let mut sandbox = Sandbox::new(&emulator);
        sandbox.configure_with(&self.configuration);
        if point.goal == Goal::Destroy {
            sandbox.copy_state(&self.sandbox);
        }
        harm(&mut sandbox, &emulator, point)?;
        sandbox.turn_to(&emulator.url());
        let must = |words: &[&str]| {
            let ended = sandbox.run(words);
            let Ended { code, stderr, .. } = &ended;
            if *code == 0 {
                return Ok(ended);
            }
            Err(format!(
                "then `{}` ended with {code}: {stderr}",
                words.join(" ")
            ))
        };
        if point.goal == Goal::Apply {
            must(&["apply", "priv", "-y"])?;
            let plan = must(&["plan", "--detailed-exitcode", "--json"])?.json();
            let steps = plan["steps"].as_array().map_or(0, Vec::len) as u64;
            if plan["summary"]["unchanged"].as_u64() != Some(steps) {
                return Err(format!("the second plan is not empty: {}", plan["summary"]));
            }
            same(
                "after the second run",
                &kinds(&emulator),
                &kinds(&self.applied),
            )?;
            self.outputs_are_right(&must(&["outputs", "--json"])?, &emulator)?;
        }
        must(&["destroy", "priv", "-y"])?;
        same(
            "after destroy",
            &emulator.inventory(),
            &self.before.inventory(),
        )
    }

    /// All outputs there, and what they name is live.
    fn outputs_are_right(&self, ended: &Ended, emulator: &Emulator) -> Result<(), String> {
        let outputs = ended.json();
        let names: Vec<String> = outputs
            .as_object()
            .into_iter()
            .flat_map(|o| o.keys().cloned())
            .collect();
        same("outputs", &names, &self.outputs)?;
        let inventory: Vec<String> = emulator.inventory().into_iter().collect();
        let inventory = inventory.join("\n");
        for name in [
            "VpcId",
            "ApiGatewayVpcEndpointId",
            "ResolverId",
            "WindowsInstanceId",
            "WebBucketName",
        ] {
            let value = outputs[name].as_str().unwrap_or_default();
            if !inventory.contains(value) {
                return Err(format!("the output {name} = {value} is not live"));
            }
        }
        let command = outputs["WindowsRdpGetSSMKeyCommand"]
            .as_str()
            .unwrap_or_default();
        let parameter = command
            .split(' ')
            .find(|word| word.starts_with("/ec2/keypair/"));
        match parameter {
            Some(parameter) if inventory.contains(&format!("parameter {parameter}")) => Ok(()),
            _ => Err(format!("no parameter for: {command}")),
        }
    }
}

/// The first run, with the harm in store.
fn harm(sandbox: &mut Sandbox, emulator: &Emulator, point: &Point) -> Result<(), String> {
    let fault = match point.harm {
        Harm::Kill => Fault::Hold,
        Harm::Lose => Fault::LoseAnswer,
        Harm::Fail => Fault::Fail(500),
        Harm::Throttle => Fault::Throttle,
    };
    let sky = Sky {
        script: Script::one(&point.call, point.nth, fault),
        ..Sky::default()
    };
    let line = Injector::start(&emulator.url(), sky).map_err(|e| e.to_string())?;
    sandbox.turn_to(line.url());
    let goal = point.goal.to_string();
    if point.harm == Harm::Kill {
        let mut run = sandbox.start(&[&goal, "priv", "-y", "-q"]);
        let held = line.holds_within(Duration::from_mins(1));
        // The pipes are short and the run is quiet: it cannot be stuck on them.
        let _ = run.kill();
        let _ = run.wait();
        return held.then_some(()).ok_or("the call was never made".into());
    }
    let ended = sandbox.run(&[&goal, "priv", "-y"]);
    if !line.left().is_empty() {
        return Err("the call was never made".into());
    }
    if ended.code != 0 {
        return Err(format!(
            "the first run ended with {}: {}",
            ended.code, ended.stderr
        ));
    }
    Ok(())
}

/// How many there are of each kind.
fn kinds(emulator: &Emulator) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for line in emulator.inventory() {
        let kind = line
            .rsplit_once(' ')
            .map_or(line.as_str(), |(kind, _)| kind);
        *counts.entry(kind.to_owned()).or_insert(0) += 1;
    }
    counts
}

fn same<T: PartialEq + fmt::Debug>(when: &str, is: &T, should: &T) -> Result<(), String> {
    if is == should {
        return Ok(());
    }
    Err(format!("{when}: {is:?}, not {should:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_can_be_read_back() {
        let text = "imported destroy ec2:DeleteVpcEndpoints 2 kill";
        assert_eq!(text.parse::<Point>().unwrap().to_string(), text);
        assert!("imported destroy".parse::<Point>().is_err());
    }
}
