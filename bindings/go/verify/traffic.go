// SPDX-License-Identifier: Apache-2.0

package verify

func (t Traffic) none() bool { return t == Traffic{} }

func (t Traffic) atMost(most Traffic) bool {
	return t.SendBytes <= most.SendBytes && t.SendMessages <= most.SendMessages &&
		t.RecvBytes <= most.RecvBytes && t.RecvMessages <= most.RecvMessages
}

func (t Traffic) less(part Traffic) Traffic {
	return Traffic{t.SendBytes - part.SendBytes, t.SendMessages - part.SendMessages,
		t.RecvBytes - part.RecvBytes, t.RecvMessages - part.RecvMessages}
}

// The sum, where that is no more than most, as t is.
func (t Traffic) plus(more, most Traffic) Traffic {
	return Traffic{
		t.SendBytes + min(more.SendBytes, most.SendBytes-t.SendBytes),
		t.SendMessages + min(more.SendMessages, most.SendMessages-t.SendMessages),
		t.RecvBytes + min(more.RecvBytes, most.RecvBytes-t.RecvBytes),
		t.RecvMessages + min(more.RecvMessages, most.RecvMessages-t.RecvMessages),
	}
}
