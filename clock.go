package zoeklicht

import "time"

// Clock tells the time. Rooms take one instead of calling time.Now, because the
// practice theme lives on a simulated clock and tests on a fixed one.
type Clock func() time.Time

// Seq numbers the commits of a theme's database. Commit order is seq order, so
// "as of" a seq means "knowing what had been committed by then", for ever.
type Seq int64
