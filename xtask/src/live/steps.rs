//! What the journey does, in order. Each step leaves the network as the next one wants it.

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;

use serde_json::Value;

use crate::Done;

use super::product::Product;

/// One step, with a time of its own.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) run: fn(&Product) -> Done,
}

/// From nothing to a network that has seen everything but its end.
pub(crate) const STEPS: [Step; 11] = [
    step("plan", plan),
    step("apply", apply),
    step("outputs", outputs),
    step("apply changes nothing", again),
    step("push an app", push),
    step("drift", in_sync),
    step("audit", audit),
    step("another retention", other_retention),
    step("the retention of before", former_retention),
    step("apply is killed", killed),
    step("apply goes on", goes_on),
];

const fn step(name: &'static str, run: fn(&Product) -> Done) -> Step {
    Step { name, run }
}

fn plan(product: &Product) -> Done {
    let plan = product.json(&["plan", product.env(), "--json"])?;
    let (creates, others) = (&plan["summary"]["create"], &plan["summary"]["adopt"]);
    println!("{creates} to create");
    holds(creates.as_u64() > Some(0) && others == 0, &plan["summary"])
}

fn apply(product: &Product) -> Done {
    product.run(0, &["apply", product.env(), "-y"])?;
    Ok(())
}

/// The addresses answer within the VPC only; that they are there is all that can be seen from here.
fn outputs(product: &Product) -> Done {
    let outputs = product.json(&["outputs", product.env(), "--json"])?;
    println!("{outputs:#}");
    let names = ["WebUrl", "VpcId", "ResolverId", "WindowsInstanceId"];
    let all = names.iter().all(|name| outputs[name].is_string());
    holds(all, &outputs)
}

fn again(product: &Product) -> Done {
    let last = product.json(&["apply", product.env(), "-y", "--json"])?;
    holds(last["done"] == 0, &last)?;
    nothing_to_do(product)
}

fn push(product: &Product) -> Done {
    let app = product.dir().join("app").display().to_string();
    let pushed = product.json(&["web", "push", &app, product.env(), "--json"])?;
    holds(pushed["sent"] == 2, &pushed)?;
    let status = product.json(&["web", "status", product.env(), "--json"])?;
    println!("{status}");
    holds(status["files"] == 2, &status)
}

fn in_sync(product: &Product) -> Done {
    let drift = product.json(&["drift", product.env(), "--json"])?;
    holds(drift["in_sync"] == true, &drift)
}

fn audit(product: &Product) -> Done {
    product.run(0, &["audit", product.env()])?;
    Ok(())
}

fn other_retention(product: &Product) -> Done {
    product.configure("closedNetworkLogRetentionDays = 30")?;
    seen_and_applied(product)
}

fn former_retention(product: &Product) -> Done {
    product.configure("")?;
    seen_and_applied(product)
}

fn seen_and_applied(product: &Product) -> Done {
    product.run(2, &["drift", product.env()])?;
    apply(product)?;
    nothing_to_do(product)
}

/// A tag on everything is a change of many steps: after the first the rest is under way.
fn killed(product: &Product) -> Done {
    product.configure("closedNetworkTags = { \"genu-live\" = \"killed\" }")?;
    let mut child = product
        .command(&["apply", product.env(), "-y", "--json"])
        .spawn()?;
    let lines = child.stdout.take().map(BufReader::new);
    for line in lines.into_iter().flat_map(BufRead::lines) {
        let event: Value = serde_json::from_str(&line?)?;
        if event["event"] == "done" {
            break;
        }
    }
    child.kill()?;
    let status = child.wait()?;
    println!("{status}");
    holds(status.signal().is_some(), &Value::from(status.to_string()))?;
    product.run(2, &["plan", product.env(), "--detailed-exitcode"])?;
    Ok(())
}

fn goes_on(product: &Product) -> Done {
    apply(product)?;
    nothing_to_do(product)
}

/// By the state, as a user does it.
pub(crate) fn destroy(product: &Product) -> Done {
    product.run(0, &["destroy", product.env(), "-y"])?;
    Ok(())
}

fn nothing_to_do(product: &Product) -> Done {
    product.run(0, &["plan", product.env(), "--detailed-exitcode"])?;
    Ok(())
}

/// An expectation, and what was there instead.
fn holds(expectation: bool, seen: &Value) -> Done {
    if expectation {
        return Ok(());
    }
    Err(format!("not as expected: {seen:#}").into())
}
