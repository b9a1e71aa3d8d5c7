// Package practice is the practice web: synthetic sites with synthetic adverts,
// served over real HTTP on loopback, so that the platform's main job can be
// shown, tested and measured without watching anyone.
package practice
