// SPDX-License-Identifier: Apache-2.0

package lkstats

import (
	"os"
	"syscall"
)

// socketPair are the two ends of what keeps one message from the next: close-on-exec, and at least 3.
func socketPair() (from *os.File, to int, err error) {
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_SEQPACKET|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, -1, err
	}
	defer syscall.Close(pair[0])
	defer syscall.Close(pair[1])
	reader, err := dupAbove(pair[0])
	if err != nil {
		return nil, -1, err
	}
	if to, err = dupAbove(pair[1]); err != nil {
		syscall.Close(reader)
		return nil, -1, err
	}
	return os.NewFile(uintptr(reader), "lkstats log"), to, nil
}

func closeSocket(fd int) { _ = syscall.Close(fd) }
