package text_test

import (
	"testing"

	"zoeklicht/internal/text"
)

func TestHidden(t *testing.T) {
	t.Parallel()
	for _, r := range []rune{
		0, '\n', '\t', '\r', 0x1b, 0x7f, 0x85, 0x9b, // controls
		0xad, 0x61c, 0x180e, 0x200b, 0x200e, 0x200f, 0x202a, 0x202e, 0x2060, 0x2064, 0x2066, 0x206f, 0xfeff, // direction, no width
		0x2028, 0x2029, 0xfff9, 0xfffb, 0xe0001, 0xe0041, 0xe007f, // separators, annotations, tags
		0x34f, 0x115f, 0x1160, 0x2800, 0x3164, 0xffa0, // blanks
	} {
		if !text.Hidden(r) {
			t.Errorf("U+%04X is seen", r)
		}
	}
	for _, r := range []rune{
		' ', 'a', '~', 0xa0, 'é', 'ж', '中', '😀', 0xfffd,
		0x200c, 0x200d, 0xfe0f, 0xe0100, // joiners and selectors
		0x301, 0x20e3, // marks
		0x600, 0x6dd, // signs of Arabic that are seen, though their class is that of controls
	} {
		if text.Hidden(r) {
			t.Errorf("U+%04X is hidden", r)
		}
	}
}
