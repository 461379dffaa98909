using System.Globalization;
using Serverless.Models;

namespace Serverless.Explanations.Sentences;

/// <summary>
/// French. A label of the contract is written with its article ("la distance", "les précipitations"); without a label a column is named in quotation marks, since its gender is not known.
/// Thousands, per cent, quotation marks and double punctuation have a narrow no-break space (Lexique des règles typographiques en usage à l'Imprimerie nationale).
/// </summary>
internal sealed class FrenchSentences : ISentenceLanguage
{
    private const string Thin = "\u202F";

    private static readonly string[] Days = ["dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"];

    private static readonly string[] Months = ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"];

    public string Code => "fr";

    public string Write(SentenceFacts facts)
    {
        if (facts.For.Count == 0 || Unmoved(facts)) return $"Au total, rien ne fait bouger le modèle{Thin}: {What(facts, "il")}.";
        var what = What(facts, "le modèle");
        var against = facts.Against.Count == 0 ? "" : $"{Thin}; en sens contraire, {Clause(facts.Against[0])}";
        var clauses = facts.For.Select(r => Que(Clause(r))).ToArray();
        return $"Parce {List(clauses)}, {what}{against}.";
    }

    private static bool Unmoved(SentenceFacts facts) => facts.Task switch
    {
        TaskKind.Regression => Number(facts.BaselineAnswer) == Number(facts.Answer),
        TaskKind.Binary => Percent(facts.BaselineAnswer) == Percent(facts.Answer),
        _ => false,
    };

    private string What(SentenceFacts facts, string model)
    {
        if (facts.Task == TaskKind.Regression)
        {
            var (from, to) = (Quantity(facts.BaselineAnswer, null), Quantity(facts.Answer, facts.Outcome.Unit));
            var target = facts.Outcome.Phrase(Code) ?? Quoted(facts.Outcome.Text);
            return from == Quantity(facts.Answer, null) ? $"{model} laisse à {to} son estimation pour {target}"
                : $"{model} {(facts.Answer > facts.BaselineAnswer ? "relève" : "abaisse")} de {from} à {to} son estimation pour {target}";
        }

        var (before, after) = (Percent(facts.BaselineAnswer), Percent(facts.Answer));
        if (facts.Task == TaskKind.Multiclass)
        {
            var given = $"avec une probabilité de {after}";
            return facts.IsPredicted ? $"{model} juge {Quoted(facts.Class!)} le plus vraisemblable, {given}" : $"{model} donne à {Quoted(facts.Class!)} une probabilité de {after}";
        }

        var probability = facts.Outcome.Phrase(Code) is { } phrase ? $"la probabilité {Que(phrase)}"
            : facts.Outcome.IsColumn ? $"la probabilité de {Quoted(facts.Outcome.Text)}" : $"la probabilité que {Quoted(facts.Outcome.Text)}";
        return before == after ? $"{model} laisse {probability} à {after}"
            : $"{model} {(facts.Answer > facts.BaselineAnswer ? "relève" : "abaisse")} de {before} à {after} {probability}";
    }

    private string Clause(Reason reason)
    {
        switch (reason.Part, reason.Value)
        {
            case (TimePart.Hour, double hour): return $"l’heure est {Number(hour)}{Thin}h";
            case (TimePart.DayOfWeek, double day) when day is >= 0 and < 7: return $"le jour de la semaine est {Days[(int)day]}";
            case (TimePart.Month, double month) when month is >= 1 and <= 12: return $"le mois est {Months[(int)month - 1]}";
            case (TimePart.Year, double year): return $"l’année est {((int)year).ToString(CultureInfo.InvariantCulture)}";
            case (TimePart.Day, double day): return $"le jour du mois est {(day == 1 ? "le 1er" : $"le {Number(day)}")}";
        }

        var label = reason.Label(Code);
        var many = label?.StartsWith("les ", StringComparison.Ordinal) == true;
        var name = label ?? Quoted(reason.Name);
        var (equals, amounts) = label is null ? ("vaut", "vaut") : many ? ("sont", "sont de") : ("est", "est de");
        return reason.Value switch
        {
            null => $"{name} {(many ? "manquent" : "manque")}",
            bool yes => $"{name} {(label is null ? "vaut" : many ? "sont" : "est")} {(yes ? "vrai" : "faux")}",
            string text => $"{name} {(text.Length == 0 ? "vaut un texte vide" : $"{equals} {text}")}",
            DateTime time => $"{name} {equals} {(label is null ? "" : "le ")}{Time(time)}",
            _ => $"{name} {amounts} {Quantity(Convert.ToDouble(reason.Value, CultureInfo.InvariantCulture), reason.Unit)}",
        };
    }

    private static string List(string[] clauses) => clauses.Length == 1 ? clauses[0] : $"{string.Join(", ", clauses[..^1])} et {clauses[^1]}";

    /// <summary>"que", with the elision before a vowel.</summary>
    private static string Que(string clause) => clause.Length > 0 && "aeiouâàéèêëîïôöûü".Contains(char.ToLowerInvariant(clause[0]), StringComparison.Ordinal) ? $"qu’{clause}" : $"que {clause}";

    private static string Quoted(string text) => $"«{Thin}{text}{Thin}»";

    private static string Quantity(double value, string? unit) => unit is null ? Number(value) : $"{Number(value)}{Space(unit)}{Units.French(unit, Math.Abs(value) < 2)}";

    // A symbol is tied to its number by a narrow space, a word stands apart.
    private static string Space(string unit) => unit.Length <= 2 || Units.IsJoined(unit) ? Thin : " ";

    private static string Number(double value) => Figures.Number(value, Thin, ",");

    private static string Percent(double share) => share switch
    {
        > 0 and < 0.0005 => $"moins de 0,1{Thin}%",
        < 1 and > 0.9995 => $"plus de 99,9{Thin}%",
        _ => $"{Figures.Percent(share, ",")}{Thin}%",
    };

    private static string Time(DateTime time) =>
        $"{(time.Day == 1 ? "1er" : $"{time.Day}")} {Months[time.Month - 1]} {time.Year}{(time.TimeOfDay == TimeSpan.Zero ? "" : $" à {time.Hour}{Thin}h{Thin}{time.Minute:00}")}";
}
