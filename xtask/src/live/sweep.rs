//! What earlier live runs left is destroyed, found by its tags; what is anybody else's never is.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Done;

use super::name;
use super::product::Product;

/// How long a list may lag behind.
const SETTLED: Duration = Duration::from_mins(5);
const AGAIN: Duration = Duration::from_secs(10);

/// What earlier runs left; a run of this very minute would be taken for our own.
pub(crate) fn before(product: &Product) -> Done {
    let found = found(product)?;
    if names(&found, product).any(|env| env == product.env()) {
        return Err("another run began in this minute: try again in the next".into());
    }
    sweep(product, &found)
}

/// Our own is gone; what AWS lists by tag goes a while after the thing itself.
pub(crate) fn gone(product: &Product) -> Done {
    let started = Instant::now();
    loop {
        let found = found(product)?;
        let ours = found.iter().find(|found| found["env"] == product.env());
        match ours {
            None => return Ok(()),
            Some(ours) if started.elapsed() > SETTLED => {
                return Err(format!("it is still found: {ours}").into());
            }
            Some(_) => std::thread::sleep(AGAIN),
        }
    }
}

/// Our own, if `destroy` left any of it, and what earlier runs left.
pub(crate) fn after(product: &Product) -> Done {
    let found = found(product)?;
    if names(&found, product).any(|env| env == product.env()) {
        destroy(product, product.env())?;
    }
    sweep(product, &found)
}

fn sweep(product: &Product, found: &[Value]) -> Done {
    let now = name::now()?;
    let mut abandoned = names(found, product).filter(|env| name::abandoned(env, now));
    abandoned.try_for_each(|env| destroy(product, env))
}

fn destroy(product: &Product, env: &str) -> Done {
    product.run(0, &["destroy", env, "--from-tags", "-y"])?;
    Ok(())
}

/// Environments that bear the product's tags.
fn found(product: &Product) -> Result<Vec<Value>, Box<dyn std::error::Error>> {
    let answer = product.json(&["state", "discover", "--json"])?;
    let environments = answer["environments"].as_array();
    let environments = environments.ok_or("its answer has no environments")?;
    for one in environments {
        println!("found {one}");
    }
    Ok(environments.clone())
}

/// Those of the account and the region that this run is in.
fn names<'a>(found: &'a [Value], product: &'a Product) -> impl Iterator<Item = &'a str> {
    here(found, &product.account, &product.region)
}

fn here<'a>(
    found: &'a [Value],
    account: &'a str,
    region: &'a str,
) -> impl Iterator<Item = &'a str> {
    let here = move |one: &&Value| one["account"] == account && one["region"] == region;
    let names = found.iter().filter(here);
    names.filter_map(|found| found["env"].as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::here;

    #[test]
    fn another_account_or_region_is_not_here() {
        let one = |env: &str, account: &str, region: &str| json!({"env": env, "account": account, "region": region});
        let found = [
            one("live-1", "123456789012", "eu-west-1"),
            one("live-2", "210987654321", "eu-west-1"),
            one("live-3", "123456789012", "eu-west-2"),
            json!({"env": "live-4"}),
        ];
        let names: Vec<&str> = here(&found, "123456789012", "eu-west-1").collect();
        assert_eq!(names, ["live-1"]);
    }
}
