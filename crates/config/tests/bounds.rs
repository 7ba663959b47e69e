//! Whatever is in a file, reading it ends, soon, with an answer: no stack overflows, no constant
//! grows without end, no message is as long as the file.

#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use std::path::Path;
use std::time::{Duration, Instant};

use proptest::prelude::*;

/// Reads a text as the file of this name; how long it took, and what was said.
fn read(name: &str, text: &str) -> (Duration, Result<config::Configuration, String>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    std::fs::write(&file, text).unwrap();
    let started = Instant::now();
    let read = config::load(&file).map_err(|e| e.to_string());
    (started.elapsed(), read)
}

/// What can nest in TypeScript: before, at each level, in the middle, after each level.
const NESTS: &[(&str, &str, &str, &str)] = &[
    ("", "[", "", "]"),
    ("", "{a:", "1", "}"),
    ("", "(", "1", ")"),
    ("", "-", "1", ""),
    ("", "- ", "1", ""),
    ("", "!", "1", ""),
    ("", "~", "1", ""),
    ("", "typeof ", "1", ""),
    ("", "void ", "1", ""),
    ("", "await ", "1", ""),
    ("", "new ", "A", ""),
    ("", "1?", "1", ":1"),
    ("", "1?1:", "1", ""),
    ("", "f(", "1", ")"),
    ("", "", "a", "()"),
    ("", "", "a", "[0]"),
    ("", "", "a", "!"),
    ("", "", "a", ".b"),
    ("", "", "a", " as any"),
    ("", "1+", "1", ""),
    ("", "1**", "1", ""),
    ("", "a||", "1", ""),
    ("", "a=", "1", ""),
    ("", "a=>", "1", ""),
    ("", "(a)=>{return ", "1", "}"),
    ("", "()=>", "1", ""),
    ("", "async a=>", "1", ""),
    ("", "function(){return ", "1", "}"),
    ("", "class{a=", "1", "}"),
    ("", "<any>", "1", ""),
    ("", "`${", "1", "}`"),
    ("", "a`${", "1", "}`"),
    ("", "{...", "{}", "}"),
    ("", "[...", "[]", "]"),
    ("", "{[", "'a'", "]:1}"),
    ("", "a<", "b", ">()"),
    ("0;", "{", "", "}"),
    ("0;", "if(a)", ";", ""),
    ("0;", "if(a);else ", ";", ""),
    ("0;", "for(;;)", ";", ""),
    ("0;", "while(a)", ";", ""),
    ("0;", "do ", ";", "while(a);"),
    ("0;", "try{", "", "}finally{}"),
    ("0;", "switch(a){case 1:", "", "}"),
    ("0;", "a:", ";", ""),
    ("0;", "namespace a{", "", "}"),
    ("0;", "function f(){", "", "}"),
    ("0;let x:", "[", "a", "]"),
    ("0;let x:", "a<", "b", ">"),
    ("0;let x:", "{a:", "b", "}"),
    ("0;let x:", "(", "a", ")"),
    ("0;let x:", "()=>", "a", ""),
    ("0;let x:", "keyof ", "a", ""),
    ("0;let x:", "a extends b?c:", "d", ""),
    ("0;let x:", "", "a", "[]"),
    ("0;let x:", "`${", "a", "}`"),
    ("0;let ", "[", "a", "]=1"),
    ("0;let ", "{a:", "b", "}=1"),
    ("0;@", "(", "a", ") class A{}"),
];

/// Each is read or refused, as deep as a file may nest and deeper than that.
#[test]
fn no_nesting_overflows_the_stack() {
    for (before, open, middle, close) in NESTS {
        for levels in [10, 450, 6_000, 19_000, 150_000] {
            // Seen when the process ends on it.
            println!("{before}{open}{middle}{close} {levels}");
            let text = format!(
                "const envs = {{ a: {{ closedNetworkMode: true }} }}; const deep = {before}{}{middle}{};",
                open.repeat(levels),
                close.repeat(levels)
            );
            let (took, read) = read("parameter.ts", &text);
            assert!(took < Duration::from_secs(20), "{open} {levels}: {took:?}");
            let length = read.err().map_or(0, |message| message.len());
            assert!(length < 2_000, "{open} {levels}: {length}");
        }
    }
}

