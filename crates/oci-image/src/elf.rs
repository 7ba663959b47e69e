//! Looks at the binary before it is packed: what would not start in an image without libraries is
//! refused here, not by a task that keeps stopping.
//!
//! Only the segments are believed, as the kernel does: sections may be stripped or wrong.

use object::LittleEndian;
use object::elf::{
    DF_1_PIE, DT_FLAGS_1, DT_NEEDED, DT_STRSZ, DT_STRTAB, Dyn64, ELFOSABI_GNU, ELFOSABI_NONE,
    EM_AARCH64, EM_X86_64, ET_DYN, ET_EXEC, FileHeader64, Machine, PF_X, PT_LOAD, ProgramHeader64,
};
use object::read::StringTable;
use object::read::elf::{Dyn as _, FileHeader as _, ProgramHeader as _};

use crate::{Architecture, Error, NotStatic};

/// Only little-endian files get this far.
const LE: LittleEndian = LittleEndian;

type Header = FileHeader64<LittleEndian>;
type Segment = ProgramHeader64<LittleEndian>;
type Entry = Dyn64<LittleEndian>;

/// The architecture of a static Linux program.
pub(crate) fn architecture(file: &[u8]) -> Result<Architecture, Error> {
    identified(file)?;
    let header = Header::parse(file).map_err(malformed)?;
    let architecture = match header.e_machine(LE) {
        EM_X86_64 => Architecture::Amd64,
        EM_AARCH64 => Architecture::Arm64,
        other => return Err(Error::Platform(machine(other))),
    };
    let segments = header.program_headers(LE, file).map_err(malformed)?;
    whole(segments, file)?;
    let dynamic = dynamic(segments, file)?;
    linked_statically(segments, dynamic, file)?;
    program(header, segments, dynamic)?;
    Ok(architecture)
}

/// Checks the first bytes, which tell how to read the rest.
fn identified(file: &[u8]) -> Result<(), Error> {
    let [0x7f, b'E', b'L', b'F', rest @ ..] = file else {
        let script = file.starts_with(b"#!");
        return Err(if script { Error::Script } else { Error::NotElf });
    };
    match rest {
        [1, ..] => Err(Error::Platform("a 32-bit system".into())),
        [2, 2, ..] => Err(Error::Platform("a big-endian machine".into())),
        [2, 1, _, abi, ..] if [ELFOSABI_NONE.0, ELFOSABI_GNU.0].contains(abi) => Ok(()),
        [2, 1, _, abi, ..] => Err(Error::Platform(format!(
            "another system (ELF OS ABI {abi})"
        ))),
        _ => Err(Error::Malformed(
            "its identification is cut short or unknown".into(),
        )),
    }
}

/// Every byte that the kernel maps is there.
fn whole(segments: &[Segment], file: &[u8]) -> Result<(), Error> {
    for segment in segments {
        let (offset, size) = segment.file_range(LE);
        let end = offset.checked_add(size);
        if end.is_none_or(|end| end > file.len() as u64) {
            let have = file.len();
            return Err(Error::Malformed(format!(
                "it has {have} bytes and a segment of {size} bytes at {offset}; it was cut short"
            )));
        }
    }
    Ok(())
}

/// The table meant for the dynamic loader, up to its end.
fn dynamic<'f>(segments: &[Segment], file: &'f [u8]) -> Result<&'f [Entry], Error> {
    for segment in segments {
        if let Some(table) = segment.dynamic(LE, file).map_err(malformed)? {
            let end = table.iter().position(|entry| entry.tag(LE).0 == 0);
            return Ok(&table[..end.unwrap_or(table.len())]);
        }
    }
    Ok(&[])
}

fn linked_statically(segments: &[Segment], table: &[Entry], file: &[u8]) -> Result<(), Error> {
    let needed = table.iter().filter(|entry| entry.tag(LE) == DT_NEEDED);
    let libraries: Vec<String> = needed
        .map(|entry| string(segments, table, file, entry))
        .collect();
    let mut interpreter = None;
    for segment in segments {
        if let Some(path) = segment.interpreter(LE, file).map_err(malformed)? {
            interpreter = Some(String::from_utf8_lossy(path).into_owned());
        }
    }
    if libraries.is_empty() && interpreter.is_none() {
        return Ok(());
    }
    Err(Error::Dynamic(NotStatic {
        libraries,
        interpreter,
    }))
}

/// The text that an entry points to; where there is none, the entry still counts.
fn string(segments: &[Segment], table: &[Entry], file: &[u8], entry: &Entry) -> String {
    let value = |tag| {
        table
            .iter()
            .find(|entry| entry.tag(LE) == tag)
            .map(|entry| entry.val(LE))
    };
    let text = || {
        let (start, size) = (value(DT_STRTAB)?, value(DT_STRSZ)?);
        let mut loaded = segments
            .iter()
            .filter(|segment| segment.p_type(LE) == PT_LOAD);
        let strings =
            loaded.find_map(|segment| segment.data_range(LE, file, start, size).ok().flatten())?;
        let strings = StringTable::new(strings, 0, strings.len() as u64);
        let text = strings.get(entry.val32(LE)?).ok()?;
        Some(String::from_utf8_lossy(text).into_owned())
    };
    text().unwrap_or_else(|| "a library without a name".into())
}

/// A program is told from a library by its entry point and, where it may be loaded anywhere, by the
/// linker's word.
fn program(header: &Header, segments: &[Segment], table: &[Entry]) -> Result<(), Error> {
    match header.e_type(LE) {
        ET_EXEC => {}
        ET_DYN => {
            let mut flags = table.iter().filter(|entry| entry.tag(LE) == DT_FLAGS_1);
            if !flags.any(|entry| entry.val(LE) & DF_1_PIE.0 != 0) {
                return Err(Error::NotProgram("it is a shared library"));
            }
        }
        _ => return Err(Error::NotProgram("it is an object file or a core dump")),
    }
    let entry = header.e_entry(LE);
    let starts = segments.iter().any(|segment| {
        let from = segment.p_vaddr(LE);
        segment.p_type(LE) == PT_LOAD
            && segment.p_flags(LE).contains(PF_X)
            && (from..from.saturating_add(segment.p_filesz(LE))).contains(&entry)
    });
    starts
        .then_some(())
        .ok_or(Error::NotProgram("it has no entry point in its code"))
}

fn machine(machine: Machine) -> String {
    format!("another machine (ELF machine {})", machine.0)
}

fn malformed(why: object::Error) -> Error {
    Error::Malformed(why.to_string())
}
