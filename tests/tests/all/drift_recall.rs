//! Every managed field is changed behind the tool's back, one at a time: each change is told with its
//! resource and its field and nothing else, and apply undoes it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use journeys::mutations::{Helper, Mutation, fields, records, told};
use journeys::{Emulator, Sandbox, needs};
use serde_json::{Value, json};

/// Every how many-eth change is undone, too; all of them when `GENU_FULL` is set.
const UNDONE: usize = 8;

/// A deployment in sync, and what it was planned as.
struct Deployment {
    emulator: Emulator,
    sandbox: Sandbox,
    configuration: String,
    plan: Value,
    kinds: BTreeMap<String, String>,
    records: Value,
}

impl Deployment {
    fn of(shape: &str) -> Self {
        let emulator = Emulator::start(&[]);
        let sandbox = Sandbox::new(&emulator);
        let configuration = match shape {
            "domain" => {
                let arn = emulator.certificate("genu.closed");
                let images = emulator.ec2("ap-northeast-1", "DescribeImages", &[]);
                let image = journeys::within(&images, "imageId");
                emulator.bucket("logs-of-genu");
                format!(
                    "closedNetworkFlowLogs = \"s3://logs-of-genu/flow\"\nclosedNetworkAccessLogs = \"s3://logs-of-genu/access\"\nclosedNetworkDomainName = \"genu.closed\"\nclosedNetworkCertificateArn = \"{arn}\"\nclosedNetworkTestEnvironmentAmiId = \"{image}\""
                )
            }
            _ => String::new(),
        };
        sandbox.configure_with(&configuration);
        let plan = sandbox.run(&["plan", "--json"]).expect(0).json();
        let _ = sandbox.run(&["apply", "-y"]).expect(0);
        let _ = sandbox.run(&["drift"]).expect(0);
        let on_record = records(&sandbox);
        let outs: BTreeMap<_, _> = on_record.iter().map(|(id, (_, out))| (id, out)).collect();
        Self {
            records: json!(outs),
            kinds: on_record
                .into_iter()
                .map(|(id, (kind, _))| (id, kind))
                .collect(),
            emulator,
            sandbox,
            configuration,
            plan,
        }
    }

    /// Tries one change in a copy.
    fn tells(&self, helper: &mut Helper, mutation: &Mutation, undone: bool) -> Result<(), String> {
        let emulator = self.emulator.fork();
        let sandbox = Sandbox::new(&emulator);
        sandbox.configure_with(&self.configuration);
        sandbox.copy_state(&self.sandbox);
        helper.make(mutation, &emulator, &self.records)?;
        let drift = sandbox.run(&["drift", "--json"]);
        if drift.code != 2 {
            return Err(format!("drift ended with {}: {}", drift.code, drift.stderr));
        }
        let found = told(&drift.json());
        if found != mutation.told() {
            return Err(format!("told is {found:?}, not {:?}", mutation.told()));
        }
        if !undone {
            return Ok(());
        }
        let apply = sandbox.run(&mutation.apply());
        if apply.code != 0 {
            return Err(format!("apply ended with {}: {}", apply.code, apply.stderr));
        }
        let after = sandbox.run(&["drift", "--json"]);
        let left = told(&after.json());
        let expected = match mutation.stays {
            Some(_) => mutation.told(),
            None => BTreeSet::new(),
        };
        if left == expected {
            return Ok(());
        }
        Err(format!("after apply there is {left:?}, not {expected:?}"))
    }
}

#[test]
fn every_managed_field_is_told_when_it_is_changed_and_apply_undoes_it() {
    needs!(Fork);
    let shapes = ["plain", "domain"].map(|shape| (shape, Deployment::of(shape)));
    let table = Helper::start().table();
    let deployment = |mutation: &Mutation| {
        let found = shapes.iter().find(|(shape, _)| *shape == mutation.shape);
        &found.unwrap().1
    };

    // Nothing that is managed lacks a change, and no change is for what nobody manages.
    let managed = fields(
        &shapes
            .each_ref()
            .map(|(_, deployment)| deployment.plan.clone()),
    );
    let changed: BTreeSet<String> = table
        .entries
        .iter()
        .filter_map(|mutation| {
            let kind = deployment(mutation).kinds.get(&mutation.id)?;
            let field = match mutation.what.as_str() {
                "missing" => "missing",
                _ => &mutation.field,
            };
            Some(format!("{kind} {field}"))
        })
        .collect();
    let without: Vec<&String> = managed
        .iter()
        .filter(|field| !changed.contains(*field) && !table.exempt.contains_key(*field))
        .collect();
    assert_eq!(without, Vec::<&String>::new(), "fields without a change");
    let idle: Vec<&String> = table
        .exempt
        .keys()
        .filter(|field| !managed.contains(*field) || changed.contains(*field))
        .collect();
    assert_eq!(idle, Vec::<&String>::new(), "exemptions of no use");

    let full = std::env::var_os("GENU_FULL").is_some();
    let (next, undone) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let untold = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        let worker = || {
            let mut helper = Helper::start();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(mutation) = table.entries.get(at) else {
                    break;
                };
                let undo = full || at.is_multiple_of(UNDONE);
                undone.fetch_add(usize::from(undo), Ordering::Relaxed);
                if let Err(why) = deployment(mutation).tells(&mut helper, mutation, undo) {
                    let why = format!("{}: {why}", mutation.name);
                    untold.lock().unwrap().push(why);
                }
            }
        };
        for _ in 0..2 {
            scope.spawn(worker);
        }
    });
    let untold = untold.into_inner().unwrap();
    let (all, undone) = (table.entries.len(), undone.into_inner());
    let fields = managed.len() - table.exempt.len();
    // Past the capture: the number is the result.
    let reported = all - untold.len();
    writeln!(
        std::io::stderr(),
        "mutations: {reported} reported of {all}, for {fields} fields; apply was to undo {undone}"
    )
    .unwrap();
    assert!(all >= 300, "{all} mutations");
    assert_eq!(untold, Vec::<String>::new());
}
