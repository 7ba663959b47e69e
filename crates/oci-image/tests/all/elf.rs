//! The smallest ELF files that say something, written by hand. They have no section headers.

/// Where the file is loaded.
const BASE: u64 = 0x40_0000;

/// `exit(0)` on x86-64.
const EXIT: &[u8] = b"\x31\xff\xb8\x3c\x00\x00\x00\x0f\x05";

pub(crate) const X86_64: u16 = 62;
pub(crate) const AARCH64: u16 = 183;
pub(crate) const EXEC: u16 = 2;
pub(crate) const DYN: u16 = 3;

pub(crate) const NEEDED: u64 = 1;
pub(crate) const STRTAB: u64 = 5;
pub(crate) const STRSZ: u64 = 10;
pub(crate) const FLAGS_1: u64 = 0x6fff_fffb;
pub(crate) const PIE: u64 = 0x0800_0000;

/// A program of one loaded segment.
#[derive(Debug, Clone)]
pub(crate) struct Elf {
    pub(crate) machine: u16,
    pub(crate) kind: u16,
    /// Flags of the loaded segment: 5 is read and execute.
    pub(crate) flags: u32,
    /// `DT_FLAGS_1`, where there is a dynamic table at all.
    pub(crate) flags_1: Option<u64>,
    pub(crate) libraries: Vec<&'static str>,
    pub(crate) interpreter: Option<&'static str>,
    pub(crate) code: Vec<u8>,
}

impl Default for Elf {
    fn default() -> Self {
        Self {
            machine: X86_64,
            kind: EXEC,
            flags: 5,
            flags_1: None,
            libraries: Vec::new(),
            interpreter: None,
            code: EXIT.to_vec(),
        }
    }
}

impl Elf {
    pub(crate) fn pie() -> Self {
        Self {
            kind: DYN,
            flags_1: Some(PIE),
            ..Self::default()
        }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let dynamic = self.flags_1.is_some() || !self.libraries.is_empty();
        let segments = 1 + usize::from(dynamic) + usize::from(self.interpreter.is_some());
        let start = 64 + 56 * segments as u64;

        let strings: Vec<u8> = self
            .libraries
            .iter()
            .flat_map(|name| [name.as_bytes(), b"\0"].concat())
            .collect();
        let table = if dynamic {
            self.table(start, strings.len() as u64)
        } else {
            Vec::new()
        };
        let interpreter: Vec<u8> = self
            .interpreter
            .map(|path| [path.as_bytes(), b"\0"].concat())
            .unwrap_or_default();
        let after_table = start + table.len() as u64 + strings.len() as u64;
        let entry = after_table + interpreter.len() as u64;
        let end = entry + self.code.len() as u64;

        let mut file = self.header(BASE + entry, segments);
        file.extend(segment(1, self.flags, 0, end));
        if dynamic {
            file.extend(segment(2, 4, start, table.len() as u64));
        }
        if self.interpreter.is_some() {
            file.extend(segment(3, 4, after_table, interpreter.len() as u64));
        }
        [file, table, strings, interpreter, self.code.clone()].concat()
    }

    fn table(&self, start: u64, strings: u64) -> Vec<u8> {
        let mut entries: Vec<(u64, u64)> = Vec::new();
        let mut at = 0;
        for library in &self.libraries {
            entries.push((NEEDED, at));
            at += library.len() as u64 + 1;
        }
        entries.extend(self.flags_1.map(|flags| (FLAGS_1, flags)));
        let own = 16 * (entries.len() as u64 + 3);
        entries.extend([(STRTAB, BASE + start + own), (STRSZ, strings), (0, 0)]);
        entries
            .iter()
            .flat_map(|(tag, value)| [tag.to_le_bytes(), value.to_le_bytes()].concat())
            .collect()
    }

    fn header(&self, entry: u64, segments: usize) -> Vec<u8> {
        let mut header = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
        header.extend([self.kind, self.machine].map(u16::to_le_bytes).concat());
        header.extend(1_u32.to_le_bytes());
        header.extend([entry, 64, 0].map(u64::to_le_bytes).concat());
        header.extend(0_u32.to_le_bytes());
        let count = u16::try_from(segments).unwrap();
        header.extend([64, 56, count, 64, 0, 0].map(u16::to_le_bytes).concat());
        header
    }
}

fn segment(kind: u32, flags: u32, offset: u64, size: u64) -> Vec<u8> {
    let mut segment = [kind, flags].map(u32::to_le_bytes).concat();
    segment.extend(
        [offset, BASE + offset, BASE + offset, size, size, 1]
            .map(u64::to_le_bytes)
            .concat(),
    );
    segment
}
