//! What a state survives.

#![expect(clippy::panic, reason = "to panic is to fail the test")]

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;
use state::{
    Entry, Error, Header, Home, Intent, Local, Reader, Record, State, Store, environments,
};
use uuid::Uuid;

fn entry() -> impl Strategy<Value = Entry> {
    let id = prop::sample::select(vec!["a/one", "a/two", "b/three"]).prop_map(str::to_owned);
    let at = Timestamp::UNIX_EPOCH;
    (id, 0..6u8, any::<u64>()).prop_map(move |(id, which, n)| match which {
        0 => Entry::Intend {
            id,
            intent: Intent {
                kind: "k".into(),
                token: Uuid::from_u64_pair(n, n),
                at,
                needs: vec!["x".into()],
            },
        },
        1 => Entry::Refused { id },
        2 => Entry::Created {
            id,
            record: Record {
                kind: "k".into(),
                out: json!({ "n": n, "text": "閉域\n\"" }),
                needs: vec![],
                at,
                wanted: (n % 2 == 0).then(|| n.to_string()),
            },
        },
        3 => Entry::Deleted { id },
        4 => Entry::TwinDeleted { id },
        _ => Entry::Pinned {
            name: "p".into(),
            value: n.to_string(),
        },
    })
}

fn replay(entries: &[Entry]) -> State {
    let mut state = State::default();
    for (serial, entry) in (1..).zip(entries) {
        state.apply(serial, entry.clone());
    }
    state
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match Box::pin(future).as_mut().poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("the local store does not wait"),
    }
}

fn locked(home: &Local) -> Result<(Arc<dyn Store>, State), Error> {
    block_on(home.lock("test", Duration::ZERO))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Cut at every byte of the last line, the journal loads to what was there before it.
    #[test]
    fn a_torn_last_line_loses_nothing_else(entries in prop::collection::vec(entry(), 1..8)) {
        let dir = tempfile::tempdir().unwrap();
        let reader = Local::new(dir.path(), "priv");
        let (writer, _) = locked(&reader).unwrap();
        for (serial, entry) in (1..).zip(&entries) {
            block_on(writer.append(serial, entry)).unwrap();
        }
        drop(writer);
        prop_assert_eq!(block_on(reader.load()).unwrap(), replay(&entries));

        let path = dir.path().join("priv/journal.jsonl");
        let text = fs::read(&path).unwrap();
        let last = text[..text.len() - 1].iter().rposition(|&b| b == b'\n').unwrap() + 1;
        let mut before = entries.clone();
        before.pop();
        let before = replay(&before);
        for at in last..text.len() {
            fs::write(&path, &text[..at]).unwrap();
            prop_assert_eq!(block_on(reader.load()).unwrap(), before.clone());

            // And the next writer goes on from there.
            let (writer, state) = locked(&reader).unwrap();
            prop_assert_eq!(&state, &before);
            let next = Entry::Pinned { name: "next".into(), value: "1".into() };
            block_on(writer.append(state.serial + 1, &next)).unwrap();
            let after = block_on(reader.load()).unwrap();
            prop_assert_eq!(after.pins.get("next").map(String::as_str), Some("1"));
        }
    }

    /// A snapshot changes nothing that is read, also when the journal outlives it.
    #[test]
    fn a_snapshot_and_its_journal_load_to_the_same_state(entries in prop::collection::vec(entry(), 1..8)) {
        let dir = tempfile::tempdir().unwrap();
        let reader = Local::new(dir.path(), "priv");
        let (writer, _) = locked(&reader).unwrap();
        for (serial, entry) in (1..).zip(&entries) {
            block_on(writer.append(serial, entry)).unwrap();
        }
        let path = dir.path().join("priv/journal.jsonl");
        let journal = fs::read(&path).unwrap();
        block_on(writer.compact(&replay(&entries))).unwrap();
        prop_assert_eq!(block_on(reader.load()).unwrap(), replay(&entries));
        // A crash between snapshot and journal leaves the old journal; one in the middle of either
        // leaves a part of the new text beside it.
        fs::write(&path, journal).unwrap();
        let whole = fs::read(dir.path().join("priv/state.json")).unwrap();
        for part in [0, whole.len() / 2, whole.len()] {
            fs::write(dir.path().join("priv/state.tmp"), &whole[..part]).unwrap();
            fs::write(dir.path().join("priv/journal.tmp"), &whole[..part]).unwrap();
            prop_assert_eq!(block_on(reader.load()).unwrap(), replay(&entries));
        }
    }
}

#[test]
fn one_writer_at_a_time_and_the_lock_goes_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let reader = Local::new(dir.path(), "priv");
    let (writer, _) = block_on(reader.lock("apply", Duration::ZERO)).unwrap();
    let refused = locked(&reader).err().unwrap();
    assert!(
        matches!(&refused, Error::Locked { env, holder, .. } if env == "priv" && holder.command == "apply")
    );
    assert_eq!(
        block_on(reader.holder()).unwrap().unwrap().pid,
        std::process::id()
    );
    drop(writer);
    assert_eq!(block_on(reader.holder()).unwrap(), None);
    assert!(locked(&reader).is_ok());
}

#[test]
fn what_cannot_be_read_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let reader = Local::new(dir.path(), "priv");
    fs::create_dir(dir.path().join("priv")).unwrap();
    let snapshot = dir.path().join("priv/state.json");
    fs::write(&snapshot, "{\"format\":\"genu-deploy/state/2\"}").unwrap();
    assert!(
        matches!(block_on(reader.load()), Err(Error::Format { found, .. }) if found.ends_with("/2"))
    );
    fs::write(&snapshot, "{").unwrap();
    assert!(matches!(
        block_on(reader.load()),
        Err(Error::Corrupt { line: 1, .. })
    ));
    assert!(locked(&reader).is_err());
    // Whoever is about to write all of it anew keeps it aside.
    let writer = block_on(reader.lock_anew("test", Duration::ZERO)).unwrap();
    assert!(
        block_on(reader.keep_aside())
            .unwrap()
            .unwrap()
            .contains("kept")
    );
    block_on(writer.compact(&State::default())).unwrap();
    assert_eq!(block_on(reader.load()).unwrap(), State::default());
    let kept = fs::read_dir(dir.path().join("priv")).unwrap().flatten();
    let kept: Vec<_> = kept
        .filter(|f| f.path().to_string_lossy().contains("state.json.kept"))
        .collect();
    assert_eq!(fs::read_to_string(kept[0].path()).unwrap(), "{");
}

#[test]
fn a_removed_state_is_no_environment() {
    let dir = tempfile::tempdir().unwrap();
    let reader = Local::new(dir.path(), "priv");
    let (writer, _) = block_on(reader.lock("apply", Duration::ZERO)).unwrap();
    let header = Header {
        env: "priv".into(),
        account: "1".into(),
        region: "r".into(),
        deployment: Uuid::nil(),
        protect: false,
    };
    block_on(writer.append(1, &Entry::Open(header))).unwrap();
    assert_eq!(environments(dir.path()).unwrap(), ["priv"]);
    block_on(writer.remove()).unwrap();
    assert_eq!(environments(dir.path()).unwrap(), Vec::<String>::new());
}
