package main

import (
	"context"

	"zoeklicht/internal/cli"
)

const verifyUsage = `PACKAGE [--policy FILE] [--json]

Checks an evidence package: a line for each check, exit 0 only if all hold. It needs no installation and no network.
FILE is the policy that was deposited with a court or a notary before the package was made: which logs, witnesses,
authorities and signatures to believe. Without it the policy in the package is taken, which only shows that the
package agrees with itself. A package for a recipient is decrypted first, by the recipient, with age.`

// runVerify is the verb verify.
func runVerify(ctx context.Context, c *call) error {
	asJSON := c.asJSON()
	policy := c.flags.String("policy", "", "the policy file that was deposited")
	if err := c.begin(1, 1); err != nil {
		return err
	}
	v := &cli.Verify{Package: c.args[0]}
	if *policy != "" {
		var err error
		if v.Policy, err = cli.ReadFile(*policy); err != nil {
			return err
		}
	}
	return v.Run(ctx, c.out(*asJSON, nil))
}
