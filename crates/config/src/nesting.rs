//! Reading TypeScript goes as deep as the text is nested, and so does the parser, without a limit of
//! its own. Here is one, and a stack that suffices for it.

use std::thread;

/// How often a text may do what can nest. GenU's own `parameter.ts` does it a hundred times.
const MAX: usize = 20_000;

/// How many `<` a text may have: each may begin a list of types or a comparison, which the parser
/// tries one after the other, again for all that are inside.
const MAX_ANGLES: usize = 500;

/// Bytes of stack that one level takes at most, in a build without optimisation: held by a test that
/// nests everything that can be nested.
const LEVEL: usize = 32 * 1024;

/// Bytes of stack beside the levels.
const BASE: usize = 4 << 20;

/// Characters that can begin a level. Those in texts and comments are counted, too: to tell them
/// apart one would have to parse.
const CHARACTERS: &[u8] = b"([{<-+!~?:=.*/%&|^@`$#";

/// Words that can begin a level without any such character.
const WORDS: &[&str] = &[
    "abstract",
    "accessor",
    "any",
    "as",
    "asserts",
    "async",
    "await",
    "case",
    "class",
    "const",
    "declare",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "export",
    "extends",
    "finally",
    "for",
    "function",
    "global",
    "if",
    "implements",
    "import",
    "in",
    "infer",
    "instanceof",
    "interface",
    "is",
    "keyof",
    "let",
    "module",
    "namespace",
    "new",
    "of",
    "out",
    "override",
    "private",
    "protected",
    "public",
    "readonly",
    "return",
    "satisfies",
    "static",
    "switch",
    "throw",
    "try",
    "type",
    "typeof",
    "unique",
    "using",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

/// At most how deep a text can be nested.
fn levels(text: &str) -> usize {
    let characters = text.bytes().filter(|byte| CHARACTERS.contains(byte));
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let words = words.filter(|word| WORDS.binary_search(word).is_ok());
    characters.count() + words.count()
}

/// Does what goes as deep as `text` is nested.
///
/// # Errors
/// The text is nested too deeply to be read, or the machine has no room for the stack.
pub(crate) fn with_stack_for<T: Send>(
    text: &str,
    read: impl FnOnce() -> T + Send,
) -> Result<T, String> {
    let levels = levels(text);
    let angles = text.bytes().filter(|byte| *byte == b'<').count();
    if levels > MAX || angles > MAX_ANGLES {
        return Err(format!(
            "has more than {MAX} brackets, operators and words of TypeScript, or {MAX_ANGLES} `<`, which no parameters need; is it the right file?"
        ));
    }
    thread::scope(|scope| {
        let started = thread::Builder::new()
            .name("reader".into())
            .stack_size(BASE + levels * LEVEL)
            .spawn_scoped(scope, read);
        let reading =
            started.map_err(|e| format!("cannot be read, no thread can be started: {e}"))?;
        reading.join().map_err(|_| {
            "cannot be read: the parser failed on it; this is a fault of genu-deploy".into()
        })
    })
}
