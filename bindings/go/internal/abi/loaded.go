// SPDX-License-Identifier: Apache-2.0

//go:build cgo && linux && lkstats_dlopen

package abi

/*
#cgo LDFLAGS: -ldl
#include "shim.h"

#include <dlfcn.h>
#include <stdio.h>

enum { LKSTATS_GO_LOADED, LKSTATS_GO_NO_LIBRARY, LKSTATS_GO_NO_SYMBOL, LKSTATS_GO_UNUSABLE };

// dlerror is the thread's, so its sentence is taken in the same call.
static int load(const char *path, uint32_t *version, char *error, size_t capacity) {
    lkstats_status_t (*get_api)(uint32_t, const lkstats_api_t **) = NULL;
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);

    if (library == NULL) {
        const char *why = dlerror();
        snprintf(error, capacity, "%s", why != NULL ? why : "dlopen failed");
        return LKSTATS_GO_NO_LIBRARY;
    }
    *(void **)&get_api = dlsym(library, "lkstats_get_api");
    if (get_api == NULL) {
        dlclose(library);
        return LKSTATS_GO_NO_SYMBOL;
    }
    return lkstats_go_use(get_api, version) == LKSTATS_OK ? LKSTATS_GO_LOADED : LKSTATS_GO_UNUSABLE;
}
*/
import "C"

import (
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"
)

// DefaultPath is what is loaded when nobody says otherwise.
const DefaultPath = "liblkstats.so.0"

var (
	loading sync.Mutex
	loaded  atomic.Pointer[string]
)

// Use makes the library ready for the calls.
func Use() error {
	if loaded.Load() != nil {
		return nil
	}
	loading.Lock()
	defer loading.Unlock()
	if loaded.Load() != nil {
		return nil
	}
	return load(DefaultPath)
}

// Load does the same with the library at path, or where the loader finds it when path has no slash.
func Load(path string) error {
	loading.Lock()
	defer loading.Unlock()
	if before := loaded.Load(); before != nil {
		if *before == path {
			return nil
		}
		return LoadArgumentError(*before + " is in use already, for as long as the process lives; call Load before anything else")
	}
	return load(path)
}

func load(path string) error {
	if path == "" || strings.IndexByte(path, 0) >= 0 {
		return LoadArgumentError("the path is empty or has a NUL; give the library's file, or " + DefaultPath)
	}
	var version C.uint32_t
	var why [1024]byte
	name := append([]byte(path), 0)
	result := C.load((*C.char)(unsafe.Pointer(&name[0])), &version, (*C.char)(unsafe.Pointer(&why[0])), C.size_t(len(why)))
	switch result {
	case C.LKSTATS_GO_LOADED:
		useSlots()
		loaded.Store(&path)
		return nil
	case C.LKSTATS_GO_NO_LIBRARY:
		return NoLibraryError(C.GoString((*C.char)(unsafe.Pointer(&why[0]))) + "; install lkstats, or call Load with the path of its shared library")
	case C.LKSTATS_GO_NO_SYMBOL:
		return NoLibraryError(path + " is not lkstats: it has no lkstats_get_api; give the path of " + DefaultPath)
	}
	return unusable(path, uint32(version))
}
