package wording

var unitTexts = map[Key]pair{
	"unit.ms": {"%s\u00a0ms", "%s\u00a0ms"},
}

var unitPlurals = map[Key]plural{
	"unit.seconds": {"%s\u00a0s", "%s\u00a0s", "%s\u00a0s", "%s\u00a0s"},
	"unit.minutes": {"%s\u00a0min", "%s\u00a0min", "%s\u00a0min", "%s\u00a0min"},
	"unit.hours":   {"%s\u00a0uur", "%s\u00a0uur", "%s\u00a0hour", "%s\u00a0hours"},
	"unit.days":    {"%s\u00a0dag", "%s\u00a0dagen", "%s\u00a0day", "%s\u00a0days"},
	"unit.bytes":   {"%s\u00a0byte", "%s\u00a0bytes", "%s\u00a0byte", "%s\u00a0bytes"},
}