/// Inside a value that is looked at, all the same.
#[test]
fn no_nesting_of_values_overflows_the_stack() {
    for (before, open, middle, close) in NESTS.iter().filter(|nest| nest.0.is_empty()) {
        for levels in [10, 60, 70, 450, 4_000] {
            let text = format!(
                "const envs = {{ a: {{ closedNetworkMode: true, tagValue: {before}{}{middle}{} }} }};",
                open.repeat(levels),
                close.repeat(levels)
            );
            let (took, read) = read("parameter.ts", &text);
            assert!(took < Duration::from_secs(10), "{open} {levels}: {took:?}");
            if let Ok(read) = read {
                let said = read.refused.values().map(ToString::to_string);
                assert!(
                    said.map(|text| text.len()).sum::<usize>() < 2_000,
                    "{open} {levels}"
                );
            }
        }
    }
}

/// A few lines that would come to more values than there are atoms.
#[test]
fn constants_do_not_grow_without_end() {
    let doubled = |first: &str, next: &dyn Fn(usize) -> String| {
        let more = (1..200).map(|n| format!("const c{n} = {};\n", next(n - 1)));
        format!(
            "const c0 = {first};\n{}const envs = {{ a: {{ closedNetworkMode: true, tagValue: c199 }}, b: {{ closedNetworkMode: true }}, c: c199 }};",
            more.collect::<String>()
        )
    };
    // Names refer to each other only so deep; so does the same within it.
    for steps in [30, 199] {
        let texts = [
            doubled("['x']", &|n| format!("[...c{n}, ...c{n}]")),
            doubled("{ x: 1 }", &|n| {
                format!("{{ ...c{n}, y{n}: c{n}, z{n}: c{n} }}")
            }),
            doubled("'x'", &|n| format!("`${{c{n}}}${{c{n}}}`")),
            doubled("'x'", &|n| format!("c{n} + c{n}")),
            doubled("1", &|n| format!("c{n} ? c{n} : c{n}")),
            doubled("{ x: 1 }", &|n| format!("{{ x: c{n}.x, y: [c{n}, c{n}] }}")),
        ];
        for text in texts {
            let text = text.replace("c199", &format!("c{steps}"));
            let (took, read) = read("parameter.ts", &text);
            assert!(took < Duration::from_secs(20), "{took:?}: {text}");
            let read = read.unwrap();
            assert!(read.environments.contains_key("b"), "{:?}", read.refused);
            // Or it is known not to be closed, whatever else is in it.
            let told = read.refused.contains_key("c") || read.open.contains(&"c".to_owned());
            assert!(told && !read.environments.contains_key("c"), "{text}");
        }
    }
}

/// Large files of every language are read or refused in a time that grows with their size.
#[test]
fn large_files_take_no_square_of_their_size() {
    let many = |n: usize, one: &dyn Fn(usize) -> String| (0..n).map(one).collect::<String>();
    let files = [
        (
            "cdk.json",
            format!(
                "{{\"context\":{{\"closedNetworkMode\":true{}}}}}",
                many(40_000, &|n| format!(",\"k{n}\":{n}"))
            ),
        ),
        (
            "cdk.json",
            format!(
                "{{\"context\":{{\"closedNetworkMode\":true{}}}}}",
                many(9_000, &|n| format!(",\n\"k{n}\":[{n},{{}}]"))
            ),
        ),
        (
            "genu.toml",
            many(20_000, &|n| {
                format!("[env.e{n}]\nclosedNetworkMode = true\n")
            }),
        ),
        (
            "genu.toml",
            format!("[env.a]\n{}", many(40_000, &|n| format!("k{n} = 1\n"))),
        ),
        (
            "parameter.ts",
            format!(
                "const envs = {{{}}};",
                many(9_000, &|n| format!("e{n}: {{}},"))
            ),
        ),
        (
            "parameter.ts",
            format!(
                "const envs = {{ a: {{ closedNetworkMode: true,\n{} }} }};",
                many(9_000, &|n| format!("k{n}: process.env.X,"))
            ),
        ),
        (
            "parameter.ts",
            format!(
                "const envs = {{ a: {{}} }};{}",
                many(6_000, &|n| format!("envs.k{n} = 1;"))
            ),
        ),
    ];
    for (name, text) in files {
        let (took, read) = read(name, &text);
        assert!(
            took < Duration::from_secs(20),
            "{name} of {} bytes: {took:?}",
            text.len()
        );
        let length = read.err().map_or(0, |message| message.len());
        assert!(length < 50_000, "{name}: {length}");
    }
}

