package practice

// places are names of Dutch municipalities. Their number is prime, so that
// stepping through them by any step visits all before one returns.
var places = [...]string{
	"Alkmaar", "Almelo", "Almere", "Amersfoort", "Amstelveen", "Amsterdam", "Apeldoorn", "Arnhem",
	"Assen", "Bergen op Zoom", "Breda", "Delft", "Den Helder", "Deventer", "Doetinchem", "Dordrecht",
	"Drachten", "Ede", "Eindhoven", "Emmen", "Enschede", "Goes", "Gouda", "Groningen",
	"Haarlem", "Heerenveen", "Heerlen", "Helmond", "Hengelo", "'s-Hertogenbosch", "Hilversum", "Hoorn",
	"Leeuwarden", "Leiden", "Lelystad", "Maastricht", "Middelburg", "Nijmegen", "Oss", "Purmerend",
	"Roermond", "Roosendaal", "Rotterdam", "Sittard", "Sneek", "Tiel", "Tilburg", "Utrecht",
	"Venlo", "Vlissingen", "Zaandam", "Zutphen", "Zwolle",
}
