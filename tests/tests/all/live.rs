//! The opt-in journey on live AWS, in front of an emulator: it cannot start by accident, and it leaves
//! alone what is not its own.

#![expect(clippy::unwrap_used, reason = "to panic is to fail the test")]

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use fault_injector::{Fault, Injector, Script, Sky};
use journeys::{Emulator, Ended, Sandbox, applied, binary, xtask};

/// What has to be set for a run in the emulator's account.
fn permitted(emulator: &Emulator) -> [(&'static str, &'static str); 3] {
    let account = emulator.account();
    [
        ("GENU_LIVE_TEST", "1"),
        ("GENU_LIVE_ACCOUNT", account),
        ("GENU_LIVE_CONFIRM", account),
    ]
}

/// `cargo xtask live` with these variables, without a terminal, its files below the sandbox.
fn command(sandbox: &Sandbox, variables: &[(&str, &str)]) -> Command {
    let mut command = sandbox.program(&xtask(), &["live"]);
    command
        .env("GENU_DEPLOY", binary())
        .env("TMPDIR", sandbox.path("."))
        .envs(variables.iter().copied());
    command
}

fn live(sandbox: &Sandbox, variables: &[(&str, &str)]) -> Ended {
    command(sandbox, variables).output().unwrap().into()
}

/// Directories of live runs that are still there.
fn kept(sandbox: &Sandbox) -> Vec<PathBuf> {
    let files = std::fs::read_dir(sandbox.path(".")).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    let of_runs = paths.filter(|path| path.to_string_lossy().contains("genu-live-"));
    of_runs.collect()
}

/// The environment of a run that began so many minutes ago.
fn begun(minutes_ago: u64) -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    format!("live-{:x}", since.unwrap().as_secs() / 60 - minutes_ago)
}

/// A small network of that name, whose state is lost.
fn left_behind(emulator: &Emulator, env: &str) {
    let sandbox = Sandbox::new(emulator);
    sandbox.configure(&format!(
        "[env.{env}]\nregion = \"ap-northeast-1\"\nmodelRegion = \"ap-northeast-1\"\nclosedNetworkMode = true\nclosedNetworkEndpoints = \"required\"\nclosedNetworkCreateTestEnvironment = false\nclosedNetworkCreateResolverEndpoint = false\n"
    ));
    let _ = sandbox.run(&["apply", env, "-y"]).expect(0);
}

#[test]
fn it_does_not_start_by_accident() {
    let emulator = Emulator::start(&[]);
    let sandbox = Sandbox::new(&emulator);
    emulator.reset_calls();
    let all = permitted(&emulator);
    for missing in 0..all.len() {
        let mut some = all.to_vec();
        let (name, _) = some.remove(missing);
        let ended = live(&sandbox, &some).expect(1);
        ended.says(&[name, "nothing was called"]);
        assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
        assert_eq!(ended.stdout, "");
    }
    assert_eq!(emulator.calls(), Vec::<String>::new());

    let other = "999999999999";
    let wrong = [
        ("GENU_LIVE_TEST", "1"),
        ("GENU_LIVE_ACCOUNT", other),
        ("GENU_LIVE_CONFIRM", other),
    ];
    let ended = live(&sandbox, &wrong).expect(1);
    ended.says(&[emulator.account(), other, "nothing was changed"]);
    assert!(ended.stdout.contains("NOT AWS"), "{}", ended.stdout);
    assert!(!emulator.calls().is_empty(), "somebody was asked who it is");
    assert_eq!(emulator.changing_calls(), Vec::<String>::new());
    assert_eq!(kept(&sandbox), Vec::<PathBuf>::new());
}

#[test]
fn on_a_terminal_the_account_has_to_be_typed() {
    let emulator = Emulator::start(&[]);
    let sandbox = Sandbox::new(&emulator);
    let mut run = command(&sandbox, &permitted(&emulator));
    // The terminal's.
    run.stdin(Stdio::inherit());
    let mut terminal = rexpect::session::spawn_command(run, Some(60_000)).unwrap();
    terminal.exp_string("USD for every hour begun").unwrap();
    terminal
        .exp_string("Type the account's id to go on:")
        .unwrap();
    terminal.send_line("yes").unwrap();
    terminal.exp_string("nothing was changed").unwrap();
    terminal.exp_eof().unwrap();
    assert_eq!(emulator.changing_calls(), Vec::<String>::new());
    assert_eq!(kept(&sandbox), Vec::<PathBuf>::new());
}

