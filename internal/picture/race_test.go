//go:build race

package picture_test

// raced says that the race detector is built in: a child then needs many times
// its memory, and what is told of memory says nothing of the product.
const raced = true
