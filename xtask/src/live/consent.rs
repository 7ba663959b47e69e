//! Whose account it is, what it costs, and whether somebody wants that: before anything is changed.

use std::io::Write;

use crate::Done;

use super::cost;
use super::permit::Permit;
use super::product::Product;

/// Says so where calls do not go to AWS: the figures would mislead.
pub(crate) fn warn_of_emulators() {
    for (name, value) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_ENDPOINT_URL")) {
        println!("NOT AWS: {name} is {value}, and the times below say nothing about AWS");
    }
}

/// Looks who is calling, which reads only, and asks.
pub(crate) fn given(product: &Product, permit: &Permit, terminal: bool) -> Done {
    let plan = product.json(&["plan", product.env(), "--json"])?;
    let caller = plan["account"].as_str().unwrap_or_default();
    if caller != permit.account {
        return Err(format!(
            "the credentials are of account {caller}, and GENU_LIVE_ACCOUNT is {}; nothing was changed",
            permit.account
        )
        .into());
    }
    print!(
        "\naccount {caller}, region {}, environment {}\n{}  some five minutes each way; it is destroyed at the end\n",
        permit.region,
        product.env(),
        cost::told(&plan)
    );
    if !terminal {
        return Ok(());
    }
    print!("Type the account's id to go on: ");
    std::io::stdout().flush()?;
    let mut typed = String::new();
    std::io::stdin().read_line(&mut typed)?;
    if typed.trim() == permit.account {
        Ok(())
    } else {
        Err("that is not the account; nothing was changed".into())
    }
}
