//! What becomes of a state on a full disk, of another version, from last week, or of none.

#![expect(clippy::unwrap_used, reason = "to panic is to fail the test")]

use std::fs;

use journeys::{Emulator, Ended, Sandbox, applied};

/// Runs with files that cannot grow beyond so many kilobytes: what a full disk says to a write.
fn on_a_full_disk(sandbox: &Sandbox, kilobytes: u32, words: &str) -> Ended {
    let direct = sandbox.command(&[]);
    let program = direct.get_program().to_str().unwrap();
    // Without the trap the signal would end the process before the write can fail.
    let script = format!("trap '' XFSZ; ulimit -f {kilobytes}; exec {program} {words}");
    let mut shell = std::process::Command::new("bash");
    shell.args(["-c", &script]).current_dir(sandbox.path("."));
    shell.env_clear();
    shell.envs(
        direct
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    shell.output().unwrap().into()
}

#[test]
fn what_no_state_knows_is_discovered_by_its_tags() {
    let (emulator, sandbox) = applied();
    let found = |state: &str| {
        let said = sandbox.run(&["--state", state, "state", "discover", "--json"]);
        said.expect(0).json()["environments"].clone()
    };
    emulator.reset_calls();
    let row = &found("elsewhere")[0];
    assert_eq!(row["env"], "priv");
    assert_eq!(row["recorded"], false);
    assert_eq!(row["deployments"].as_array().unwrap().len(), 1);
    assert!(row["resources"].as_u64() > Some(9), "{row}");
    assert_eq!(found(".genu")[0]["recorded"], true);
    assert!(emulator.changing_calls().is_empty());
    let _ = sandbox.run(&["destroy", "-y"]).expect(0);
    assert_eq!(found(".genu"), serde_json::json!([]));
}

#[test]
fn on_a_full_disk_nothing_is_made_that_could_not_be_recorded() {
    let emulator = Emulator::start(&[]);
    let sandbox = Sandbox::new(&emulator);
    let _ = sandbox.run(&["plan"]).expect(0);
    let before = emulator.inventory();
    for kilobytes in [1, 4, 9, 16] {
        let ended = on_a_full_disk(&sandbox, kilobytes, "apply priv -y");
        assert!(ended.code == 1 || ended.code == 3, "{}", ended.stderr);
        ended.says(&["cannot write", "File too large", "nothing is lost"]);
        // Whatever is there is known, or was at least announced.
        let _ = sandbox.run(&["plan"]).expect(0);
    }
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    let _ = sandbox.run(&["plan", "--detailed-exitcode"]).expect(0);
    let _ = on_a_full_disk(&sandbox, 2, "destroy priv -y");
    let _ = sandbox.run(&["destroy", "priv", "-y"]).expect(0);
    assert_eq!(emulator.inventory(), before);
}

#[test]
fn where_no_state_can_be_written_nothing_is_changed() {
    let emulator = Emulator::start(&[]);
    let sandbox = Sandbox::new(&emulator);
    fs::write(sandbox.path("file"), "").unwrap();
    // Not even root makes a directory there.
    for place in ["/proc/genu", "file"] {
        emulator.reset_calls();
        let refused = sandbox.run(&["--state", place, "apply", "-y"]).expect(1);
        refused.says(&["cannot create", place]);
        assert_eq!(emulator.calls(), Vec::<String>::new());
        let _ = sandbox.run(&["--state", place, "plan"]);
    }
}

#[test]
fn a_copy_from_last_week_makes_nothing_twice() {
    let emulator = Emulator::start(&[]);
    let sandbox = Sandbox::new(&emulator);
    let without = "closedNetworkCreateTestEnvironment = false";
    sandbox.configure_with(without);
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    let old = sandbox.run(&["state", "pull"]).expect(0).stdout;
    fs::write(sandbox.path("last-week.json"), &old).unwrap();
    sandbox.configure_with("");
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    let inventory = emulator.inventory();

    let push = ["state", "push", "last-week.json", "-y"];
    sandbox
        .run(&push)
        .expect(1)
        .says(&["older than what is there"]);
    let _ = sandbox
        .run(&["state", "push", "last-week.json", "-y", "--force"])
        .expect(0);
    let plan = sandbox.run(&["plan", "--json"]).expect(0).json();
    assert_eq!(plan["summary"]["create"], 0, "{plan:#}");
    assert!(plan["summary"]["adopt"].as_u64().unwrap() > 5);
    sandbox.run(&["apply", "-y"]).expect(1).says(&["--adopt"]);
    let _ = sandbox.run(&["apply", "-y", "--adopt"]).expect(0);
    let _ = sandbox.run(&["plan", "--detailed-exitcode"]).expect(0);
    assert_eq!(emulator.inventory(), inventory);

    // The other way round: what was recorded last week and is gone since is no obstacle.
    let _ = sandbox.run(&["state", "pull"]).expect(0);
    let new = sandbox.run(&["state", "pull"]).expect(0).stdout;
    fs::write(sandbox.path("last-week.json"), &new).unwrap();
    sandbox.configure_with(without);
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    let _ = sandbox
        .run(&["state", "push", "last-week.json", "-y", "--force"])
        .expect(0);
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    let _ = sandbox.run(&["plan", "--detailed-exitcode"]).expect(0);
    let _ = sandbox.run(&["destroy", "-y"]).expect(0);
}

#[test]
fn what_another_version_wrote_or_nobody_can_read_is_refused_and_rebuilt_from_tags() {
    let emulator = Emulator::start(&[]);
    let sandbox = Sandbox::new(&emulator);
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    let path = sandbox.path(".genu/priv/state.json");
    let text = fs::read_to_string(&path).unwrap();
    let newer = text.replace("genu-deploy/state/1", "genu-deploy/state/2");
    for (broken, hint) in [
        (
            newer.as_str(),
            "use the version of genu-deploy that wrote it",
        ),
        (&text[..text.len() / 2], "state rebuild"),
        ("", "state rebuild"),
    ] {
        fs::write(&path, broken).unwrap();
        emulator.reset_calls();
        for command in [
            &["apply", "-y"][..],
            &["destroy", "priv", "-y"],
            &["plan"],
            &["outputs", "priv"],
        ] {
            sandbox.run(command).expect(1).says(&["state.json", hint]);
        }
        assert_eq!(emulator.changing_calls(), Vec::<String>::new());
        assert_eq!(fs::read_to_string(&path).unwrap(), broken, "left as it was");
    }
    sandbox
        .run(&["state", "rebuild"])
        .expect(1)
        .says(&["pass -y"]);
    let rebuilt = sandbox.run(&["state", "rebuild", "-y"]).expect(0);
    rebuilt.says(&["57 resources recorded", "what was there is kept as"]);
    sandbox
        .run(&["state", "rebuild", "-y"])
        .expect(1)
        .says(&["can be read and has 57 resources"]);
    assert_eq!(emulator.changing_calls(), Vec::<String>::new());
    let _ = sandbox.run(&["plan", "--detailed-exitcode"]).expect(0);
    assert_eq!(
        sandbox
            .run(&["state", "list"])
            .expect(0)
            .stdout
            .lines()
            .count(),
        57
    );
    let _ = sandbox.run(&["destroy", "-y"]).expect(0);
}

#[test]
fn what_is_forgotten_is_found_again_by_its_tags() {
    let emulator = Emulator::start(&[]);
    let sandbox = Sandbox::new(&emulator);
    let _ = sandbox.run(&["apply", "-y"]).expect(0);
    sandbox
        .run(&["state", "forget", "web/nothing", "-y"])
        .expect(1)
        .says(&["nothing is recorded"]);
    sandbox
        .run(&["state", "forget", "priv", "-y"])
        .expect(4)
        .says(&["no resource named"]);
    let _ = sandbox
        .run(&["state", "forget", "priv", "web/cluster", "web/bucket", "-y"])
        .expect(0);
    sandbox
        .run(&["state", "forget", "prvi", "web/service", "-y"])
        .expect(1)
        .says(&["there is no state in"]);
    assert!(!sandbox.path(".genu/prvi").exists());
    let plan = sandbox.run(&["plan", "--json"]).expect(0).json();
    assert_eq!(plan["summary"]["adopt"], 2, "{plan:#}");
    let _ = sandbox.run(&["apply", "-y", "--adopt"]).expect(0);
    let _ = sandbox.run(&["plan", "--detailed-exitcode"]).expect(0);
}
