//! A bad line between the binary and the emulator: answers that never arrive, calls that are
//! refused before they are executed.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use crate::Emulator;

/// What happens, once, to the first request that contains a text.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// It is executed, and its answer is lost.
    LoseAnswer,
    /// It is not executed; the answer is this status with this body.
    Refuse(u16, &'static str),
}

/// The line. Its threads end with the test's process.
#[derive(Debug)]
pub struct Lossy {
    /// Where the binary connects.
    pub url: String,
    faults: Arc<Mutex<Vec<(&'static str, Fault)>>>,
}

impl Lossy {
    /// Starts a line to `emulator` with `faults` in store.
    ///
    /// # Panics
    /// When no port is free.
    #[must_use]
    pub fn start(emulator: &Emulator, faults: &[(&'static str, Fault)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let faults = Arc::new(Mutex::new(faults.to_vec()));
        let upstream = emulator.url().replace("http://", "");
        let coming = Arc::clone(&faults);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (upstream, coming) = (upstream.clone(), Arc::clone(&coming));
                // A line that breaks is what this is for.
                std::thread::spawn(move || drop(pass(client, &upstream, &coming)));
            }
        });
        Self { url, faults }
    }

    /// Faults that never happened.
    ///
    /// # Panics
    /// Never in practice.
    #[must_use]
    pub fn left(&self) -> Vec<&'static str> {
        self.faults
            .lock()
            .unwrap()
            .iter()
            .map(|(text, _)| *text)
            .collect()
    }
}

/// One request a connection: the answer says so, and the client opens another.
fn pass(
    mut client: TcpStream,
    upstream: &str,
    faults: &Mutex<Vec<(&'static str, Fault)>>,
) -> std::io::Result<()> {
    let (head, body) = request(&mut client)?;
    let whole = format!("{head}\n{}", String::from_utf8_lossy(&body));
    let fault = {
        let mut faults = faults.lock().unwrap();
        let at = faults.iter().position(|(text, _)| whole.contains(text));
        at.map(|at| faults.remove(at).1)
    };
    if let Some(Fault::Refuse(status, text)) = fault {
        let length = text.len();
        return write!(
            client,
            "HTTP/1.1 {status} Refused\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}"
        );
    }
    let mut server = TcpStream::connect(upstream)?;
    let lines = head
        .lines()
        .filter(|line| !line.to_lowercase().starts_with("connection:"));
    let head: Vec<&str> = lines.collect();
    write!(server, "{}\r\nConnection: close\r\n\r\n", head.join("\r\n"))?;
    server.write_all(&body)?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    match fault {
        Some(_) => Ok(()),
        None => client.write_all(&answer),
    }
}

fn request(client: &mut TcpStream) -> std::io::Result<(String, Vec<u8>)> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).trim_end().to_owned();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().ok())?
    });
    let mut body = vec![0; length.unwrap_or(0)];
    client.read_exact(&mut body)?;
    Ok((head, body))
}
