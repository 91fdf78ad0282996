// SPDX-License-Identifier: Apache-2.0

package lkstats

import "syscall"

// dupAbove duplicates a descriptor: close-on-exec and at least 3.
func dupAbove(fd int) (int, error) {
	dup, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_DUPFD_CLOEXEC, 3)
	if errno != 0 {
		return -1, errno
	}
	return int(dup), nil
}
