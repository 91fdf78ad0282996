// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// words are those of one line, taken from the front. The first that is not as it should be is in err; what is taken
// after that is zero.
type words struct {
	rest []string
	err  error
}

func (w *words) next() string {
	if len(w.rest) == 0 {
		w.fail(errors.New("a word is missing"))
		return ""
	}
	word := w.rest[0]
	w.rest = w.rest[1:]
	return word
}

func (w *words) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// end is the error of the whole line.
func (w *words) end() error {
	if w.err == nil && len(w.rest) != 0 {
		return fmt.Errorf("%q is one word too many", w.rest[0])
	}
	return w.err
}

func (w *words) number(most uint64) uint64 {
	word := w.next()
	if w.err != nil {
		return 0
	}
	value, err := strconv.ParseUint(word, 10, 64)
	w.fail(err)
	if value > most {
		w.fail(fmt.Errorf("%s is more than %d", word, most))
	}
	return value
}

func (w *words) uint64() uint64 { return w.number(math.MaxUint64) }

func (w *words) yes() bool { return w.number(1) != 0 }

func (w *words) int32() int32 {
	word := w.next()
	if w.err != nil {
		return 0
	}
	value, err := strconv.ParseInt(word, 10, 32)
	w.fail(err)
	return int32(value)
}

// details takes numbers joined by commas, or a dash for none.
func (w *words) details() []int32 {
	word := w.next()
	if w.err != nil || word == "-" {
		return nil
	}
	var details []int32
	for _, number := range strings.Split(word, ",") {
		detail, err := strconv.ParseInt(number, 10, 32)
		w.fail(err)
		details = append(details, int32(detail))
	}
	return details
}

// text takes a string: an equals sign and its bytes, those that are not plain as %XX.
func (w *words) text() string {
	word, found := strings.CutPrefix(w.next(), "=")
	if w.err != nil {
		return ""
	}
	if !found {
		w.fail(fmt.Errorf("%q is no string: it does not begin with =", word))
		return ""
	}
	var text strings.Builder
	for i := 0; i < len(word); i++ {
		if word[i] != '%' {
			text.WriteByte(word[i])
			continue
		}
		if i+2 >= len(word) {
			w.fail(fmt.Errorf("%q ends in the middle of a byte", word))
			return ""
		}
		value, err := strconv.ParseUint(word[i+1:i+3], 16, 8)
		w.fail(err)
		text.WriteByte(byte(value))
		i += 2
	}
	return text.String()
}

// textWord is the word that a string is written as.
func textWord(text string) string {
	word := strings.Builder{}
	word.Grow(len(text) + 1)
	word.WriteByte('=')
	for i := 0; i < len(text); i++ {
		if isPlain(text[i]) {
			word.WriteByte(text[i])
		} else {
			fmt.Fprintf(&word, "%%%02X", text[i])
		}
	}
	return word.String()
}

func isPlain(b byte) bool {
	return 'A' <= b && b <= 'Z' || 'a' <= b && b <= 'z' || '0' <= b && b <= '9' || b == '_' || b == '.' || b == '-'
}

func detailsWord(details []int32) string {
	if len(details) == 0 {
		return "-"
	}
	var numbers []string
	for _, detail := range details {
		numbers = append(numbers, strconv.FormatInt(int64(detail), 10))
	}
	return strings.Join(numbers, ",")
}
