//! The web server's image, packed from the binary that is shipped beside this one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use config::Environment;
use oci_image::{Image, Recipe, certificates};
use tokio::sync::OnceCell;

use crate::exit::Failure;

const NAME: &str = "genu-web";
/// Nobody's account on any distribution, and not root's.
const USER: u32 = 65532;

/// Packed once a process, however many environments it looks at.
static PACKED: OnceCell<Arc<Image>> = OnceCell::const_new();

/// The image that the environment's tasks run; none when the user brings one.
pub(crate) async fn packed(
    environment: &Environment,
    binary: Option<&Path>,
) -> Result<Option<Arc<Image>>, Failure> {
    if environment.closed_network_web_image.is_some() {
        return Ok(None);
    }
    let packing = || async { pack(&place(binary)?).await.map(Arc::new) };
    PACKED.get_or_try_init(packing).await.cloned().map(Some)
}

/// Where the web server's binary is, or is to be.
pub(crate) fn place(binary: Option<&Path>) -> Result<PathBuf, Failure> {
    if let Some(binary) = binary {
        return Ok(binary.to_owned());
    }
    let here = std::env::current_exe()
        .map_err(|e| Failure::new(format!("cannot tell where this program is: {e}")))?;
    // A link to this program has nothing beside it.
    let here = here.canonicalize().unwrap_or(here);
    Ok(here.with_file_name(NAME))
}

/// Packs a binary. Compressing takes some tenths of a second, and a thread of its own.
pub(crate) async fn pack(binary: &Path) -> Result<Image, Failure> {
    let at = binary.display().to_string();
    let bytes = tokio::fs::read(binary).await.map_err(|e| {
        Failure::invalid(format!("cannot read the web server's binary {at}: {e}"))
            .hint("put genu-web beside genu-deploy, name it with --web-binary, or set closedNetworkWebImage")
    })?;
    let packing = tokio::task::spawn_blocking(move || oci_image::build(&recipe(bytes)));
    let packed = packing
        .await
        .map_err(|e| Failure::new(format!("packing {at} ended: {e}")))?;
    packed.map_err(|e| {
        Failure::invalid(format!("{at} cannot become the web server's image: {e}"))
            .hint("`cargo xtask dist` builds one that can")
    })
}

fn recipe(binary: Vec<u8>) -> Recipe {
    let variable = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let port = blueprint::PORT.to_string();
    let env = [
        ("PORT", port.as_str()),
        // glibc's allocator else keeps a third more than is used.
        ("MALLOC_ARENA_MAX", "1"),
        ("MALLOC_MMAP_THRESHOLD_", "65536"),
    ];
    Recipe {
        binary,
        name: NAME.into(),
        version: env!("CARGO_PKG_VERSION").into(),
        certificates: certificates().into_bytes(),
        port: blueprint::PORT,
        user: USER,
        env: env.map(variable).into(),
        labels: BTreeMap::new(),
    }
}
