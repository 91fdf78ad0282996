// SPDX-License-Identifier: Apache-2.0
//! The library in use: found once, and never let go.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use lkstats_sys as sys;

use super::find::{dotted, find, DEFAULT_NAME};
use crate::{Error, LoadError, Result};

/// A library that passed the check. It stays in the process, so all that it points to does.
pub(super) struct Library {
    pub(super) api: &'static sys::lkstats_api_t,
    /// What the inlined add works on; `None` where the library's slots look different.
    pub(super) slab: Option<sys::lkstats_slab_t>,
    #[cfg_attr(not(feature = "dlopen"), allow(dead_code))]
    pub(super) name: PathBuf,
}

// SAFETY: the table is constant, its functions may be called from any thread, and the anchor that
// slab points to is only read, atomically.
unsafe impl Send for Library {}
// SAFETY: as above.
unsafe impl Sync for Library {}

static LIBRARY: OnceLock<Library> = OnceLock::new();
/// Why the last look for it was in vain. Held while looking.
static FAILURE: Mutex<Option<LoadError>> = Mutex::new(None);

/// The library, looked for where nobody has yet.
#[inline]
pub(super) fn library() -> Result<&'static Library> {
    match LIBRARY.get() {
        Some(library) => Ok(library),
        None => first_use(),
    }
}

#[cold]
fn first_use() -> Result<&'static Library> {
    look(Path::new(DEFAULT_NAME)).map_err(|_| Error::Unavailable)
}

fn look(name: &Path) -> std::result::Result<&'static Library, LoadError> {
    let mut failure = FAILURE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(library) = LIBRARY.get() {
        return Ok(library); // of another thread, or of another name
    }
    match find(name) {
        Ok(library) => {
            *failure = None;
            Ok(LIBRARY.get_or_init(|| library))
        }
        Err(error) => {
            *failure = Some(error.clone());
            Err(error)
        }
    }
}

pub(crate) fn why_unavailable() -> Option<LoadError> {
    FAILURE
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
}

/// The version of the library in use, "0.1.0". Fails with [`Error::Unavailable`].
pub fn version() -> Result<String> {
    library().map(|library| dotted(library.api.version))
}

/// Loads the library from that file. Without this call "liblkstats.so.0", as the dynamic loader
/// finds it, is loaded when it is first needed. Loading a file runs its code: name one that you
/// trust. It is never unloaded.
///
/// Fails where the file is not there, is not lkstats, or is older than this crate; then another may
/// be tried. Once a library is in use only the name that it was loaded by is accepted.
#[cfg(feature = "dlopen")]
pub fn load(path: impl AsRef<Path>) -> std::result::Result<(), LoadError> {
    let path = path.as_ref();
    let library = look(path)?;
    if library.name == path {
        return Ok(());
    }
    Err(LoadError::new(format!(
        "{} is in use already, {} comes too late: call lkstats::load before anything else",
        library.name.display(),
        path.display()
    )))
}
