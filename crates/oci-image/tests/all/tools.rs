//! Programs of others that the tests start, and stop.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command};
use std::thread;

/// A server that is stopped when the test is over, however that ends.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: String,
}

impl Server {
    /// Starts `command` and waits for the line in which it says where it listens.
    pub(crate) fn start(mut command: Command) -> Self {
        // One says it on standard output, another on standard error.
        let (reader, writer) = io::pipe().unwrap();
        command.stdout(writer.try_clone().unwrap()).stderr(writer);
        let mut server = Self {
            child: command.spawn().unwrap(),
            address: String::new(),
        };
        // Its ends of the pipe are closed here, so that the lines end when the server does.
        drop(command);
        let mut lines = BufReader::new(reader).lines().map_while(Result::ok);
        let line = lines.find_map(|line| {
            line.split_once("listening on ")
                .map(|(_, at)| at.to_owned())
        });
        let line = line.expect("the server ended without listening");
        server.address = line
            .chars()
            .take_while(|c| c.is_ascii_digit() || ".:".contains(*c))
            .collect();
        // A full pipe would stop it.
        thread::spawn(move || lines.for_each(drop));
        server
    }

    pub(crate) fn get(&self) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether every one of the commands succeeds; prints which one does not.
pub(crate) fn have(commands: &[&[&str]]) -> bool {
    commands.iter().all(|command| {
        let works = Command::new(command[0]).args(&command[1..]).output();
        let works = works.is_ok_and(|output| output.status.success());
        if !works {
            println!("skipped: `{}` does not work here", command.join(" "));
        }
        works
    })
}

/// Standard output of a command that has to succeed.
pub(crate) fn output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

/// A static web server; `relocation` is rustc's relocation model.
pub(crate) fn compiled(relocation: &str, to: &Path) -> Vec<u8> {
    let source = "tests/all/fixtures/server.rs";
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    output(
        Command::new("rustc")
            .args([
                "--edition=2024",
                "--target",
                &target,
                "-Ctarget-feature=+crt-static",
            ])
            .args(["-Copt-level=1", "-Cstrip=symbols", "-o"])
            .arg(to)
            .arg(format!("-Crelocation-model={relocation}"))
            .arg(source),
    );
    std::fs::read(to).unwrap()
}
