using System.Text;
using System.Text.RegularExpressions;

namespace Serverless.Scoring.Enrichment;

/// <summary>An address with <c>{column}</c> where a value of the row belongs. What a caller sends never chooses the host, nor leaves its own segment of the path.</summary>
internal sealed partial class UrlTemplate
{
    private readonly string[] texts;

    public UrlTemplate(string template)
    {
        var parts = Slot().Split(template); // text, column, text, column, ..., text
        texts = [.. parts.Where((_, i) => i % 2 == 0)];
        Columns = [.. parts.Where((_, i) => i % 2 == 1)];
    }

    public IReadOnlyList<string> Columns { get; }

    /// <summary>What is wrong with a template; null when nothing is.</summary>
    public static string? Problem(string template)
    {
        if (!Slot().IsMatch(template)) return $"'url' names no column: '{template}' would be the same for every row. Expected an address such as https://weather.example/stations/{{origin}}.";
        if (!Uri.TryCreate(Slot().Replace(template, "x"), UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")) return $"'url' must be an address that begins with https:// or http://, not '{template}'.";
        return Host().IsMatch(template) && uri.UserInfo.Length == 0 ? null : "'url' may use columns only behind the host, as in https://weather.example/stations/{origin}: what a caller sends must not choose where it is sent; passwords belong into 'headers', by reference.";
    }

    /// <summary>Null when a value is missing or could not stand in an address.</summary>
    /// <param name="value">By place in <see cref="Columns"/>.</param>
    public string? Fill(Func<int, string?> value)
    {
        var url = new StringBuilder(texts[0]);
        for (var i = 0; i < Columns.Count; i++)
        {
            // A segment of dots would be a step up the path.
            if (value(i) is not { Length: > 0 and <= 512 } text || text is "." or "..") return null;
            url.Append(Uri.EscapeDataString(text)).Append(texts[i + 1]);
        }

        return url.ToString();
    }

    [GeneratedRegex(@"\{([^{}]+)\}")]
    private static partial Regex Slot();

    [GeneratedRegex(@"^https?://[^/?#{}]+[/?]")]
    private static partial Regex Host();
}