/// What is wrong is told in a length that a terminal bears, without what it would obey.
#[test]
fn messages_are_short_whatever_is_in_the_file() {
    let long = "x".repeat(300_000);
    let texts = [
        (
            "cdk.json",
            format!("{{\"context\":{{\"closedNetworkMode\":\"{long}\"}}}}"),
        ),
        (
            "cdk.json",
            format!("{{\"context\":{{\"closedNetworkMode\":true,\"closedNetwork{long}\":1}}}}"),
        ),
        (
            "cdk.json",
            format!(
                "{{\"context\":{{\"closedNetworkMode\":true,\"closedNetworkVpcId\":\"{long}\"}}}}"
            ),
        ),
        (
            "cdk.json",
            format!("{{\"context\":{{\"env\":\"{long}\",\"closedNetworkMode\":true}}}}"),
        ),
        (
            "cdk.json",
            "{\"context\":{\"closedNetworkMode\":\"\\u001b[2Jx\",\"a\\u001b[2J\":1}}".to_owned(),
        ),
        ("parameter.ts", format!("const envs = {{ a: {long}() }};")),
        (
            "parameter.ts",
            format!("const envs = {{ '{long}': {{ closedNetworkMode: true }} }};"),
        ),
        ("genu.toml", format!("[env.a]\n{long} = 1")),
        (
            "genu.toml",
            format!("[env.a]\nclosedNetworkMode = true\nregion = \"{long}\""),
        ),
    ];
    for (name, text) in texts {
        let (_, read) = read(name, &text);
        let said: Vec<String> = match read {
            Ok(read) => {
                let refused = read.refused.values().map(ToString::to_string);
                let notes = read.written.values().flat_map(|written| &written.notes);
                refused.chain(notes.map(ToString::to_string)).collect()
            }
            Err(message) => vec![message],
        };
        assert!(!said.is_empty(), "{name}");
        for message in said {
            assert!(message.len() < 2_000, "{name}: {}", message.len());
            assert!(!message.contains('\u{1b}'), "{message:?}");
        }
    }
}

/// Pieces of which anything may be put together.
const PIECES: &[&str] = &[
    "const envs = {",
    "a: {",
    "}",
    "},",
    "};",
    "closedNetworkMode: true,",
    "...base,",
    "const base = ",
    "[",
    "]",
    "(",
    ")",
    "envs.a.region = ",
    "'x'",
    "`${base}`",
    ";",
    ",",
    "\n",
    "=>",
    "?",
    ":",
    "base",
    "import x from 'y';",
    "Object.assign(envs, ",
    "delete envs.a;",
    "region,",
    "\"",
    "'",
    "{",
    "1",
    "for (const e of Object.values(envs)) ",
    "enum E { A }",
    "E.A",
    "日本",
    "\\u{",
    "/*",
    "*/",
    "//",
    "as const",
    "{\"context\": {",
    "\"closedNetworkMode\": true",
    "[env.a]\n",
    "closedNetworkMode = true\n",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_that_is_written_makes_it_panic(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60),
        name in prop::sample::select(vec!["parameter.ts", "cdk.json", "genu.toml"]),
    ) {
        let (took, read) = read(name, &pieces.concat());
        prop_assert!(took < Duration::from_secs(5));
        if let Err(message) = read {
            prop_assert!(!message.contains("a fault of genu-deploy"), "{}", message);
        }
    }

    /// An environment that is read is read the same beside one that cannot be, wherever that stands.
    #[test]
    fn a_neighbour_spoils_nothing(
        other in prop::sample::select(vec![
            "process.env.X", "f()", "{ ...g() }", "{ closedNetworkMode: h }", "a.b.c", "[1]", "null",
            "{ closedNetworkMode: true, closedNetworkVpcIpv4Cidr: 'x' }", "() => 1", "new X()",
        ]),
        first in any::<bool>(),
        octet in 0u8..=255,
    ) {
        let one = format!("one: {{ closedNetworkMode: true, closedNetworkVpcIpv4Cidr: '10.{octet}.0.0/16' }},");
        let other = format!("other: {other},");
        let both = if first { one.clone() + &other } else { other + &one };
        let (_, alone) = read("parameter.ts", &format!("const envs = {{ {one} }};"));
        let (_, beside) = read("parameter.ts", &format!("const envs = {{ {both} }};"));
        let (alone, beside) = (alone.unwrap(), beside.unwrap());
        prop_assert_eq!(alone.environments.get("one"), beside.environments.get("one"));
        prop_assert!(beside.environments.contains_key("one"));
        let told = beside.refused.contains_key("other") || beside.open.contains(&"other".to_owned());
        prop_assert!(told, "{:?}", beside);
    }
}

/// A folder is no file, and nothing is read from it.
#[test]
fn a_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let named = folder.path().join("cdk.json");
    std::fs::create_dir(&named).unwrap();
    let refused = config::load(Path::new(&named)).unwrap_err().to_string();
    assert!(refused.contains("no regular file"), "{refused}");
}