#[test]
fn it_travels_and_sweeps_what_an_earlier_run_left_and_nothing_else() {
    // A network that is nobody's live run stands beside it.
    let (emulator, _) = applied();
    let young = begun(60);
    left_behind(&emulator, &young);
    let before = emulator.inventory();
    let abandoned = begun(24 * 60);
    left_behind(&emulator, &abandoned);

    let sandbox = Sandbox::new(&emulator);
    let ended = live(&sandbox, &permitted(&emulator)).expect(0);
    assert_eq!(emulator.inventory(), before);
    assert_eq!(kept(&sandbox), Vec::<PathBuf>::new());
    let destroys = format!("destroy {abandoned} --from-tags -y");
    let swept = ended.stdout.matches("--from-tags").count();
    assert!(
        swept == 1 && ended.stdout.contains(&destroys),
        "{}",
        ended.stdout
    );
    // The table comes last, a line a step.
    let (_, table) = ended.stdout.rsplit_once("\n\n").unwrap();
    for step in ["sweep before", "apply is killed", "destroy", "together"] {
        let line = table.lines().find(|line| line.starts_with(step));
        assert!(line.is_some_and(|line| line.ends_with(" s")), "{table}");
    }
}

#[test]
fn what_it_made_goes_although_a_step_failed_unless_it_is_to_be_kept() {
    let emulator = Emulator::start(&[]);
    let _ = Sandbox::new(&emulator).run(&["plan", "priv"]).expect(0);
    let before = emulator.inventory();
    for keep in ["0", "1"] {
        // No file of an app arrives.
        let script = (1..=9).fold(Script::default(), |script, nth| {
            script.and("s3:PutObject", nth, Fault::Fail(503))
        });
        let sky = Sky {
            script,
            ..Sky::default()
        };
        let line = Injector::start(&emulator.url(), sky).unwrap();
        let sandbox = Sandbox::to(line.url());
        let mut variables = permitted(&emulator).to_vec();
        variables.push(("GENU_LIVE_KEEP", keep));
        let ended = live(&sandbox, &variables).expect(1);
        let [dir] = kept(&sandbox).try_into().unwrap();
        ended.says(&["push an app failed after", &dir.display().to_string()]);
        if keep == "0" {
            ended.says(&["what it made is destroyed"]);
            assert_eq!(emulator.inventory(), before);
        } else {
            ended.says(&["COSTS MONEY"]);
            assert!(emulator.inventory().len() > before.len() + 50);
            let destroys = ended.stdout.contains("$ genu-deploy destroy");
            assert!(!destroys, "{}", ended.stdout);
        }
    }
}

#[test]
fn ctrl_c_keeps_the_state_and_says_how_to_destroy() {
    let emulator = Emulator::start(&[]);
    let _ = Sandbox::new(&emulator).run(&["plan", "priv"]).expect(0);
    let before = emulator.inventory();
    let sky = Sky {
        script: Script::one("ec2:CreateSubnet", 1, Fault::Hold),
        ..Sky::default()
    };
    let line = Injector::start(&emulator.url(), sky).unwrap();
    let sandbox = Sandbox::to(line.url());
    // A terminal sends the signal to the whole group.
    let mut run = command(&sandbox, &permitted(&emulator));
    let run = run.process_group(0).stdout(Stdio::piped());
    let run = run.stderr(Stdio::piped()).spawn().unwrap();
    assert!(line.holds_within(Duration::from_mins(1)));
    let group = format!("-{}", run.id());
    let sent = Command::new("kill").args(["-INT", "--", &group]).status();
    assert!(sent.unwrap().success());
    std::thread::sleep(Duration::from_millis(500));
    line.release();
    let ended: Ended = run.wait_with_output().unwrap().into();
    let ended = ended.expect(1);
    ended.says(&["apply failed after", "interrupted", "COSTS MONEY"]);
    assert!(emulator.inventory().len() > before.len());

    let mut lines = ended.stderr.lines();
    let told = lines.find(|line| line.ends_with("--from-tags")).unwrap();
    let told = format!("{told} -y");
    let destroyed = sandbox.program(Path::new("sh"), &["-c", &told]).output();
    let _ = Ended::from(destroyed.unwrap()).expect(0);
    assert_eq!(emulator.inventory(), before);
}
