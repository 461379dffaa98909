namespace Serverless.Explanations.Sentences;

/// <summary>Units that sentences can put into the singular and into French. A unit that is not known stands as the contract writes it.</summary>
internal static class Units
{
    private static readonly Dictionary<string, (string One, string Many, string Un, string Plusieurs)> Known = Make(
        ("second", "seconds", "seconde", "secondes"), ("minute", "minutes", "minute", "minutes"), ("hour", "hours", "heure", "heures"), ("day", "days", "jour", "jours"),
        ("week", "weeks", "semaine", "semaines"), ("month", "months", "mois", "mois"), ("year", "years", "an", "ans"),
        ("mile", "miles", "mile", "miles"), ("metre", "metres", "mètre", "mètres"), ("meter", "meters", "mètre", "mètres"), ("kilometre", "kilometres", "kilomètre", "kilomètres"),
        ("kilometer", "kilometers", "kilomètre", "kilomètres"), ("foot", "feet", "pied", "pieds"), ("inch", "inches", "pouce", "pouces"),
        ("millimetre", "millimetres", "millimètre", "millimètres"), ("millimeter", "millimeters", "millimètre", "millimètres"), ("centimetre", "centimetres", "centimètre", "centimètres"), ("centimeter", "centimeters", "centimètre", "centimètres"),
        ("gram", "grams", "gramme", "grammes"), ("kilogram", "kilograms", "kilogramme", "kilogrammes"), ("tonne", "tonnes", "tonne", "tonnes"), ("litre", "litres", "litre", "litres"), ("liter", "liters", "litre", "litres"),
        ("euro", "euros", "euro", "euros"), ("dollar", "dollars", "dollar", "dollars"), ("degree", "degrees", "degré", "degrés"), ("person", "people", "personne", "personnes"));

    private static readonly HashSet<string> Joined = new(StringComparer.Ordinal) { "%", "°" };

    public static string English(string unit, bool one) => Known.TryGetValue(unit, out var words) ? one ? words.One : words.Many : unit;

    public static string French(string unit, bool one) => Known.TryGetValue(unit, out var words) ? one ? words.Un : words.Plusieurs : unit;

    /// <summary>Stands right at the number in English: 12%.</summary>
    public static bool IsJoined(string unit) => Joined.Contains(unit);

    private static Dictionary<string, (string, string, string, string)> Make(params (string One, string Many, string Un, string Plusieurs)[] all)
    {
        var known = new Dictionary<string, (string, string, string, string)>(StringComparer.OrdinalIgnoreCase);
        foreach (var unit in all)
        {
            known[unit.One] = unit;
            known[unit.Many] = unit;
        }

        return known;
    }
}
