// SPDX-License-Identifier: Apache-2.0
//! Where the library comes from, and whether it is one for this crate.

use std::mem::size_of;
use std::path::Path;
use std::ptr;

use lkstats_sys as sys;

use super::library::Library;
use crate::LoadError;

type Found = std::result::Result<Library, LoadError>;
type GetApi = unsafe extern "C" fn(u32, *mut *const sys::lkstats_api_t) -> sys::lkstats_status_t;

const NEEDED: u32 =
    sys::LKSTATS_VERSION_MAJOR << 16 | sys::LKSTATS_VERSION_MINOR << 8 | sys::LKSTATS_VERSION_PATCH;

#[cfg(feature = "dlopen")]
pub(super) const DEFAULT_NAME: &str = "liblkstats.so.0";
#[cfg(not(feature = "dlopen"))]
pub(super) const DEFAULT_NAME: &str = "the lkstats that this program is linked with";

#[cfg(feature = "dlopen")]
pub(super) fn find(name: &Path) -> Found {
    use libloading::os::unix::{Library as Loaded, RTLD_LOCAL, RTLD_NOW};

    let shown = name.display();
    // SAFETY: what the file does when it is loaded is for its caller, who named it; lkstats does
    // nothing.
    let loaded = unsafe { Loaded::open(Some(name), RTLD_NOW | RTLD_LOCAL) }.map_err(|error| {
        LoadError::new(format!(
            "can't load {shown}: {error}; install lkstats, or give lkstats::load the path of \
             liblkstats.so.0"
        ))
    })?;
    // SAFETY: the symbol has that type in every release.
    let Ok(get_api) = (unsafe { loaded.get::<GetApi>(b"lkstats_get_api\0") }) else {
        return Err(LoadError::new(format!(
            "{shown} is not lkstats, it has no lkstats_get_api: give lkstats::load the path of \
             liblkstats.so.0"
        )));
    };
    let library = check(*get_api, name)?;
    std::mem::forget(loaded); // it stays
    Ok(library)
}

#[cfg(not(feature = "dlopen"))]
pub(super) fn find(name: &Path) -> Found {
    check(sys::lkstats_get_api, name)
}

pub(super) fn check(get_api: GetApi, name: &Path) -> Found {
    let shown = name.display();
    let mut table = ptr::null();
    // SAFETY: the table's place can be written.
    let status = unsafe { get_api(sys::LKSTATS_API_VERSION, &mut table) };
    if status != sys::LKSTATS_OK || table.is_null() {
        return Err(LoadError::new(format!(
            "{shown} has no function table of version {}, which this program needs: install \
             lkstats {}",
            sys::LKSTATS_API_VERSION,
            dotted(NEEDED)
        )));
    }
    // SAFETY: every table lives as long as the process and begins with its size and the version,
    // whatever else there is.
    let (size, version) = unsafe {
        (
            (&raw const (*table).struct_size).read(),
            (&raw const (*table).version).read(),
        )
    };
    if (size as usize) < size_of::<sys::lkstats_api_t>() {
        return Err(LoadError::new(format!(
            "{shown} is lkstats {}, this program was built for {}: install that or a newer one",
            dotted(version),
            dotted(NEEDED)
        )));
    }
    // SAFETY: it is as long as this crate's, lives as long as the process and never changes.
    let api = unsafe { &*table };
    Ok(Library {
        api,
        slab: attach(api),
        name: name.to_owned(),
    })
}

fn attach(api: &sys::lkstats_api_t) -> Option<sys::lkstats_slab_t> {
    let mut slab = sys::lkstats_slab_t {
        struct_size: size_of::<sys::lkstats_slab_t>() as u32,
        ..Default::default()
    };
    // SAFETY: slab can be written and says how long it is.
    let status = unsafe { api.slab_attach?(sys::LKSTATS_SLAB_VERSION, &mut slab) };
    (status == sys::LKSTATS_OK && !slab.anchor.is_null()).then_some(slab)
}

pub(super) fn dotted(version: u32) -> String {
    format!(
        "{}.{}.{}",
        version >> 16,
        version >> 8 & 0xff,
        version & 0xff
    )
}
