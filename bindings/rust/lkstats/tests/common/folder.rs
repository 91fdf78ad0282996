// SPDX-License-Identifier: Apache-2.0
//! A folder of a test's own.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, process};

/// Goes with what is in it.
pub struct Folder(String);

impl Folder {
    pub fn new() -> Folder {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("lkstats-test-{}-{number}", process::id());
        let path = env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o700)).unwrap();
        Folder(path.to_str().expect("temporary files have a name").into())
    }

    pub fn path(&self) -> &str {
        &self.0
    }

    pub fn let_everybody_write(&self) {
        fs::set_permissions(&self.0, Permissions::from_mode(0o777)).unwrap();
    }

    pub fn files(&self) -> usize {
        fs::read_dir(&self.0).unwrap().count()
    }

    /// Whether a file has the text.
    pub fn has(&self, text: &str) -> bool {
        fs::read_dir(&self.0).unwrap().any(|file| {
            let bytes = fs::read(file.unwrap().path()).unwrap();
            bytes
                .windows(text.len())
                .any(|here| here == text.as_bytes())
        })
    }

    /// Whether its files are memory.
    pub fn is_in_memory(&self) -> bool {
        let path = std::ffi::CString::new(self.path()).unwrap();
        // SAFETY: a plain struct of numbers, for which zeros will do.
        let mut found: libc::statfs = unsafe { std::mem::zeroed() };
        // SAFETY: path ends in NUL, found can be written.
        assert_eq!(unsafe { libc::statfs(path.as_ptr(), &mut found) }, 0);
        found.f_type == libc::TMPFS_MAGIC
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
