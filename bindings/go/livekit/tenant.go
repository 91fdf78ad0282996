// SPDX-License-Identifier: Apache-2.0

package livekit

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// tenantConfig says who pays, as the options file has it.
type tenantConfig struct {
	From         string `yaml:"from"`          // room_name or attribute
	Attribute    string `yaml:"attribute"`     // the participant attribute's name
	PrefixBefore string `yaml:"prefix_before"` // what stands before the first one of these
	Regexp       string `yaml:"regexp"`        // what its first group matches
}

// tenantRule answers who pays; the zero value that nobody is known to.
type tenantRule struct {
	ofRoom    bool
	attribute string
	before    string
	pattern   *regexp.Regexp
}

func (c *tenantConfig) rule() (tenantRule, error) {
	if c == nil {
		return tenantRule{}, nil
	}
	rule := tenantRule{ofRoom: c.From == "room_name", attribute: c.Attribute, before: c.PrefixBefore}
	switch {
	case c.From != "room_name" && c.From != "attribute":
		return tenantRule{}, fmt.Errorf("tenant: from is %q; give room_name or attribute", c.From)
	case rule.ofRoom == (c.Attribute != ""):
		return tenantRule{}, errors.New("tenant: give the attribute's name with from: attribute, and only then")
	case c.PrefixBefore != "" && c.Regexp != "":
		return tenantRule{}, errors.New("tenant: give prefix_before or regexp, not both")
	}
	if c.Regexp != "" {
		pattern, err := regexp.Compile(c.Regexp)
		if err != nil {
			return tenantRule{}, fmt.Errorf("tenant: %w", err)
		}
		if pattern.NumSubexp() == 0 {
			return tenantRule{}, fmt.Errorf("tenant: regexp %q has no group; put the tenant's part in parentheses", c.Regexp)
		}
		rule.pattern = pattern
	}
	return rule, nil
}

func (r *tenantRule) room(name string) string {
	if !r.ofRoom {
		return ""
	}
	return r.of(name)
}

func (r *tenantRule) participant(attributes map[string]string) string {
	if r.attribute == "" {
		return ""
	}
	return r.of(attributes[r.attribute])
}

// of is nobody where the text is not of that form, or the name is too long: a wrong bill is worse than none.
func (r *tenantRule) of(text string) string {
	tenant := r.within(text)
	if fitting(tenant) != tenant {
		return ""
	}
	return tenant
}

func (r *tenantRule) within(text string) string {
	switch {
	case r.pattern != nil:
		if found := r.pattern.FindStringSubmatch(text); found != nil {
			return found[1]
		}
		return ""
	case r.before != "":
		tenant, _, found := strings.Cut(text, r.before)
		if !found {
			return ""
		}
		return tenant
	}
	return text
}
