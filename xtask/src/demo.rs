//! The product in five minutes, on an emulator.

use xshell::{Shell, cmd};

use crate::emulator::{Emulator, Installed, Kind};
use crate::{Done, dist, web};

pub(crate) fn demo(sh: &Shell, kind: Kind) -> Done {
    println!("building genu-deploy (the first time takes a quarter of an hour) …");
    cmd!(sh, "cargo build -p genu-deploy").quiet().run()?;
    let binary = dist::binary(sh, "debug");
    let web = web::built(sh)?;
    let emulator = Emulator::start(sh, &Installed::must(sh, kind)?)?;
    let dir = sh.create_temp_dir()?;
    let state = dir.path().join("state");
    let url = emulator.url.clone();
    println!(
        "{} at {url}, ready after {:.1} s\n",
        kind.name(),
        emulator.took.as_secs_f64()
    );
    let genu = |title: &str, arguments: &[&str]| -> Done {
        println!(
            "\n\u{1b}[1m# {title}\u{1b}[0m\n$ genu-deploy {}",
            arguments.join(" ")
        );
        let run = cmd!(sh, "{binary} --state {state} {arguments...}")
            .env("AWS_ENDPOINT_URL", &url)
            .env("AWS_ACCESS_KEY_ID", "demo")
            .env("AWS_SECRET_ACCESS_KEY", "demo")
            .env("GENU_WEB_BINARY", &web)
            .quiet()
            .ignore_status();
        let status = run.run();
        Ok(status?)
    };
    genu("Is the configuration right?", &["validate"])?;
    genu("Bring the closed network up", &["apply", "priv", "-y"])?;
    genu("What does a script need?", &["outputs", "priv", "WebUrl"])?;
    let dist = dir.path().join("dist");
    sh.create_dir(dist.join("assets"))?;
    sh.write_file(
        dist.join("index.html"),
        "<script src=/assets/app.js></script>",
    )?;
    sh.write_file(dist.join("assets/app.js"), "document.body.append('GenU')")?;
    let app = dist.display().to_string();
    genu("Bring the app's files up", &["web", "push", &app, "priv"])?;
    genu("What is deployed?", &["web", "status", "priv"])?;
    genu("A second apply changes nothing", &["apply", "priv", "-y"])?;
    genu("Is it closed?", &["audit", "priv"])?;
    println!("\n(somebody switches DNS host names off behind our back)");
    drift(
        &url,
        &cmd!(sh, "{binary} --state {state} outputs priv VpcId")
            .quiet()
            .read()?,
    )?;
    genu("A nightly check sees it", &["drift", "priv"])?;
    genu("and apply heals it", &["apply", "priv", "-y"])?;
    genu("What is recorded?", &["status"])?;
    genu("Take it down", &["destroy", "priv", "-y"])
}

/// A change by hand.
fn drift(url: &str, vpc: &str) -> Done {
    let credential = "AWS4-HMAC-SHA256 Credential=demo/20260101/ap-northeast-1/ec2/aws4_request, SignedHeaders=host, Signature=0";
    ureq::post(url)
        .header("Authorization", credential)
        .send_form([
            ("Action", "ModifyVpcAttribute"),
            ("Version", "2016-11-15"),
            ("VpcId", vpc.trim()),
            ("EnableDnsHostnames.Value", "false"),
        ])?;
    Ok(())
}
