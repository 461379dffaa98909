using System.Globalization;
using Serverless.Models;

namespace Serverless.Explanations.Sentences;

/// <summary>English. Says what moved the model, never what causes the outcome.</summary>
internal sealed class EnglishSentences : ISentenceLanguage
{
    private static readonly string[] Days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

    private static readonly string[] Months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

    public string Code => "en";

    public string Write(SentenceFacts facts)
    {
        if (facts.For.Count == 0 || Unmoved(facts)) return $"All in all nothing moves the model: {What(facts, "it")}.";
        var what = What(facts, "the model");
        var against = facts.Against.Count == 0 ? "" : $"; working the other way, {Clause(facts.Against[0])}";
        return $"Because {List([.. facts.For.Select(Clause)])}, {what}{against}.";
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
            var target = facts.Outcome.Phrase(Code) is { } label ? Article(label) : facts.Outcome.IsColumn ? $"the {facts.Outcome.Text}" : $"‘{facts.Outcome.Text}’";
            return from == Quantity(facts.Answer, null) ? $"{model} leaves its estimate of {target} at {to}"
                : $"{model} {(facts.Answer > facts.BaselineAnswer ? "raises" : "lowers")} its estimate of {target} from {from} to {to}";
        }

        var (before, after) = (Percent(facts.BaselineAnswer), Percent(facts.Answer));
        if (facts.Task == TaskKind.Multiclass)
        {
            return facts.IsPredicted ? $"{model} finds ‘{facts.Class}’ the most likely, with a probability of {after}" : $"{model} gives ‘{facts.Class}’ a probability of {after}";
        }

        var probability = facts.Outcome.Phrase(Code) is { } phrase ? $"the probability that {phrase}"
            : facts.Outcome.IsColumn ? $"the probability of ‘{facts.Outcome.Text}’" : $"the probability that {facts.Outcome.Text}";
        return before == after ? $"{model} leaves {probability} at {after}"
            : $"{model} {(facts.Answer > facts.BaselineAnswer ? "raises" : "lowers")} {probability} from {before} to {after}";
    }

    private string Clause(Reason reason)
    {
        switch (reason.Part, reason.Value)
        {
            case (TimePart.Hour, double hour): return $"the hour is {Number(hour)}";
            case (TimePart.DayOfWeek, double day) when day is >= 0 and < 7: return $"the day of the week is {Days[(int)day]}";
            case (TimePart.Month, double month) when month is >= 1 and <= 12: return $"the month is {Months[(int)month - 1]}";
            case (TimePart.Year, double year): return $"the year is {((int)year).ToString(CultureInfo.InvariantCulture)}";
            case (TimePart.Day, double day): return $"the day of the month is {Number(day)}";
        }

        var name = Article(reason.Label(Code) ?? reason.Name);
        return reason.Value switch
        {
            null => $"{name} is missing",
            bool yes => $"{name} is {(yes ? "true" : "false")}",
            string text => $"{name} is {(text.Length == 0 ? "empty" : text)}",
            DateTime time => $"{name} is {Time(time)}",
            _ => $"{name} is {Quantity(Convert.ToDouble(reason.Value, CultureInfo.InvariantCulture), reason.Unit)}",
        };
    }

    private static string Article(string label) => label.StartsWith("the ", StringComparison.Ordinal) ? label : $"the {label}";

    private static string List(string[] clauses) => clauses.Length == 1 ? clauses[0] : $"{string.Join(", ", clauses[..^1])} and {clauses[^1]}";

    private static string Quantity(double value, string? unit) =>
        unit is null ? Number(value) : $"{Number(value)}{(Units.IsJoined(unit) ? "" : " ")}{Units.English(unit, Math.Abs(value) == 1)}";

    private static string Number(double value) => Figures.Number(value, ",", ".");

    private static string Percent(double share) => share switch
    {
        > 0 and < 0.0005 => "less than 0.1%",
        < 1 and > 0.9995 => "more than 99.9%",
        _ => $"{Figures.Percent(share, ".")}%",
    };

    private static string Time(DateTime time) =>
        $"{time.Day} {Months[time.Month - 1]} {time.Year}{(time.TimeOfDay == TimeSpan.Zero ? "" : time.ToString(" 'at' HH:mm", CultureInfo.InvariantCulture))}";
}
