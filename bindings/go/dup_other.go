// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package lkstats

import "errors"

func dupAbove(int) (int, error) { return -1, errors.ErrUnsupported }
