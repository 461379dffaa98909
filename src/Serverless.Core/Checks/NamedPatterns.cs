using System.Collections.Frozen;
using System.Text;

namespace Serverless.Checks;

/// <summary>
/// Expressions that have a name, after Deequ's Patterns. Where Deequ's need look-around or back-references (credit card, US social security number), these say the same
/// without, because RE2 has neither: linear time is worth more than a short text.
/// </summary>
internal static class NamedPatterns
{
    // emailregex.com, as in Deequ; letters of either case.
    private const string Email =
        """(?i)(?:[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*|"(?:[\x01-\x08\x0b\x0c\x0e-\x1f\x21\x23-\x5b\x5d-\x7f]|\\[\x01-\x09\x0b\x0c\x0e-\x7f])*")@(?:(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]*[a-z0-9])?|\[(?:(?:25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)\.){3}(?:25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?|[a-z0-9-]*[a-z0-9]:(?:[\x01-\x08\x0b\x0c\x0e-\x1f\x21-\x5a\x53-\x7f]|\\[\x01-\x09\x0b\x0c\x0e-\x7f])+)\])""";

    // @stephenhay of mathiasbynens.be/demo/url-regex, as in Deequ.
    private const string Url = @"(https?|ftp)://[^\s/$.?#].[^\s]*";

    private static readonly string[] Separators = ["", " ", "-"];

    private static readonly FrozenDictionary<string, string> ByName = new Dictionary<string, string>
    {
        ["email"] = Email, ["url"] = Url, ["credit-card"] = CreditCard(), ["us-ssn"] = SocialSecurity(),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static IReadOnlyList<string> Names { get; } = [.. ByName.Keys.Order(StringComparer.Ordinal)];

    public static string Find(string name) => ByName[name];

    // American Express 3-4-6-5 digits with a separator between the groups that is the same throughout; the others 4-4-4-4.
    private static string CreditCard() => $@"\b(?:{string.Join('|', Separators.SelectMany(s => new[]
    {
        $@"3[47]\d{{2}}{s}\d{{6}}{s}\d{{5}}", $@"(?:(?:4\d|5[1-5]|65)\d{{2}}|6011){s}\d{{4}}{s}\d{{4}}{s}\d{{4}}",
    }))})\b";

    // Area 001-665, 667-899; group 01-99; serial 0001-9999; never 219-09-9999 and 078-05-1120, which advertisements have used.
    private static string SocialSecurity()
    {
        const string Group = @"(?:0[1-9]|[1-9]\d)", Serial = @"(?:000[1-9]|00[1-9]\d|0[1-9]\d{2}|[1-9]\d{3})";
        const string Area = @"(?:00[1-9]|0[1-689]\d|07[0-79]|1\d{2}|2[02-9]\d|21[0-8]|[3-5]\d{2}|6[0-57-9]\d|66[0-57-9]|[78]\d{2})";
        var forms = new StringBuilder();
        foreach (var s in Separators)
        {
            if (forms.Length > 0) forms.Append('|');
            forms.Append($"{Area}{s}{Group}{s}{Serial}")
                .Append($@"|219{s}(?:(?:0[1-8]|[1-9]\d){s}{Serial}|09{s}(?:000[1-9]|00[1-9]\d|0[1-9]\d{{2}}|[1-8]\d{{3}}|9[0-8]\d{{2}}|99[0-8]\d|999[0-8]))")
                .Append($@"|078{s}(?:(?:0[1-46-9]|[1-9]\d){s}{Serial}|05{s}(?:000[1-9]|00[1-9]\d|0[1-9]\d{{2}}|1[02-9]\d{{2}}|11[013-9]\d|112[1-9]|[2-9]\d{{3}}))");
        }

        return $"(?:{forms})";
    }
}
